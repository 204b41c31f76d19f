/*
 * The ring file: what a profiled process shares with whoever drains it.
 *
 * One file per process image, RINGS/profinject.ID.PID.ring (ID: the recording's,
 * 16 hex digits), mapped MAP_SHARED, descriptor closed at once. The file is
 * sparse; pages are allocated by MADV_POPULATE_WRITE before their first use, so
 * that a full file system is an error code and never SIGBUS. One file rather
 * than one per thread: a thread then starts without a file system call, and a
 * dead process leaves one thing to find.
 *
 *   struct ring_file            the head: numbers, control, counters, regions
 *   struct ring_node[]          the stacks: node_capacity of them
 *   struct ring_slot + data[]   one per thread: slot_capacity of them
 *   struct ring_segment[]       exact heap events: segment_capacity of them, 0 without
 *
 * STACKS. A node is one frame; `parent` is the node of its caller. A number is
 * given away only after the node is whole, and a sample is committed after that:
 * no sample can refer to a node that is not there. The first node is
 * TRACE_STACK_FIRST; smaller numbers are reserved (trace_format.h). Numbers count on, modulo 2^32, and
 * node n lies in place n % node_capacity: those before `node_floor`, which nothing refers to any
 * more, make room for new ones (node_room.h).
 *
 * RECORDS. A slot's data is a byte ring. Positions count bytes since the slot's
 * start and never wrap; a record starts at a multiple of 8 and does not cross
 * the end (a pad record fills up). A producer reserves by moving `reserved`, fills
 * in, and stores the record's first word last, with release: 0 means not yet
 * committed. Producers are the thread, its own signal handlers, and the servant. The drain
 * reads from `consumed` up to the first uncommitted record, zeroes what it read
 * after the chunk holding it was written, and only then moves `consumed`. Before it
 * writes it notes in `taken` how far it read, and in `taken_at` the end of the trace, as
 * for segments: a chunk that is there is not written again.
 *
 * SEGMENTS. A thread that records every heap event writes them, as TRACE_HEAP_EVENTS has
 * them, into a segment, then into the next: a stream. The segment's state belongs to the
 * thread until it is RING_SEGMENT_FULL. Events grow up from the head, the places they name
 * grow down from the end; `committed` is stored after both, with release. The drain notes in
 * `taken` what it put into a chunk; that chunk was written once `trace_written` has passed
 * `taken_at`, so that nobody who looks on, or takes over, counts an event twice. A segment
 * that is full and written is free.
 *
 * START. What a trace begins with, properties and modules as records of its payload, is left
 * here before the process's own code runs: whoever finds the ring of a process that was
 * killed before its first chunk was written makes the trace from it.
 *
 * CHILDREN. A fork child that ends before it has anything to tell makes neither ring nor
 * trace: it adds itself to `children` of the ring it still has from its parent. When the trace
 * ends the word is closed, and such children have to speak for themselves.
 *
 * DEATH. A signal that is about to end the process leaves in `death` what it is and where it
 * came, before it does: whoever drains puts it into the trace.
 *
 * CONTROL. Whoever may write the file may ask the servant for something: it ors
 * RING_ASK_* into `requests` (RING_ASK_TOGGLE is flipped: two cancel out), adds 1 to
 * `asked`, then to `bell`, and wakes `bell` (a shared futex). `answered` follows
 * `asked` and is woken likewise. `trace` is where the trace is, or will be once
 * there is something to write.
 *
 * KEEPER. Who drains: the process itself, or, where `record` runs, a process beside it for
 * the whole tree (office.h, which has the bell then). The process offers the ring, the
 * keeper takes it when the process has lived for a moment; one that ends before takes it
 * back and writes itself. All the keeper cannot find out is in here: START, looks at
 * resident memory, the generation of modules, how the process ends. What only a thread of
 * the process can do (RING_CHORES_*) it is asked for by `chores`, and does at the next
 * place where it may (preload/chores.h).
 *
 * All times are nanoseconds of CLOCK_MONOTONIC. Fields shared between threads are
 * accessed by __atomic builtins. Written and read on one machine only.
 */
