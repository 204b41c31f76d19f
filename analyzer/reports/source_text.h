/*
 * The text of a source file that debug information names: on this machine, if it is there.
 *
 * The one place where a report opens files. Names come from foreign programs: only regular files are
 * read, up to SOURCE_TEXT_MOST. Owns its memory.
 */
#ifndef PROFINJECT_REPORTS_SOURCE_TEXT_H
#define PROFINJECT_REPORTS_SOURCE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOURCE_TEXT_MOST (64u << 20) /* bytes; generated files have some */

struct source_text {
    char *path;    /* where it was found, NULL: nowhere */
    char *looked;  /* the places looked at, in words, when it was not */
    bool is_newer; /* it changed after the recording began: lines may be others */
    char *content;
    size_t *starts; /* of lines in it, each ended by NUL */
    size_t line_count;
};

/*
 * Looks for `file` below `directory` (NULL: none was given), at its own path, and below the current
 * directory; below a directory by its last parts, as many as are there: "src/dict.c", then "dict.c".
 * Always succeeds; release with source_text_release().
 */
void source_text_init(struct source_text *text, const char *file, const char *directory,
                      uint64_t recorded_realtime_ns);
void source_text_release(struct source_text *text);

/* Line `number`, from 1, clean (utf8.h) and with blanks for tabs, at most `width` columns; NULL:
 * there is none. free(). */
char *source_text_line(const struct source_text *text, uint32_t number, size_t width);
char *source_text_stripped(const struct source_text *text, uint32_t number,
                           size_t width); /* without what it is indented by */

#endif
