/*
 * The records in a thread's ring (ring_format.h, RECORDS), and what a thread keeps of its waits
 * until they become some.
 *
 * WAITS. A thread that waited long enough to be told of adds that to the entry of the same stack, kind,
 * object and peer in its slot; there it stays until it is written into the ring as a record: at once
 * when it was long, else when it is a second old or its place is needed. So waits in a flood come
 * to few records, and none is lost for want of room in the ring. Entries of a thread that ended,
 * or died, are the drain's to read. What a thread waits for just now, and since when, is in
 * `struct ring_waiting`.
 *
 * Written and read on one machine only, as the file is.
 */
#ifndef PROFINJECT_RING_RECORDS_H
#define PROFINJECT_RING_RECORDS_H

#include <assert.h>
#include <stdint.h>

enum ring_record_type {
    RING_PAD = 1,
    RING_SAMPLE = 2,
    RING_COUNT = 3,
    RING_OFFCPU = 4,
    RING_HEAP = 5,
    RING_MAPPING = 8, /* a struct ring_heap, of enum trace_mapping: `size` is the length */
    RING_WAIT = 9,
};

/* First word of every record: size in bytes << 8 | type. */
static inline uint32_t ring_commit_word(uint32_t size, enum ring_record_type type)
{
    return size << 8 | (uint32_t)type;
}

/* One stack taken. Memory figures are since the thread's sample before. */
struct ring_sample {
    uint32_t commit; /* written last */
    uint32_t stack;  /* leaf node */
    uint64_t time_ns;
    uint32_t weight; /* clock periods: 1 + overrun */
    uint32_t region; /* the thread was in, 0: none */
    uint32_t alloc_count, free_count;
    uint64_t alloc_bytes, free_bytes;
};
static_assert(sizeof(struct ring_sample) == 48, "layout is shared");

/* What the thread added to a counter since its sample before; follows a sample. */
struct ring_count {
    uint32_t commit; /* written last */
    uint32_t stack;
    uint64_t time_ns;
    uint32_t counter;
    uint32_t region; /* as the sample's */
    int64_t delta;
};
static_assert(sizeof(struct ring_count) == 32, "layout is shared");

/* A stretch of wall time in which the thread did not run. Written by the servant. */
struct ring_offcpu {
    uint32_t commit; /* written last */
    uint32_t stack;
    uint64_t time_ns; /* end of the stretch */
    uint64_t length_ns;
    uint32_t state; /* enum trace_offcpu */
    uint32_t padding;
};
static_assert(sizeof(struct ring_offcpu) == 32, "layout is shared");

/* A sampled block was allocated, or one that was is freed. */
struct ring_heap {
    uint32_t commit; /* written last */
    uint32_t kind;   /* enum trace_heap_event */
    uint64_t time_ns;
    uint64_t address;
    uint64_t size; /* bytes asked for; of allocations, as what follows */
    uint32_t stack;
    uint32_t region; /* as the sample's */
};
static_assert(sizeof(struct ring_heap) == 40, "layout is shared");

/* Waits of one thread with all of this in common: as TRACE_WAITS has them. In the ring, or an
 * entry of the slot, where `commit` is 0 while it is empty, and odd while it is written. */
struct ring_wait {
    uint32_t commit; /* written last */
    uint32_t stack;
    uint32_t region;
    uint32_t kind; /* enum trace_wait */
    uint32_t peer;
    uint32_t count;
    uint64_t object;
    uint64_t begin_ns, end_ns; /* of the first, of the last */
    uint64_t total_ns, longest_ns;
    uint64_t bytes;
};
static_assert(sizeof(struct ring_wait) == 72, "layout is shared");

/* The wait a thread is in, written by itself: `kind` last when it begins, 0 when it ends. */
struct ring_waiting {
    uint32_t kind; /* enum trace_wait, 0: none that is watched */
    uint32_t peer;
    uint64_t ticks;     /* when that began, see ring_file.wait_clock */
    uint64_t object;    /* or RING_WAIT_DESCRIPTOR with a descriptor's number */
    uint64_t hooked_ns; /* of all waits that ended and were told of, in all */
    uint64_t sp;        /* of the hook's frame: one above it is not in that wait any more */
    /* See long_waits.h: of the wait for whose stack the thread was asked, and of the one that
     * `stack` is of. */
    uint64_t asked, stack_ticks;
    uint32_t stack, padding;
};
static_assert(sizeof(struct ring_waiting) == 64, "layout is shared");

/* What was seen of a thread that does not run, in no wait of a hook: long_looks.h. By who looks, but
 * for the answer. */
struct ring_look {
    uint64_t cpu_ns;            /* it had run so long when, */
    uint64_t since_ns, seen_ns; /* first and last, it was seen there; 0: it was not */
    uint64_t told_ns;           /* the trace has it up to here, 0: nothing of it */
    uint32_t kind;              /* enum trace_wait, 0: not known */
    uint32_t over;              /* it has run since */
    uint32_t looked;            /* what it waits for was asked of the kernel */
    uint32_t asked;             /* of the thread: RING_LOOK_* */
    uint32_t stack, padding;
};
static_assert(sizeof(struct ring_look) == 56, "layout is shared");

enum { RING_LOOK_ASKED = 1, RING_LOOK_ANSWERED = 2 };

/* Of `object`: what is behind the descriptor is found out when the wait is told. */
#define RING_WAIT_DESCRIPTOR (1ull << 63)

#define RING_WAITS 32u /* entries of a slot */

#endif