#ifndef PROFINJECT_RING_FORMAT_H
#define PROFINJECT_RING_FORMAT_H

#include "preload/contract/ring_records.h"
#include "preload/contract/trace_format.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RING_MAGIC "pinjring"
#define RING_VERSION 12u
#define RING_PAGE 4096u
#define RING_DATA_SIZE (32u << 10) /* 682 samples; power of two */
#define RING_SEGMENT_SIZE (64u << 10)
#define RING_STREAMS 4u /* of a thread: ordinary code, and depths of signal handlers */

/* What may be asked of the servant from outside. */
#define RING_ASK_PAUSE 1u
#define RING_ASK_RESUME 2u
#define RING_ASK_TOGGLE 4u
#define RING_ASK_FLUSH 8u
/* By the process itself, of its keeper: the end of the trace, as `end_kind` says. */
#define RING_ASK_END 16u
/* And that it drains no more. */
#define RING_ASK_YIELD 32u

/* Nodes get memory this many at a time, when less than half of it is left: a
 * pass of a compiler, the worst seen, needs 5000. */
#define RING_NODE_BATCH 16384u

/* Ended threads that make the drain come early. */
#define RING_ENDED_BATCH 32u

enum ring_keeper {
    RING_KEEPER_SELF = 0,    /* the process drains, or writes its end */
    RING_KEEPER_OFFERED = 1, /* nobody drains as yet */
    RING_KEEPER_OUTSIDE = 2,
};

/* What the keeper asks of the process: to look after what it has; to go on or stop; to make no
 * more system calls for us, as there is a filter for them now. */
#define RING_CHORES_LOOK 1u
#define RING_CHORES_PAUSE 2u
#define RING_CHORES_RESUME 4u
#define RING_CHORES_CONFINED 8u

#define RING_LOOKS 12u

#define RING_SIGNAL 32 /* the profiler's, which glibc keeps from programs; see preload/signals.h */

/* Of `children`: no more are taken; one more; the mask of microseconds of CPU time. */
#define RING_CHILDREN_CLOSED (1ull << 63)
#define RING_CHILD (1ull << 40)
#define RING_CHILDREN_US (RING_CHILD - 1)

#define RING_COUNTERS 32u
#define RING_REGIONS 1023u
#define RING_NAME 56u
#define RING_START (256u << 10)
#define RING_OBJECTS 1024u
#define RING_OBJECT_NAME 176u

/* A counter, or a region, is there once `used` is set, last. */
struct ring_counter {
    uint32_t used, kind; /* TRACE_COUNTER_* */
    char name[RING_NAME];
};
static_assert(sizeof(struct ring_counter) == 64, "layout is shared");

struct ring_region {
    uint32_t used, parent; /* number of the region around it, 0: none */
    char name[RING_NAME];
    uint64_t count, total_ns, longest_ns; /* of those left, over all threads */
    uint64_t padding[5];
};
static_assert(sizeof(struct ring_region) == 128, "layout is shared");

/* What is waited for, and has a name: there once `used` is set, last. */
struct ring_object {
    uint32_t used, kind; /* enum trace_object */
    uint64_t identity;   /* tells it from others of its kind: of a lock the address */
    /* Of a file or a peer: calls and bytes, over all threads; small: calls of less than 512 bytes;
     * onward: that began where the one before had ended. */
    uint64_t reads, read_bytes, reads_small, reads_onward;
    uint64_t writes, write_bytes, writes_small, writes_onward;
    char name[RING_OBJECT_NAME]; /* NUL-terminated; the end of a long one */
};
static_assert(sizeof(struct ring_object) == 256, "layout is shared");

/* What handlers cost, over all threads; filled only when asked for. */
struct ring_handler {
    uint64_t frames, reused;        /* walked in all; of them taken from the walk before */
    uint64_t rules_hit, rules_made; /* found in the cache; made */
    uint64_t longest_ns;
    uint64_t padding[11];
    uint32_t duration_ns[TRACE_BUCKETS]; /* histograms, trace_bucket_of() */
    uint32_t depth[TRACE_BUCKETS];
};

