/*
 * Traces that are more whole in memory than on the disk: what the ring file of a killed
 * process holds is put behind a copy where the recording may not be written.
 *
 * Owns its strings and descriptors. Not thread-safe.
 */
#ifndef PROFINJECT_TRACE_TRACE_COPIES_H
#define PROFINJECT_TRACE_TRACE_COPIES_H

#include <stddef.h>

struct trace_copy {
    char *trace;      /* path of the trace it stands for, which may not exist */
    char content[32]; /* path to read it from */
    int fd;
};

struct trace_copies {
    struct trace_copy *items;
    size_t count, capacity;
};

/* `fd` is taken over. */
void trace_copies_add(struct trace_copies *copies, const char *trace, int fd);
void trace_copies_release(struct trace_copies *copies);

#endif
