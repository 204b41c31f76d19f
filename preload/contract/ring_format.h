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
 *   struct ring_file            one page
 *   struct ring_node[]          the stacks: node_capacity of them
 *   struct ring_slot + data[]   one per thread: slot_capacity of them
 *
 * STACKS. A node is one frame; `parent` is the node of its caller. A number is
 * given away only after the node is whole, and a sample is committed after that:
 * no sample can refer to a node that is not there. The first node is
 * TRACE_STACK_FIRST; smaller numbers are reserved (trace_format.h).
 *
 * RECORDS. A slot's data is a byte ring. Positions count bytes since the slot's
 * start and never wrap; a record starts at a multiple of 8 and does not cross
 * the end (a pad record fills up). A producer reserves by moving `reserved`, fills
 * in, and stores the record's first word last, with release: 0 means not yet
 * committed. Producers are the thread and its own signal handlers. The drain
 * reads from `consumed` up to the first uncommitted record, zeroes what it read
 * after the chunk holding it was written, and only then moves `consumed`.
 *
 * All times are nanoseconds of CLOCK_MONOTONIC. Fields shared between threads are
 * accessed by __atomic builtins. Written and read on one machine only.
 */
#ifndef PROFINJECT_RING_FORMAT_H
#define PROFINJECT_RING_FORMAT_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define RING_MAGIC "pinjring"
#define RING_VERSION 1u
#define RING_PAGE 4096u
#define RING_DATA_SIZE (32u << 10) /* 682 samples; power of two */

struct ring_file {
    char magic[8];
    uint32_t version;
    int32_t pid;
    uint32_t node_capacity; /* array size; numbers below it are valid */
    uint32_t slot_capacity;
    uint32_t node_next;     /* next number to give away */
    uint32_t node_limit;    /* numbers below it have memory */
    uint32_t slot_count;    /* slots below it have memory */
    uint32_t slots_ended;   /* threads that ended since the file was made */
    uint64_t lost_threads;  /* threads not sampled for want of a slot or a timer */
    uint64_t trace_written; /* bytes of the trace file that are sound */
    uint8_t padding[RING_PAGE - 56];
};
static_assert(sizeof(struct ring_file) == RING_PAGE, "layout is shared");

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
};

/* Exact counts since the thread's start; usable bytes. Written by the thread. */
struct ring_memory {
    uint64_t alloc_count, alloc_bytes, free_count, free_bytes;
};

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
    uint8_t padding_a[136]; /* producers, drain and counters on lines of their own */
    uint64_t reserved;      /* by producers */
    uint8_t padding_b[120];
    uint64_t consumed; /* by the drain */
    uint8_t padding_c[RING_PAGE - 392];
    uint8_t data[RING_DATA_SIZE];
};
static_assert(offsetof(struct ring_slot, data) == RING_PAGE, "layout is shared");
static_assert(sizeof(struct ring_slot) == RING_PAGE + RING_DATA_SIZE, "layout is shared");

enum ring_record_type { RING_PAD = 1, RING_SAMPLE = 2 };

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
    uint32_t padding;
    uint32_t alloc_count, free_count;
    uint64_t alloc_bytes, free_bytes;
};
static_assert(sizeof(struct ring_sample) == 48, "layout is shared");

static inline struct ring_node *ring_nodes(struct ring_file *file)
{
    return (struct ring_node *)(file + 1);
}

static inline struct ring_slot *ring_slot_at(struct ring_file *file, uint32_t index)
{
    return (struct ring_slot *)(ring_nodes(file) + file->node_capacity) + index;
}

static inline size_t ring_file_size(uint32_t node_capacity, uint32_t slot_capacity)
{
    return sizeof(struct ring_file) + (size_t)node_capacity * sizeof(struct ring_node) +
           (size_t)slot_capacity * sizeof(struct ring_slot);
}

#endif