/* What the tables alone did not say, over all threads; by enum trace_unwinding. */
struct ring_unwinding {
    uint64_t counts[16];
};
static_assert(TRACE_UNWINDING_COUNT <= 16, "layout is shared");

/* The segments, all of them. */
struct ring_pool {
    uint32_t capacity; /* array size */
    uint32_t limit;    /* have memory at most, beside those being written to */
    uint32_t count;    /* have memory; all below it */
    uint32_t live;     /* are being written to */
    uint32_t full;     /* wait for the drain */
    uint32_t freed;    /* counts those given back; a futex */
    uint32_t clock;    /* enum ticks_kind of the events */
    uint32_t padding;
    uint64_t ticks, ticks_ns; /* as in the trace's last TRACE_HEAP_CLOCK; at first, of the start */
    uint64_t padding_a[2];
};
static_assert(sizeof(struct ring_pool) == 64, "layout is shared");

/* A signal that ends the process, as in TRACE_DEATH; by the thread it came to. */
enum { RING_DEATH_NONE = 0, RING_DEATH_CLAIMED = 1, RING_DEATH_TOLD = 2 };
struct ring_death {
    uint32_t state; /* RING_DEATH_*, TOLD is stored last */
    int32_t signal, code, sender;
    uint64_t time_ns, address;
    uint64_t slot_serial; /* of the thread in `slot`, 0: it has none */
    uint32_t slot, stack;
    int32_t tid;
    uint32_t padding;
    uint64_t padding_a;
};
static_assert(sizeof(struct ring_death) == 64, "layout is shared");

/* The process's memory at a moment, as in TRACE_RESIDENT. */
#define RESIDENT_FILE_MAX 127
struct resident_look {
    uint64_t time_ns;
    uint64_t known; /* TRACE_RESIDENT_* */
    uint64_t resident, shared;
    uint64_t live;
    uint64_t held, held_resident;
    uint64_t mapped, mapped_resident;
    uint64_t shmem, large, large_resident, stacks, data, own, lazy, loose, huge, hugetlb;
    uint64_t file_resident, highest;
    char file[RESIDENT_FILE_MAX + 1];
};
static_assert(RING_LOOKS * sizeof(struct resident_look) <= RING_PAGE, "they have a page");

