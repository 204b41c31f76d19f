/*
 * What a profile knows of waits. Values only; profile.h owns them.
 */
#ifndef PROFINJECT_MODEL_WAITS_H
#define PROFINJECT_MODEL_WAITS_H

#include "preload/contract/trace_values.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The waits of a place, in the window. */
struct wait_sums {
    uint64_t count, open; /* that ended; that were not over */
    uint64_t total_ns;    /* wall time of the calls, of which */
    uint64_t blocked_ns;  /* the thread was blocked, */
    uint64_t runnable_ns; /* and ready to run */
    uint64_t longest_ns, bytes;
    uint64_t first_ns, last_ns; /* when the first began, and the last ended; 0: none */
};

void wait_sums_add(struct wait_sums *sum, const struct wait_sums *part);

#define WAIT_OBJECT_NONE UINT32_MAX /* not known for what */
#define WAIT_THREAD_NONE UINT32_MAX /* not known who, or not in the recording */

/* What one thread waited for in one place: the stack ends in the mark of the kind. */
struct profile_wait {
    uint32_t thread, stack, region;
    uint32_t kind;        /* see wait_kind.h */
    uint32_t object;      /* number in profile->objects */
    int32_t peer;         /* tid, of TRACE_WAIT_CHILD pid; 0: not known. As TRACE_WAITS says */
    uint32_t peer_thread; /* number in profile->threads */
    struct wait_sums sums;
};

/* A wait that was recorded alone, and took a while. */
struct profile_single {
    uint32_t thread, stack, region, kind, object, peer_thread;
    int32_t peer;
    bool open; /* it was not over */
    uint64_t begin_ns, end_ns;
    /* Of `peer_thread`, of a lock: where it was sampled, or waited, last before this wait
     * ended, and when; 0: nowhere. */
    uint32_t sample_stack;
    uint64_t sample_ns;
};

struct object_io {
    uint64_t calls, bytes, small, onward; /* as in TRACE_OBJECT */
};

/* What was waited for. */
struct profile_object {
    uint32_t process;
    bool has_address; /* else it is one of `kind` */
    enum trace_object kind;
    uint64_t address;
    const char *name;     /* NULL: none; then, if that is known, */
    const char *where;    /* what memory it lies in: "in the heap" */
    uint32_t image;       /* of the module below the address, while loading; 0: none */
    uint64_t elf_address; /* in that */
    struct object_io reads, writes;
};

#endif
