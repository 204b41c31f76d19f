/*
 * What each line of source text cost, in one metric: self (the leaf was there) and total (it was
 * anywhere on the stack, so with what is called from there; once per stack).
 *
 * Code that was inlined is on its own lines, and its cost in the total of the line that calls it.
 *
 * Read only once made; owns its memory.
 */
#ifndef PROFINJECT_MODEL_SOURCE_LINES_H
#define PROFINJECT_MODEL_SOURCE_LINES_H

#include "analyzer/model/labels.h"

struct source_line {
    const char *file; /* the profile's */
    uint32_t line;    /* above 0 */
    int64_t self, total;
};

/* A function inlined somewhere. */
struct inlined_call {
    const char *function; /* the profile's, as the others */
    const char *file;     /* of the line that calls it, as far as it is known */
    uint32_t line;
    int64_t total;
};

struct source_lines {
    struct source_line *items; /* by file, then line: those met in any stack */
    size_t count, capacity;
    struct inlined_call *inlined; /* by falling total */
    size_t inlined_count, inlined_capacity;
};

/* Of frames with is_wanted[frame]; inlined calls are those of such frames, and those made from
 * their lines. */
void source_lines_init(struct source_lines *lines, const struct profile *profile,
                       const bool *is_wanted, enum metric metric);
void source_lines_release(struct source_lines *lines);

#endif