struct ring_file {
    char magic[8];
    uint32_t version;
    int32_t pid;
    uint32_t node_capacity; /* array size; a power of two */
    uint32_t slot_capacity;
    uint32_t node_next;     /* next number to give away */
    uint32_t node_limit;    /* numbers before it have memory, and may be given away */
    uint32_t slot_count;    /* slots below it have memory */
    uint32_t slots_ended;   /* threads that ended since the file was made */
    uint64_t lost_threads;  /* threads not sampled for want of a slot or a timer */
    uint64_t trace_written; /* of the trace that is sound: trace_place() */
    uint32_t bell;          /* futexes and requests: see CONTROL */
    uint32_t requests, asked, answered;
    uint32_t sampling;           /* 1 while samples are taken */
    uint32_t has_counter;        /* one more than the last counter in use */
    uint32_t has_region;         /* likewise; region 0 is unused */
    uint32_t slot_hint;          /* all slots below it are in use */
    uint64_t looks, looking_ns;  /* of the wall clock: at all threads, in so much time */
    uint64_t period_ns, step_ns; /* of the clock; of the tick it rides on, 0: of none */
    uint64_t heap_lost;          /* heap events dropped for want of room, and */
    uint64_t mappings_lost;      /* those of mappings */
    uint64_t pid_namespace;      /* that `pid` is of: the inode of /proc/self/ns/pid */
    uint64_t children;           /* RING_CHILDREN_CLOSED, their number and their CPU time */
    uint64_t ended_live;         /* heap bytes of threads whose slots are free again */
    uint64_t nonce;              /* signals that ask carry it */
    uint64_t end_cpu_ns;         /* of the process, when it asked for its end */
    uint64_t start_size;         /* bytes of `start` that are there; stored last */
    uint32_t trace_chunks;       /* that are sound: the number of the next */
    uint32_t generation;         /* of loaded modules */
    uint32_t keeper;             /* enum ring_keeper */
    uint32_t chores;             /* RING_CHORES_* */
    uint32_t end_kind;           /* enum trace_end */
    int32_t end_status;
    uint32_t keeper_failed;          /* the trace cannot be written: errno */
    uint32_t looks_put, looks_taken; /* how many there were; were written */
    uint32_t rotates;                /* the trace, beyond */
    uint32_t node_floor;             /* by the drain: numbers before it mean nothing any more */
    uint64_t max_size;               /* bytes of it, 0: it may grow */
    uint64_t trace_records;          /* in all its chunks, also those that are gone */
    uint64_t waits_lost;             /* waits dropped for want of room */
    uint32_t wait_clock;             /* enum ticks_kind of `waiting`, 0: waits are not watched */
    uint32_t has_object;             /* one more than the last object in use; 0 is unused */
    uint64_t wait_ticks, wait_ns;    /* both read at one moment, at the start */
    uint64_t looked_ns;              /* at threads: long_looks.h */
    uint64_t wait_threshold_ns;
    uint32_t asking; /* threads for stacks of long waits: long_waits.h */
    uint32_t padding;
    uint64_t paused_ns, paused_since_ns; /* wall time in which nothing was to be sampled; that it is
                                          * not, since then, 0: it is */
    uint64_t start_ns;                   /* of the process image */
    uint64_t parent_start_ns;            /* of the one it was forked from, and its pid: */
    int32_t parent;                      /* 0: it was not, or it has called exec since */
    uint32_t code_serial[2]; /* by the drain: files of names for code that the trace has, */
    uint32_t padding_code;   /* and how much of each (TRACE_CODE_NAMES) */
    uint64_t code_put[2];
    struct ring_counter counters[RING_COUNTERS];
    struct ring_handler handler;
    struct ring_unwinding unwinding;
    struct ring_pool pool;
    char trace[RING_PAGE]; /* absolute path */
    struct ring_death death;
    uint8_t padding_a[2 * RING_PAGE - 368 - RING_COUNTERS * 64 - sizeof(struct ring_handler) -
                      sizeof(struct ring_unwinding) - sizeof(struct ring_pool) -
                      sizeof(struct ring_death)];
    union {
        struct resident_look memory_looks[RING_LOOKS]; /* number n in place n % RING_LOOKS */
        uint8_t page[RING_PAGE];
    };
    struct ring_region regions[RING_REGIONS + 1]; /* [0] is unused; memory as needed */
    uint8_t start[RING_START];                    /* see START; memory as needed */
    struct ring_object objects[RING_OBJECTS];     /* likewise; [0] is unused */
};
static_assert(offsetof(struct ring_file, regions) == 4 * RING_PAGE, "layout is shared");
static_assert(sizeof(struct ring_file) % RING_PAGE == 0, "layout is shared");

struct ring_node {
    uint64_t code; /* pc << TRACE_NODE_BITS | TRACE_NODE_* */
    uint32_t parent;
    uint32_t generation; /* of loaded modules, see TRACE_STACKS */
};
static_assert(sizeof(struct ring_node) == 16, "layout is shared");

enum ring_slot_state {
    RING_SLOT_FREE = 0,
    RING_SLOT_LIVE = 1,
    RING_SLOT_ENDED = 2,   /* the thread is gone; free once it is drained */
    RING_SLOT_CLAIMED = 3, /* being filled in */
    RING_SLOT_LEAVING = 4, /* the thread is gone; the servant has yet to add its last
                            * stretch of time, then it is ENDED */
};

