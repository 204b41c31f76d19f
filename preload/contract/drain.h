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
#include "preload/contract/code_names.h"
#include "preload/contract/encode_mappings.h"
#include "preload/contract/encode_stacks.h"
#include "preload/contract/module_map.h"
#include "preload/contract/ring_format.h"
#include "preload/contract/trace_chunk.h"
#include "preload/resources/resource_log.h"

/* As many handlers may be in the middle of making a node. */
#define DRAIN_UNREADY 64u

/* Where the drain stands with one slot. */
struct drain_slot {
    uint64_t serial;   /* of the thread seen there, 0: none */
    uint64_t position; /* read up to here, not yet given back */
    uint64_t epoch;    /* in which `number` was defined, and the chunk that did so last */
    uint64_t chunk;
    uint32_t number;    /* of the thread in the trace */
    bool ended;         /* its thread is gone and everything it left was read */
    uint64_t dropped;   /* of slot->dropped, by this pass */
    uint64_t look_told; /* up to there, by this chunk, 0: nothing of it */
    uint64_t wait_told; /* ticks of the wait that was told as not over, in `epoch` */
    char name[16];      /* as last written */
    uint64_t counts_read[RING_COUNTERS]; /* of counters: sums */
};

/* The number that node `node` of the ring has in this epoch of the trace; node 0: not yet. */
struct drain_node {
    uint32_t node, number;
};

/* A segment of a pass. */
struct drain_order {
    uint64_t thread, serial; /* by its slot's serial */
    uint32_t stream, index;
    bool whole; /* taken to its end, which is final */
};

/* Counted as lost for want of room in the trace. */
struct drain_dropped {
    uint64_t samples, heap, mappings, waits;
    bool ended; /* threads that did, wait to be told of */
};

struct drain {
    struct ring_file *ring;
    int pid;   /* of the target; 0: the calling process */
    bool dead; /* it is gone: no thread of it will say more, and nobody else has the ring */
    struct trace_packer packer;
    struct module_map modules;
    struct buffer payload, properties, nodes, columns;
    struct stack_encoder stacks;
    unsigned time_shift;            /* see sample_time_shift() */
    struct drain_node *nodes_known; /* by a node's place in the ring */
    struct drain_slot *slots;
    uint64_t epoch; /* from 1 */
    uint32_t epoch_chunks, modules_written, threads_defined, next_node, records;
    uint32_t property_count;
    uint32_t property_next; /* how many of them this epoch has, */
    size_t property_place;  /* up to there */
    bool machine_told;      /* see drain_tell_machine() */
    uint32_t era_start;     /* of ring nodes, when the pass before began */
    uint32_t nodes_covered; /* ring nodes before it were looked up in `modules`, but for */
    uint32_t nodes_unready[DRAIN_UNREADY];      /* those that had no code yet; 0: none */
    uint32_t next_unready;                      /* place in it to be used next */
    uint64_t handler_frames;                    /* in the last TRACE_HANDLER */
    uint64_t looks_written;                     /* in the last property `looks` */
    uint64_t children_written;                  /* in the last property `brief_children` */
    uint64_t servant_ns, servant_written;       /* CPU time of who drains; as last written */
    uint64_t unwinding_sum;                     /* of the last TRACE_UNWINDING */
    uint32_t regions_written, counters_written; /* in this epoch: one more than the last */
    uint64_t region_counts[RING_REGIONS + 1];   /* as last written */
    uint32_t objects_written;                   /* likewise of objects, and their calls */
    uint64_t object_calls[RING_OBJECTS];
    uint64_t waits_lost;            /* in the last property `waits_lost` */
    uint64_t died_ns;               /* when the dead process did, 0: not known */
    uint32_t slot_first, slot_next; /* slots in this chunk, and to go on at */
    size_t definitions;             /* bytes of `payload` before all others */
    uint64_t pass_ns;               /* when this pass began */
    bool has_heap;                  /* this pass found heap events */
    bool death_put;                 /* the trace has the ring's `death` */
    bool more;                      /* the pass needs another chunk */
    bool has_exact;                 /* this chunk has exact ones */
    /* Segments of this pass, [order_first, order_next) in this chunk; the moment they are
     * complete up to; and the last one the trace has, in which epoch. */
    struct drain_order *order;
    uint32_t order_count, order_first, order_next;
    bool order_cut; /* the one at order_next is there in part */
    uint64_t until_ticks, until_ns, clock_ticks, clock_ns, clock_epoch;
    uint64_t heap_lost;                                   /* as last written with exact events */
    uint64_t mappings_lost;                               /* in the last TRACE_MAPPINGS_LOST */
    uint32_t looks_put;                                   /* looks in this chunk, and before */
    uint64_t time_first, time_last, latest_ns;            /* latest: of all chunks */
    uint64_t bytes_written, chunks_written, chunks_begun; /* bytes: in this part */
    /* See drain_limit.h. */
    uint32_t part;
    int directory;     /* where further parts are made, under this name */
    const char *trace; /* NULL: there are none */
    bool full;         /* the trace has no room any more but for how things end */
    bool dropping;     /* what this pass reads is counted, not written */
    uint32_t stuck;    /* parts begun since anything was given back */
    bool single;       /* its chunks have one event, or sample, each */
    bool crowded;      /* what stands before it leaves a part no room even for that */
    bool ending;       /* this pass is the last */
    bool brief_end;    /* and there is no room for threads */
    bool full_told;
    struct drain_dropped dropped; /* by this pass */
    struct code_names code;
    struct resource_log *resources; /* the caller's, NULL: none */
    uint64_t resources_lost;        /* in the last property `resources_lost` */
    bool resources_put;             /* this chunk has what the log had */
};

