/*
 * A ring with invented threads, a drain, and what a reader finds in the trace it
 * wrote. Header only: every unit test is a program of its own.
 */
#ifndef PROFINJECT_TESTS_DRAIN_FIXTURE_H
#define PROFINJECT_TESTS_DRAIN_FIXTURE_H

#include "analyzer/trace/trace_reader.h"
#include "preload/contract/drain.h"
#include "preload/stack_table.h"
#include "tests/unit/ring_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>

#define NOBODY 4000000 /* tids from here on are no thread's */
#define FOUND_MAX 20000

static struct drain drain;
static int trace_fd = -1;

static inline void open_trace(const char *name)
{
    if (trace_fd >= 0)
        close(trace_fd);
    trace_fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (trace_fd < 0)
        abort();
}

static inline void drain_start(void)
{
    ring_start();
    if (stack_table_init() != 0 || drain_init(&drain, ring, 0) != 0)
        abort();
    open_trace("trace.pinj");
}

static inline void drain_stop(void)
{
    drain_release(&drain);
    close(trace_fd);
    ring_stop();
}

static inline struct ring_slot *invent_thread(int number)
{
    struct ring_slot *slot = ring_claim_slot(ring);

    slot->tid = NOBODY + number;
    slot->start_ns = 1000000u * (unsigned)number;
    snprintf(slot->name, sizeof(slot->name), "thread %d", number);
    slot->state = RING_SLOT_LIVE;
    return slot;
}

/* Pcs of functions of this program, so that a module holds them. */
static inline uint64_t some_pc(unsigned number)
{
    return (uint64_t)&drain_start + number;
}

/* A stack of `depth` frames: pcs some_pc(seed) at the root and up by one. */
static inline uint32_t invent_stack(unsigned seed, unsigned depth, uint32_t generation)
{
    uint32_t node = TRACE_STACK_COMPLETE;

    for (unsigned i = 0; i < depth; i++) {
        uint64_t code = some_pc(seed + i) << TRACE_NODE_BITS;
        node = stack_table_intern_sigsafe(ring, node, code | (i + 1 == depth), generation);
    }
    return node;
}

static inline bool put_sample(struct ring_slot *slot, struct ring_sample sample)
{
    const size_t word = sizeof(sample.commit);
    struct ring_sample *record = ring_reserve_sigsafe(slot, sizeof(sample));

    if (!record) {
        slot->lost++;
        return false;
    }
    memcpy((char *)record + word, (char *)&sample + word, sizeof(sample) - word);
    slot->samples++;
    ring_commit_sigsafe(record, sizeof(sample), RING_SAMPLE);
    return true;
}

/* What was found, with epoch-wide numbers resolved. */
static struct {
    struct trace_summary summary;
    struct trace_sample samples[FOUND_MAX];
    int tids[FOUND_MAX]; /* of the sample */
    struct trace_stack_node nodes[FOUND_MAX];
    struct trace_thread threads[64];
    char names[64][16];
    struct trace_totals totals[64]; /* last, by place of the thread in `threads` */
    struct trace_module modules[256];
    char paths[256][256];
    uint64_t gone_id, gone_generation, gone_count;
    size_t sample_count, node_count, thread_count, module_count, epochs, properties;
    char comm[32];
    enum trace_end end;
    int end_status;
    struct trace_death death;
    unsigned deaths;
    uint64_t end_cpu;
} found;

static inline void on_epoch(void *context)
{
    (void)context;
    found.epochs++;
    found.thread_count = found.module_count = found.node_count = 0;
}

static inline void on_property(void *context, const char *name, const char *value, size_t size)
{
    (void)context;
    found.properties++;
    if (strcmp(name, "comm") == 0)
        snprintf(found.comm, sizeof(found.comm), "%.*s", (int)size, value);
}

static inline void on_module(void *context, const struct trace_module *module)
{
    (void)context;
    snprintf(found.paths[found.module_count], sizeof(found.paths[0]), "%s", module->path);
    found.modules[found.module_count++] = *module;
}

static inline void on_module_gone(void *context, uint64_t id, uint64_t generation, uint64_t time)
{
    (void)context;
    (void)time;
    found.gone_id = id;
    found.gone_generation = generation;
    found.gone_count++;
}

static inline void on_thread(void *context, const struct trace_thread *thread)
{
    size_t place = thread->number - 1;

    (void)context;
    if (place == found.thread_count)
        found.thread_count++;
    found.threads[place] = *thread;
    snprintf(found.names[place], sizeof(found.names[0]), "%s", thread->name);
}

static inline void on_totals(void *context, const struct trace_totals *totals)
{
    (void)context;
    found.totals[totals->thread - 1] = *totals;
}

static inline void on_stack(void *context, const struct trace_stack_node *node)
{
    (void)context;
    found.nodes[found.node_count++] = *node;
}

static inline void on_sample(void *context, const struct trace_sample *sample)
{
    (void)context;
    found.tids[found.sample_count] = found.threads[sample->thread - 1].tid;
    found.samples[found.sample_count++] = *sample;
}

static inline void on_death(void *context, const struct trace_death *death)
{
    (void)context;
    found.death = *death;
    found.deaths++;
}

static inline void on_end(void *context, enum trace_end kind, int status, uint64_t time,
                          uint64_t cpu)
{
    (void)context;
    (void)time;
    found.end = kind;
    found.end_status = status;
    found.end_cpu = cpu;
}

static inline int read_trace(const char *name)
{
    const struct trace_visitor visitor = {.epoch = on_epoch,
                                          .property = on_property,
                                          .module = on_module,
                                          .module_gone = on_module_gone,
                                          .thread = on_thread,
                                          .totals = on_totals,
                                          .stack = on_stack,
                                          .sample = on_sample,
                                          .death = on_death,
                                          .end = on_end};
    struct problem problem = {0};

    memset(&found, 0, sizeof(found));
    return trace_read(name, &visitor, &found.summary, &problem);
}

/* True when nothing was lost on the way. */
static inline bool read_whole(const char *name)
{
    return read_trace(name) == 0 && found.summary.chunks_damaged == 0 &&
           found.summary.bytes_skipped == 0 && found.summary.records_dropped == 0 &&
           found.summary.samples_dropped == 0 && !found.summary.truncated;
}

/* True when the stack of the last epoch is invent_stack(seed, depth, generation). */
static inline bool is_stack(uint64_t number, unsigned seed, unsigned depth, uint64_t generation)
{
    for (unsigned i = depth; i-- > 0;) {
        if (number < TRACE_STACK_FIRST || number - TRACE_STACK_FIRST >= found.node_count)
            return false;
        const struct trace_stack_node *node = &found.nodes[number - TRACE_STACK_FIRST];
        if (node->number != number || node->pc != some_pc(seed + i) ||
            node->generation != generation || node->flags != (i + 1 == depth))
            return false;
        number = node->parent;
    }
    return number == TRACE_STACK_COMPLETE;
}

/* A descriptor that cannot be written to. */
static inline int broken_end(void)
{
    int ends[2];

    signal(SIGPIPE, SIG_IGN);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    close(ends[0]);
    return ends[1];
}

#endif
