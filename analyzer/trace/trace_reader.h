/*
 * Reads one trace file (preload/contract/trace_format.h): chunks, recovery,
 * decoding. The only code that knows wire bytes. Hands every record, decoded and
 * checked, to a visitor in file order; numbers are those of the current epoch.
 *
 * A damaged trace is read as far as it is sound: a chunk with a wrong hash is
 * skipped, reading goes on at the next sound header, and `struct trace_summary`
 * says what was lost. After a gap, records that refer to definitions lost in it
 * are dropped until the next epoch and counted.
 */
#ifndef PROFINJECT_TRACE_READER_H
#define PROFINJECT_TRACE_READER_H

#include "analyzer/util/problem.h"
#include "preload/contract/trace_format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trace_module {
    uint64_t id, start, end, bias, generation, loaded_ns;
    const char *path; /* NUL-terminated copy, valid during the call */
    const uint8_t *build_id;
    size_t build_id_size;
};

struct trace_thread {
    uint64_t number; /* of this epoch, from 1 */
    int32_t tid;
    uint64_t start_ns;
    const char *name;
};

struct trace_totals {
    uint64_t thread, cpu_ns, samples, lost;
    uint64_t alloc_count, alloc_bytes, free_count, free_bytes;
    uint64_t flags, end_ns, paused_ns;
};

struct trace_stack_node {
    uint64_t number, parent; /* parent < TRACE_STACK_FIRST: enum trace_stack */
    uint64_t pc, generation;
    unsigned flags; /* TRACE_NODE_* */
};

/* What the handler cost: a number per bucket of trace_bucket_of(). */
struct trace_handler {
    uint64_t frames, reused, rules_hit, rules_made, longest_ns;
    uint64_t duration_ns[TRACE_BUCKETS], depth[TRACE_BUCKETS];
};

struct trace_sample {
    uint64_t thread, time_ns, stack, weight;
    bool has_memory;
    uint64_t alloc_count, alloc_bytes, free_count, free_bytes;
    uint64_t region; /* 0: none */
};

struct trace_region {
    uint64_t id, parent; /* from 1; parent 0: none */
    const char *name;
    uint64_t count, total_ns, longest_ns;
};

struct trace_count {
    uint64_t thread, time_ns, stack, counter, region;
    int64_t delta;
};

/* CPU time of a thread beyond what its samples stand for; stack 0: of no known place. */
struct trace_rest {
    uint64_t thread, stack, length_ns;
};

/* Time in which a thread did not run. */
struct trace_stretch {
    uint64_t thread, time_ns, stack, length_ns; /* it ended at time_ns */
    enum trace_offcpu state;
    uint32_t kind; /* enum trace_wait, of BLOCKED; 0: not known */
};

/* Waits of one thread with stack, kind, object, peer and region in common; as TRACE_WAITS. */
struct trace_waits {
    uint64_t thread, stack, object, peer, region;
    enum trace_wait kind;
    uint64_t count;            /* 0: one that is not over */
    uint64_t begin_ns, end_ns; /* of the first, of the last */
    uint64_t total_ns, longest_ns, bytes;
    bool held; /* of a thread that had not ended: void where an end does not hold */
};

/* Of a thread since it was attached, cumulative; as TRACE_SCHEDULING. */
struct trace_scheduling {
    uint64_t thread, when_ns, known; /* TRACE_SCHEDULING_* */
    uint64_t cpu_ns, runnable_ns, voluntary, involuntary, migrations;
    uint64_t paused_ns; /* of wall time */
};

struct trace_io {
    uint64_t calls, bytes, small, onward;
};

/* What waits name as object; cumulative, as TRACE_OBJECT. */
struct trace_waited_object {
    uint64_t id, identity;
    enum trace_object kind;
    const char *name;
    struct trace_io reads, writes;
};

