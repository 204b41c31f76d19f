/*
 * Which lines of a file are shown: those that cost most, with what stands around them.
 * Owns its memory.
 */
#ifndef PROFINJECT_REPORTS_SOURCE_REGION_H
#define PROFINJECT_REPORTS_SOURCE_REGION_H

#include "analyzer/model/source_lines.h"

#define SOURCE_CONTEXT 3u /* lines around one that cost something */
#define SOURCE_WHOLE 60u  /* a function so long is shown whole */

struct source_region {
    uint32_t *lines; /* rising; where one is not the next after the one before, some are left out */
    size_t count, capacity;
    size_t costly;       /* lines that cost something, */
    size_t costly_shown; /* and those of them that are shown: with most total */
};

/*
 * Of `count` lines of one file, rising; the `most` costliest of them. `from`: the first line of a
 * function, 0: not one function is shown. `last`: of the file's text, 0: there is none, and lines
 * without cost are not shown.
 */
void source_region_init(struct source_region *region, const struct source_line *lines, size_t count,
                        size_t most, uint32_t from, uint32_t last);
void source_region_release(struct source_region *region);

#endif
