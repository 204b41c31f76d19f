/*
 * Cells of text tables. Its own file because only here are widths and colours
 * dealt with.
 */
#include "analyzer/reports/text_cells.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ELLIPSIS "…"
#define KEPT_BLANK '\037' /* one at which no line ends */

char *cells_elide(const char *text, size_t width)
{
    char *clean = utf8_clean(text);
    size_t length = utf8_length(clean);

    if (length <= width || width < 2)
        return clean;
    /* One column more on the left, where names differ first. */
    size_t right = (width - 1) / 2;
    size_t left = width - 1 - right;
    char *elided = memory_printf("%.*s%s%s", (int)utf8_prefix(clean, left), clean, ELLIPSIS,
                                 clean + utf8_prefix(clean, length - right));
    free(clean);
    return elided;
}

static const char *color_code(enum cell_color color)
{
    switch (color) {
    case CELL_BOLD:
        return "\033[1m";
    case CELL_HOT:
        return "\033[1;31m";
    case CELL_WARM:
        return "\033[33m";
    case CELL_DIM:
        return "\033[2m";
    case CELL_PLAIN:
        break;
    }
    return "";
}

void cells_text(const struct cells *cells, const char *text, int width, enum cell_color color)
{
    size_t room = (size_t)abs(width);
    char *shown = cells_elide(text, room);
    size_t length = utf8_length(shown);
    int blanks = length < room ? (int)(room - length) : 0;
    bool colored = cells->color && color != CELL_PLAIN;

    fprintf(cells->out, "%*s%s%s%s%*s", width < 0 ? blanks : 0, "",
            colored ? color_code(color) : "", shown, colored ? "\033[0m" : "",
            width < 0 ? 0 : blanks, "");
    free(shown);
}

void cells_bar(const struct cells *cells, int64_t part, int64_t whole, int width,
               enum cell_color color)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    int steps = cells->blocks ? 8 : 1;
    double share = whole > 0 && part > 0 ? (double)part / (double)whole : 0;
    int length = (int)((share > 1 ? 1 : share) * width * steps + 0.5);
    size_t size = 0;
    char bar[256] = "";

    if (share > 0 && length == 0)
        length = 1;
    for (int i = 0; i < length / steps && size + 8 < sizeof(bar); i++)
        size += (size_t)snprintf(bar + size, sizeof(bar) - size, "%s", cells->blocks ? "█" : "#");
    snprintf(bar + size, sizeof(bar) - size, "%s", eighths[length % steps]);
    cells_text(cells, bar, width, color);
}

/* A number and its unit: "12 %", "3.4 ms", "5.6 MiB/s", "78 k". `blank` is what stands between them. */
static bool is_before_unit(const char *text, const char *blank)
{
    static const char *const units[] = {"%",   "ns",  "us",  "ms",  "s", "min", "h", "B",
                                        "KiB", "MiB", "GiB", "TiB", "k", "M",   "G"};

    if (blank == text || *blank != ' ' || blank[-1] < '0' || blank[-1] > '9')
        return false;
    size_t length = strcspn(blank + 1, " ,;:)/|.");
    for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
        if (strlen(units[i]) == length && strncmp(units[i], blank + 1, length) == 0)
            return true;
    return false;
}

/* Bytes of `text` up to the last blank that leaves no more than `room` columns before it, or up
 * to the first one at all; no number is parted from its unit. */
static size_t part_that_fits(const char *text, size_t room)
{
    size_t fits = 0;

    for (size_t end = 0;; end++) {
        end += strcspn(text + end, " ");
        if (is_before_unit(text, text + end))
            continue;
        char *part = memory_printf("%.*s", (int)end, text);
        bool is_too_long = utf8_length(part) > room;
        free(part);
        if (is_too_long && fits > 0)
            return fits;
        fits = end;
        if (is_too_long || text[end] == '\0')
            return fits;
    }
}

void cells_keep_together(char *text)
{
    for (; *text != '\0'; text++)
        if (*text == ' ')
            *text = KEPT_BLANK;
}

static void show_kept_blanks(char *text)
{
    for (; *text != '\0'; text++)
        if (*text == KEPT_BLANK)
            *text = ' ';
}

void cells_wrap(const struct cells *cells, const char *text, size_t used, size_t indent,
                enum cell_color color)
{
    for (;;) {
        size_t length = part_that_fits(text, cells->columns > used ? cells->columns - used : 0);
        size_t shown = length;
        while (shown > 0 && text[shown - 1] == ' ')
            shown--;
        char *part = memory_printf("%.*s", (int)shown, text);
        show_kept_blanks(part);
        cells_text(cells, part, (int)utf8_length(part), color);
        fputc('\n', cells->out);
        free(part);
        text += length;
        text += strspn(text, " ");
        if (*text == '\0')
            return;
        used = indent;
        fprintf(cells->out, "%*s", (int)indent, "");
    }
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

char *cells_place(const char *file, uint32_t line, const char *module)
{
    if (file != NULL && line != 0)
        return memory_printf("%s:%" PRIu32, last_part(file), line);
    if (file != NULL)
        return memory_strdup(last_part(file));
    if (module == NULL)
        return memory_strdup("-");
    return memory_printf(*module == '[' ? "%s" : "[%s]", last_part(module));
}

void cells_heading(const struct cells *cells, const char *title, const char *note)
{
    fputc('\n', cells->out);
    cells_text(cells, title, (int)utf8_length(title), CELL_BOLD);
    if (note == NULL) {
        fputc('\n', cells->out);
        return;
    }
    char *text = memory_printf("(%s)", note);
    bool fits = utf8_length(title) + utf8_length(text) + 3 <= cells->columns;
    fputs(fits ? "   " : "\n  ", cells->out);
    cells_wrap(cells, text, fits ? cells->columns - utf8_length(text) : 2, 3, CELL_PLAIN);
    free(text);
}