/* A block was allocated, or freed. */
struct trace_heap {
    uint64_t thread, time_ns, address;
    enum trace_heap_event kind;
    uint64_t stack, size, region; /* of allocations */
};

/* A word of the memory scanned at the end. */
struct trace_word {
    enum trace_memory kind;
    uint64_t thread;     /* tid of stacks and registers */
    uint64_t start, end; /* of the mapping */
    uint64_t address, value;
};

/* The scan as a whole. */
struct trace_scan {
    uint64_t begin_ns, length_ns, bytes, left_bytes, threads, left_threads;
    enum trace_scan_limit limit;
    bool whole; /* no block is unknown for having been there before the recording */
};

/* Of a file with names for code, see TRACE_CODE_NAMES. */
struct trace_code_names {
    enum trace_code_text kind;
    uint64_t serial, offset, next, since_ns, written_ns;
    const uint8_t *bytes;
    size_t size;
};

/* A signal that ends processes, see TRACE_DEATH. */
struct trace_death {
    uint64_t thread, time_ns, address, stack; /* thread 0: none of the trace's */
    int32_t tid, sender;
    int signal, code;
};

struct trace_heap_place {
    uint64_t stack, region;
};

/* Events of one stream of a thread's, exact; heap_events.h reads them. */
struct trace_heap_segment {
    uint64_t thread, stream, serial;
    unsigned shift;          /* below 64 */
    uint64_t ticks, address; /* what the first event counts from */
    const struct trace_heap_place *places;
    size_t place_count;
    const uint8_t *events;
    size_t size; /* bytes of them */
};

/* Anonymous memory was mapped, or given back. */
struct trace_mapping_event {
    uint64_t thread, time_ns, address, length;
    enum trace_mapping kind;
    uint64_t stack, region; /* of what was made */
};

/* The process's memory at a moment, see TRACE_RESIDENT; bytes. */
struct trace_resident {
    uint64_t time_ns, known;
    uint64_t resident, shared, live, held, held_resident, mapped, mapped_resident;
    uint64_t shmem, large, large_resident, stacks, data, own, lazy, loose, huge, hugetlb;
    uint64_t file_resident, highest;
    const uint8_t *file; /* its name, no NUL at the end */
    size_t file_size;
};

/* A series of numbers, see TRACE_RESOURCE. */
struct trace_series {
    uint64_t id;
    enum trace_resource type;
    enum trace_scope scope;
    unsigned digits; /* values are in units of 10^-digits of `unit`; up to 18 */
    int32_t tid;     /* of a thread's */
    const char *name, *unit, *subject, *reason; /* "": none; valid during the call */
};

/* One of its values, see TRACE_RESOURCES. */
struct trace_series_point {
    uint64_t id, time_ns;
    uint64_t before_ns; /* the moment before, of whatever series; 0: none in its record */
    bool unchanged;     /* it was then as at the series' point before */
    int64_t value;
};

/* Any callback may be NULL; where `sample` is, samples are not even looked at.
 * `context` is passed through. */