/* Exact counts since the thread's start; usable bytes. Written by the thread. */
struct ring_memory {
    uint64_t alloc_count, alloc_bytes, free_count, free_bytes;
    int64_t until_sample; /* bytes to allocate before one is sampled; less than 0: this one */
};

/* By the kernel's count, of the thread's whole life. */
struct ring_scheduling {
    uint64_t cpu_ns, runnable_ns; /* runnable: ready, and without a processor */
    uint32_t voluntary, involuntary, migrations;
    uint32_t known;     /* TRACE_SCHEDULING_*: which of these */
    uint64_t paused_ns; /* scheduling_paused_ns() then */
};
static_assert(sizeof(struct ring_scheduling) == 40, "layout is shared");

struct ring_slot {
    uint32_t state; /* enum ring_slot_state */
    int32_t tid;
    uint64_t serial; /* tells the users of a recycled slot apart; from 1 */
    uint64_t start_ns, end_ns;
    uint64_t cpu_start_ns; /* the thread's CPU clock when it was attached, and */
    uint64_t cpu_end_ns;   /* when it ended */
    uint64_t flags;        /* TRACE_THREAD_* */
    char name[16];         /* NUL-terminated */
    uint64_t samples, lost;
    struct ring_memory memory;
    /* CPU time for which no clock was to run, before the stretch that began when the thread's
      * CPU clock stood at `paused_since_ns`; 0: its clock is to run. */
    uint64_t paused_ns, paused_since_ns;
    /* What the samples taken, or lost, stand for, in clock periods; the last one's leaf node;
     * how many came on time, by no kernel's tick. */
    uint64_t periods;
    uint32_t last_stack, on_time;
    uint64_t segments;    /* that the thread has begun */
    uint64_t cpu_seen_ns; /* as cpu_end_ns, of a thread that lives, when somebody looked last */
    /* By the drain: the next segment of each stream, and how many were written. */
    uint64_t next_segment[RING_STREAMS], segments_written;
    uint64_t taken, taken_at; /* likewise; 0: nothing is being written */
    uint64_t dropped;         /* by the drain: samples taken that the trace had no room for */
    uint8_t padding_a[16];    /* producers, drain and counters on lines of their own */
    uint64_t reserved;        /* by producers */
    uint8_t padding_b[120];
    uint64_t consumed; /* by the drain */
    uint8_t padding_c[120];
    int64_t counters[RING_COUNTERS];        /* since the thread's start; written by the thread */
    uint64_t counts_written[RING_COUNTERS]; /* by the drain: sums that the trace holds */
    struct ring_look look;
    struct ring_waiting waiting;         /* by the thread, as what follows */
    struct ring_wait waits[RING_WAITS];  /* see WAITS */
    struct ring_scheduling begun, ended; /* of the thread when it was attached; at its end */
    uint8_t padding_d[RING_PAGE - 512 - RING_COUNTERS * 16 - sizeof(struct ring_look) -
                      sizeof(struct ring_waiting) - RING_WAITS * sizeof(struct ring_wait) -
                      2 * sizeof(struct ring_scheduling)];
    uint8_t data[RING_DATA_SIZE];
};
static_assert(offsetof(struct ring_slot, data) == RING_PAGE, "layout is shared");
static_assert(sizeof(struct ring_slot) == RING_PAGE + RING_DATA_SIZE, "layout is shared");

enum ring_segment_state {
    RING_SEGMENT_FREE = 0,
    RING_SEGMENT_LIVE = 1,    /* a thread writes to it */
    RING_SEGMENT_FULL = 2,    /* no longer */
    RING_SEGMENT_CLAIMED = 3, /* being filled in */
};

/* Where an allocation was made. */
struct ring_place {
    uint32_t stack, region;
};

