/*
 * The drain: from a ring file to chunks of a trace. The core of the servant,
 * whether it runs as a thread of the target or in another process.
 *
 * One thread at a time; not for signal handlers. Allocates by mmap when it is
 * made and never after. The trace's descriptor is the caller's.
 */
#ifndef PROFINJECT_DRAIN_H
#define PROFINJECT_DRAIN_H

#include "preload/contract/buffer.h"
#include "preload/contract/encode_mappings.h"
#include "preload/contract/module_map.h"
#include "preload/contract/ring_format.h"
#include "preload/contract/trace_chunk.h"

/* As many handlers may be in the middle of making a node. */
#define DRAIN_UNREADY 64u

/* Looks at the process's memory that may wait to be written. */
#define DRAIN_LOOKS 32u

/* Where the drain stands with one slot. */
struct drain_slot {
    uint64_t serial;   /* of the thread seen there, 0: none */
    uint64_t position; /* read up to here, not yet given back */
    uint64_t epoch;    /* in which `number` was defined */
    uint32_t number;   /* of the thread in the trace */
    bool ended;        /* its thread is gone and everything it left was read */
    char name[16];     /* as last written */
    /* Counters: sums of what was read, and of what the trace holds. */
    uint64_t counts_read[RING_COUNTERS], counts_written[RING_COUNTERS];
};

struct drain {
    struct ring_file *ring;
    int pid; /* of the target; 0: the calling process */
    struct trace_packer packer;
    struct module_map modules;
    struct buffer payload, properties, nodes, columns;
    uint32_t *node_numbers; /* ring node -> trace number in this epoch, 0: not yet */
    struct drain_slot *slots;
    uint64_t epoch; /* from 1 */
    uint32_t epoch_chunks, modules_written, threads_defined, next_node, records;
    uint32_t nodes_covered; /* ring nodes below it were looked up in `modules`, but for */
    uint32_t nodes_unready[DRAIN_UNREADY];      /* those that had no code yet; 0: none */
    uint32_t next_unready;                      /* place in it to be used next */
    uint64_t handler_frames;                    /* in the last TRACE_HANDLER */
    uint64_t looks_written;                     /* in the last property `looks` */
    uint64_t unwinding_sum;                     /* of the last TRACE_UNWINDING */
    uint32_t regions_written, counters_written; /* in this epoch: one more than the last */
    uint64_t region_counts[RING_REGIONS + 1];   /* as last written */
    bool has_heap;                              /* this pass found heap events */
    uint64_t mappings_lost;                     /* in the last TRACE_MAPPINGS_LOST */
    struct resident_look looks[DRAIN_LOOKS];    /* to be written */
    uint32_t look_count;
    uint64_t ended_live; /* heap bytes of threads whose slots are free again */
    uint64_t time_first, time_last;
    uint64_t bytes_written, chunks_written;
};

/* 0 or -ENOMEM. `ring` stays the caller's and must outlive the drain. */
int drain_init(struct drain *drain, struct ring_file *ring, int pid);
void drain_release(struct drain *drain);

/* Sets a property of the trace; call before the first pass. */
void drain_property(struct drain *drain, const char *name, const char *value, size_t size);
void drain_property_number(struct drain *drain, const char *name, uint64_t value);

/* Looks at the loaded modules; see module_map_scan(). */
int drain_scan_modules(struct drain *drain, uint32_t generation);

/* Usable bytes of the heap's live blocks by the threads' counts, `ended` by those of threads
 * whose slots are free again. Modulo 2^64: threads free what others allocated, and what was
 * allocated before there were counts. */
uint64_t drain_live(struct ring_file *ring, uint64_t ended);

/* Adds a look at the process's memory to the next pass. One too many takes the place of the
 * last. */
void drain_look(struct drain *drain, const struct resident_look *look);

/* Largest share of any live slot's ring that waits to be drained, 0..100. */
unsigned drain_fill(const struct drain *drain);

/* True when threads ended whose slots wait to be free again, or looks have waited long. */
bool drain_waits(const struct drain *drain);

/* True when samples were written, or threads of `ring` have some: the drain may not have been
 * made yet. */
bool drain_has_samples(const struct drain *drain, struct ring_file *ring);

/*
 * One pass: everything committed so far becomes one chunk appended to `fd`, and
 * its room in the rings is given back. Writes nothing when there is nothing.
 * `generation` is the current module generation.
 * Returns 0 or -errno of the write; then nothing is given back, and the trace
 * ends, cut back where the file system lets us, after the last sound chunk.
 */
int drain_pass(struct drain *drain, int fd, uint32_t generation);

/* As drain_pass(), but the chunk carries final totals of all threads and a
 * TRACE_END record. */
int drain_finish(struct drain *drain, int fd, uint32_t generation, enum trace_end kind, int status,
                 uint64_t cpu_ns);

#endif
