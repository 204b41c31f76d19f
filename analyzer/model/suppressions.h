/*
 * Suppressions of leaks, in LeakSanitizer's syntax: which leaks a user knows of and does
 * not want to hear about.
 *
 *   # comment
 *   leak:PATTERN
 *
 * A pattern is found anywhere in the function, the source file or the module of any frame
 * of the stack: '*' stands for anything, '^' at its start for the beginning, '$' at its end
 * for the end of that name. As there, each part between stars is looked for once, from the
 * left: "ab$" is not found in "abab". Lines for other sanitizers (race:, ...) are passed
 * over. The first rule that fits counts.
 *
 * Owns its memory; read only once read. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_SUPPRESSIONS_H
#define PROFINJECT_MODEL_SUPPRESSIONS_H

#include "analyzer/model/profile.h"
#include "analyzer/util/problem.h"

struct suppression {
    char *pattern;
    unsigned line; /* in its file, from 1 */
};

struct suppressions {
    struct suppression *rules;
    size_t count, capacity;
    char **complaints; /* one line for each line that means nothing */
    size_t complaint_count, complaint_capacity;
};

#define SUPPRESSION_NONE SIZE_MAX

/* Reads the file at `path`. 0, or PROBLEM_SYSTEM when it cannot be read; lines that mean
 * nothing are no failure but become complaints. Released in either case. */
int suppressions_read(struct suppressions *suppressions, const char *path, struct problem *problem);
void suppressions_release(struct suppressions *suppressions);

/* True when the pattern is found in `text`; never in NULL and "". */
bool suppression_matches(const char *pattern, const char *text);

/* Number of the rule that fits the stack, or SUPPRESSION_NONE. */
size_t suppressions_find(const struct suppressions *suppressions, const struct profile *profile,
                         uint32_t stack);

#endif