struct ring_segment {
    uint32_t state; /* enum ring_segment_state */
    uint32_t slot;  /* index of the thread's */
    uint64_t slot_serial;
    uint32_t stream, shift;  /* shift: of addresses, as in TRACE_HEAP_EVENTS */
    uint64_t serial;         /* in the stream, from 0 */
    uint64_t ticks, address; /* what the first event counts from */
    uint64_t padding_a[2];
    /* By the drain: bytes taken, what the next one counts from, and where the trace ended
     * before the chunk with them, plus 1; 0: none was. */
    uint64_t taken_at, taken_ticks, taken_address;
    uint32_t taken, written; /* written: of those before */
    uint64_t written_ticks, written_address;
    uint64_t padding_b[2];
    /* By the thread. */
    uint32_t committed, places; /* committed: bytes; stored last */
    uint64_t padding_c[7];
    uint8_t data[RING_SEGMENT_SIZE - 192];
};
static_assert(offsetof(struct ring_segment, data) == 192, "layout is shared");
static_assert(sizeof(struct ring_segment) == RING_SEGMENT_SIZE, "layout is shared");

/* The drain is to come for so many full ones. */
static inline uint32_t ring_pool_share(const struct ring_pool *pool)
{
    return pool->limit / 16 ? pool->limit / 16 : 1;
}

static inline struct ring_place *ring_place_at(struct ring_segment *segment, uint32_t index)
{
    return (struct ring_place *)(segment + 1) - 1 - index;
}

static inline struct ring_node *ring_nodes(struct ring_file *file)
{
    return (struct ring_node *)(file + 1);
}

static inline struct ring_node *ring_node_at(struct ring_file *file, uint32_t number)
{
    return ring_nodes(file) + (number & (file->node_capacity - 1));
}

static inline struct ring_slot *ring_slot_at(struct ring_file *file, uint32_t index)
{
    return (struct ring_slot *)(ring_nodes(file) + file->node_capacity) + index;
}

static inline struct ring_segment *ring_segment_at(struct ring_file *file, uint32_t index)
{
    return (struct ring_segment *)ring_slot_at(file, file->slot_capacity) + index;
}

/* It is a thread's, or was and is not drained to the end. */
static inline bool ring_slot_in_use(const struct ring_slot *slot)
{
    uint32_t state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);
    return state == RING_SLOT_LIVE || state == RING_SLOT_ENDED || state == RING_SLOT_LEAVING;
}

/* The slot may be claimed again: whoever drained it is done with it. */
static inline void ring_free_slot(struct ring_file *file, uint32_t index)
{
    uint32_t hint = __atomic_load_n(&file->slot_hint, __ATOMIC_RELAXED);
    __atomic_store_n(&ring_slot_at(file, index)->state, RING_SLOT_FREE, __ATOMIC_RELEASE);
    while (index < hint && !__atomic_compare_exchange_n(&file->slot_hint, &hint, index, true,
                                                        __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        ;
}

/* How many children `word` counts. */
static inline uint64_t ring_children(uint64_t word)
{
    return (word & ~RING_CHILDREN_CLOSED) / RING_CHILD;
}

static inline size_t ring_page_round(size_t size)
{
    return (size + RING_PAGE - 1) & ~(size_t)(RING_PAGE - 1);
}

static inline size_t ring_file_size(uint32_t nodes, uint32_t slots, uint32_t segments)
{
    return sizeof(struct ring_file) + (size_t)nodes * sizeof(struct ring_node) +
           (size_t)slots * sizeof(struct ring_slot) +
           (size_t)segments * sizeof(struct ring_segment);
}

/* True of a ring of this version in a file of `size` bytes: all its parts lie in it. */
static inline bool ring_is_whole(const struct ring_file *ring, size_t size)
{
    return memcmp(ring->magic, RING_MAGIC, sizeof ring->magic) == 0 &&
           ring->version == RING_VERSION && ring->slot_count <= ring->slot_capacity &&
           ring->node_capacity && !(ring->node_capacity & (ring->node_capacity - 1)) &&
           ring->pool.count <= ring->pool.capacity && ring->start_size <= sizeof ring->start &&
           ring_file_size(ring->node_capacity, ring->slot_capacity, ring->pool.capacity) == size &&
           memchr(ring->trace, '\0', sizeof ring->trace) != NULL;
}

#endif
