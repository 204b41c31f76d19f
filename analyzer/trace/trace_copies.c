/*
 * Copies of traces. Its own file because who makes them and who reads them know nothing of
 * each other.
 */
#include "analyzer/trace/trace_copies.h"

#include "analyzer/util/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void trace_copies_add(struct trace_copies *copies, const char *trace, int fd)
{
    copies->items =
        memory_grow(copies->items, copies->count, &copies->capacity, sizeof(*copies->items));
    struct trace_copy *copy = &copies->items[copies->count++];
    copy->trace = memory_strdup(trace);
    copy->fd = fd;
    snprintf(copy->content, sizeof(copy->content), "/proc/self/fd/%d", fd);
}

void trace_copies_release(struct trace_copies *copies)
{
    for (size_t i = 0; i < copies->count; i++) {
        close(copies->items[i].fd);
        free(copies->items[i].trace);
    }
    free(copies->items);
    memset(copies, 0, sizeof(*copies));
}
