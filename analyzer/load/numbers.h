/*
 * What numbers of the current epoch stand for: threads, stacks. Grows as they are
 * given; `meaning` is freed by its owner. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_NUMBERS_H
#define PROFINJECT_LOAD_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

struct numbers {
    uint32_t *meaning; /* [number - first number] */
    size_t count, capacity;
};

/* Number `at`, counted from the first, means that; those skipped mean 0. */
void numbers_set(struct numbers *numbers, size_t at, uint32_t meaning);

/* Likewise those from `from` to before `to`. */
void numbers_fill(struct numbers *numbers, size_t from, size_t to, uint32_t meaning);

#endif
