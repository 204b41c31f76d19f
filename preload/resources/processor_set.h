/*
 * Which processors: lists as "0-3,8", of the kernel's and of our own.
 *
 * Pure functions on the caller's memory, for any thread.
 */
#ifndef PROFINJECT_RESOURCES_PROCESSOR_SET_H
#define PROFINJECT_RESOURCES_PROCESSOR_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROCESSOR_SET_MAX 1024u /* numbers below it */

struct processor_set {
    uint64_t bits[PROCESSOR_SET_MAX / 64];
};

/* Adds what is in a list of the kernel's, up to what is none; false: that is at once. */
bool processor_set_read(struct processor_set *set, const char *list);

bool processor_set_has(const struct processor_set *set, unsigned number);
void processor_set_put(struct processor_set *set, unsigned number);
void processor_set_remove(struct processor_set *set, const struct processor_set *gone);
unsigned processor_set_count(const struct processor_set *set);

/* The lowest from `from` on, PROCESSOR_SET_MAX: there is none. */
unsigned processor_set_next(const struct processor_set *set, unsigned from);

/* Writes "0-3,8-14:2", the last being 8, 10, 12, 14: machines that count packages in turn would have
 * a long list. Its length; 0: it is empty, or does not fit in `size` with a null. */
size_t processor_set_write(const struct processor_set *set, char *to, size_t size);

#endif