/* 0 or -ENOMEM. `ring` stays the caller's and must outlive the drain; a trace that was begun
 * from it is gone on with. */
int drain_init(struct drain *drain, struct ring_file *ring, int pid);
void drain_release(struct drain *drain);

/* Of a process that is gone, before the first pass: counts as written what is in chunks that
 * the trace has, by `trace_written`. */
void drain_settle(struct drain *drain);

/* Sets a property of the trace, which the next chunk has. */
void drain_property(struct drain *drain, const char *name, const char *value, size_t size);
void drain_property_number(struct drain *drain, const char *name, uint64_t value);

/* Where the trace is, in `directory` as openat() has it, for one that rotates; `trace` stays the
 * caller's. */
void drain_name_trace(struct drain *drain, int directory, const char *trace);

/* Looks at the loaded modules; see module_map_scan(). */
int drain_scan_modules(struct drain *drain, uint32_t generation);

/*
 * One pass: everything committed so far becomes a chunk appended to `fd`, several where that is
 * much (drain_limit_of_chunk()), and its room in the rings is given back with each. Writes nothing when
 * there is nothing.
 * `generation` is the current module generation.
 * Returns 0 or -errno of the write; then nothing is given back, and the trace
 * ends, cut back where the file system lets us, after the last sound chunk.
 * A trace that is as large as it may be is no failure, see drain_limit.h.
 */
int drain_pass(struct drain *drain, int fd, uint32_t generation);

/*
 * Records of the caller's own making, which number no threads and stacks, as a chunk: it
 * begins, then appends to `payload`, with `columns` as scratch, and counts them in
 * `records`; what is there is written, and it may begin again. After the first chunk.
 */
void drain_begin_records(struct drain *drain);
int drain_write_records(struct drain *drain, int fd);

/* As drain_pass(), but the chunk carries final totals of all threads and a
 * TRACE_END record. */
int drain_finish(struct drain *drain, int fd, uint32_t generation, enum trace_end kind, int status,
                 uint64_t cpu_ns);

/* Likewise of a process that is gone without having said so, by whoever knows, or not: `status`
 * and `when_ns` as in TRACE_END_KILLED; `oom` is its property oom_kill, NULL: none. */
int drain_finish_killed(struct drain *drain, int fd, int status, uint64_t when_ns, const char *oom);

#endif