struct trace_visitor {
    void *context;
    bool first_chunk_only; /* reading ends behind the first sound one */
    /* A sound chunk comes; `lost`: there were others between it and the one before. `frame` is
     * what it is packed in, `payload` what is in that. */
    void (*chunk)(void *context, const struct trace_chunk_header *header, const uint8_t *frame,
                  const uint8_t *payload, bool lost);
    void (*epoch)(void *context); /* numbers of threads and stacks start anew */
    void (*property)(void *context, const char *name, const char *value, size_t value_size);
    void (*module)(void *context, const struct trace_module *module);
    void (*module_gone)(void *context, uint64_t id, uint64_t generation, uint64_t time_ns);
    void (*thread)(void *context, const struct trace_thread *thread);
    void (*totals)(void *context, const struct trace_totals *totals);
    void (*stack)(void *context, const struct trace_stack_node *node);
    /* Nodes from `first` to before `end` were lost: what names them has a stack nobody knows. */
    void (*stacks_lost)(void *context, uint64_t first, uint64_t end);
    void (*sample)(void *context, const struct trace_sample *sample);
    void (*handler)(void *context, const struct trace_handler *handler);
    /* TRACE_UNWINDING_COUNT numbers, by enum trace_unwinding. */
    void (*unwinding)(void *context, const uint64_t *counts);
    void (*offcpu)(void *context, const struct trace_stretch *stretch);
    void (*waits)(void *context, const struct trace_waits *waits);
    void (*scheduling)(void *context, const struct trace_scheduling *scheduling);
    void (*object)(void *context, const struct trace_waited_object *object);
    void (*rest)(void *context, const struct trace_rest *rest);
    void (*region)(void *context, const struct trace_region *region);
    void (*counter)(void *context, uint64_t id, uint64_t kind, const char *name);
    void (*count)(void *context, const struct trace_count *count);
    void (*heap)(void *context, const struct trace_heap *event);
    void (*heap_until)(void *context, uint64_t until_ns, uint64_t lost);
    void (*word)(void *context, const struct trace_word *word);
    void (*scan)(void *context, const struct trace_scan *scan);
    void (*heap_segment)(void *context, const struct trace_heap_segment *segment);
    void (*heap_clock)(void *context, uint64_t ticks, uint64_t time_ns);
    void (*mapping)(void *context, const struct trace_mapping_event *event);
    void (*mappings_lost)(void *context, uint64_t lost);
    void (*resident)(void *context, const struct trace_resident *look);
    void (*code_names)(void *context, const struct trace_code_names *names);
    void (*death)(void *context, const struct trace_death *death);
    void (*resource)(void *context, const struct trace_series *series);
    void (*resource_point)(void *context, const struct trace_series_point *point);
    /* Behind the points of a record: it goes so far. */
    void (*resource_until)(void *context, uint64_t until_ns);
    void (*end)(void *context, enum trace_end kind, int status, uint64_t time_ns, uint64_t cpu_ns);
};

/* A stretch of a trace without sound chunks. */
struct trace_gap {
    uint64_t from_ns, to_ns; /* between what stands before it and behind it; 0: nothing does */
    uint64_t chunks, records;
    uint64_t untold; /* of the chunks: how many records they had, their headers do not tell */
};

#define TRACE_GAPS 16u /* are kept apart; further ones are added to the last */

struct trace_summary {
    uint64_t bytes;             /* of the file, or files */
    uint64_t bytes_sound;       /* of the last file, up to the end of its last sound chunk */
    uint64_t chunks_before;     /* dropped on purpose, before the first one there is */
    uint64_t records_before;    /* in them */
    uint64_t chunks;            /* read sound */
    uint64_t chunks_damaged;    /* found but unusable, or missing in the sequence */
    uint64_t bytes_skipped;     /* passed over while looking for a sound header */
    uint64_t records_dropped;   /* undecodable, or referring to lost definitions */
    uint64_t samples_dropped;   /* likewise, of batches that were read otherwise */
    uint64_t recovered_records; /* read after the first damage */
    uint64_t time_first, time_last;
    bool truncated; /* the file ends inside a chunk */
    struct trace_gap gaps[TRACE_GAPS];
    size_t gap_count;
};

/*
 * Reads the trace at `path`, with its parts where it rotates. Returns 0 when at least one chunk was sound;
 * PROBLEM_SYSTEM when it cannot be opened or read, PROBLEM_DATA when it is not a
 * trace or nothing in it is sound. `summary` is filled in either case.
 */
int trace_read(const char *path, const struct trace_visitor *visitor, struct trace_summary *summary,
               struct problem *problem);

/* Likewise records that are in no chunk: those that a ring holds (ring_format.h, START). */
void trace_read_records(const uint8_t *bytes, size_t size, const struct trace_visitor *visitor,
                        struct trace_summary *summary);

#endif
