/*
 * The leaks of one trace: which blocks were not freed at its end, summed by site, and what
 * the scan of the memory says of them, where there was one.
 *
 * Part of trace_loader.c; the trace is read once more for the scan. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_LEAK_LOADER_H
#define PROFINJECT_LOAD_LEAK_LOADER_H

#include "analyzer/load/heap_loader.h"
#include "analyzer/trace/trace_reader.h"

/* Live blocks of one site of the replay and one kind. */
struct loaded_leak {
    uint32_t site;
    enum leak_kind kind;
    struct heap_amount amount;
    uint64_t first_ns, last_ns;
};

struct loaded_leaks {
    struct loaded_leak *items;
    size_t count, capacity;
};

/* What a TRACE_SCAN record says. */
struct profile_leak_scan leak_loader_scan(const struct trace_scan *scan);

/* After heap_loader_finish(). `path`: of the trace, which could be read before. Of a part of
 * the run: what was allocated then and was not freed at its end. */
void leak_loader_find(struct loaded_leaks *leaks, const struct heap_replay *replay,
                      struct profile_heap *heap, const char *path);
void leak_loader_release(struct loaded_leaks *leaks);

#endif
