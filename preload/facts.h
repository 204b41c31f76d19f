/*
 * What a trace says of its process: the properties of trace_format.h.
 */
#ifndef PROFINJECT_FACTS_H
#define PROFINJECT_FACTS_H

#include "preload/contract/drain.h"
#include "preload/contract/settings.h"

#include <stdbool.h>

struct facts {
    const struct settings *settings;
    const char *heap;                   /* mode in force, or "unavailable" */
    const char *heap_reason;            /* NULL, or why unavailable */
    uint64_t heap_interval;             /* mean bytes between sampled allocations, 0: none are */
    uint64_t memory_known;              /* TRACE_RESIDENT_* */
    const char *counters;               /* how the hardware's are read, or "unavailable" */
    const char *counters_reason;        /* NULL, or why unavailable */
    const char *kernel, *kernel_reason; /* likewise its frames, or "off" */
    const char *clock, *unwinder;
    const char *servant; /* "inside": a thread of the process; "outside"; "none" */
    const char *ring_file;
    uint64_t weight_unit_ns;
    uint64_t looks_asked; /* per second; 0: none */
    bool waits;           /* are watched by hooks */
    uint64_t start_monotonic_ns, start_realtime_ns;
    bool brief; /* told by the target's own thread, of a fork child of a moment: what the
                 * program is is taken from the parent */
};

/* Name of the running program as the kernel has it, for file names: at most 15
 * bytes, '/' replaced. */
void facts_comm(char *comm, size_t size);

/* Sets all properties. Reads /proc/self; servant's thread, unless `brief`. */
void facts_describe(const struct facts *facts, struct drain *drain);

#endif
