/*
 * Columns on a terminal: text cut and padded to a width, colour where wanted.
 * Foreign text is cleaned of control characters here. No state.
 */
#ifndef PROFINJECT_REPORTS_TEXT_CELLS_H
#define PROFINJECT_REPORTS_TEXT_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum cell_color { CELL_PLAIN, CELL_BOLD, CELL_HOT, CELL_WARM, CELL_DIM };

struct cells {
    FILE *out;
    bool color;
    bool blocks; /* the terminal shows parts of a block: ▌ */
    unsigned columns;
};

/* `text` cleaned and at most `width` columns wide, its middle replaced by an
 * ellipsis when it is longer: both ends of a name say most. free(). */
char *cells_elide(const char *text, size_t width);

/* Writes text padded to |width| columns, to the right when `width` is negative. */
void cells_text(const struct cells *cells, const char *text, int width, enum cell_color color);

/* Writes a bar `width` columns wide, full where `part` is `whole`: in eighths of a column where the
 * terminal shows them, else in whole ones. What is above 0 is seen. */
void cells_bar(const struct cells *cells, int64_t part, int64_t whole, int width,
               enum cell_color color);

/* Writes text, broken at blanks into lines of at most cells->columns; of the first `used` are taken,
 * others begin with `indent` blanks. A longer word stays whole. Ends the last line. */
void cells_wrap(const struct cells *cells, const char *text, size_t used, size_t indent,
                enum cell_color color);

/* Keeps cells_wrap() from ending a line within that part of a text: a name and its number, say. */
void cells_keep_together(char *text);

/* "file:line" by the file's last part, or the module's in brackets; free(). */
char *cells_place(const char *file, uint32_t line, const char *module);

/* A heading line, with a note in plain brackets where there is one, on lines of its own
 * where it does not fit. */
void cells_heading(const struct cells *cells, const char *title, const char *note);

#endif
