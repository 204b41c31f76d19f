/*
 * The library's lock-free parts, without signals, for the thread sanitizer: threads
 * claim slots, intern stacks that others intern too, push samples and go, while
 * a drain writes a trace and gives slots and room back. Prints what was pushed as
 * `SAMPLES THREADS`, which the trace must hold.
 *
 *     races TRACE SECONDS
 */
#include "preload/contract/drain.h"
#include "preload/contract/trace_format.h"
#include "preload/ring.h"
#include "preload/stack_table.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MAKERS = 4, SAMPLES = 200, DEPTH = 12 };

static struct ring_file *ring;
static int ended;
static uint64_t pushed, threads;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static bool has_ended(void)
{
    return __atomic_load_n(&ended, __ATOMIC_ACQUIRE);
}

/* Few enough different frames that threads meet in the table, enough that it turns over. */
static uint32_t make_stack(unsigned seed)
{
    uint32_t node = TRACE_STACK_COMPLETE;
    for (unsigned i = 0; i < DEPTH; i++) {
        uint64_t pc = (uint64_t)&make_stack + (seed >> 16) % (10 << i / 2);
        node = stack_table_intern_sigsafe(ring, node, pc << TRACE_NODE_BITS | (i + 1 == DEPTH), 0);
        if (!node)
            return TRACE_STACK_BROKEN;
    }
    return node;
}

static void push_sample(struct ring_slot *slot, uint32_t stack)
{
    struct ring_sample *record;
    while (!(record = ring_reserve_sigsafe(slot, sizeof *record)))
        sched_yield();
    memset((char *)record + sizeof record->commit, 0, sizeof *record - sizeof record->commit);
    record->time_ns = now_ns();
    record->stack = stack;
    record->weight = 1;
    __atomic_store_n(&slot->samples, slot->samples + 1, __ATOMIC_RELAXED);
    ring_commit_sigsafe(record, sizeof *record, RING_SAMPLE);
    __atomic_add_fetch(&pushed, 1, __ATOMIC_RELAXED);
}

/* One life of a thread after the other, as short ones have it. */
static void *live_and_end(void *argument)
{
    unsigned seed = (unsigned)(uintptr_t)argument;
    while (!has_ended()) {
        struct ring_slot *slot = ring_claim_slot(ring);
        if (!slot) {
            sched_yield();
            continue;
        }
        slot->tid = 4000000 + (int)__atomic_fetch_add(&threads, 1, __ATOMIC_RELAXED);
        slot->start_ns = now_ns();
        memcpy(slot->name, "short", 6);
        __atomic_store_n(&slot->state, RING_SLOT_LIVE, __ATOMIC_RELEASE);
        for (int i = 0; i < SAMPLES; i++)
            push_sample(slot, make_stack(seed = seed * 1103515245 + 12345));
        __atomic_store_n(&slot->state, RING_SLOT_ENDED, __ATOMIC_RELEASE);
    }
    return NULL;
}

static void drain_until(struct drain *drain, int trace, uint64_t end_ns)
{
    while (now_ns() < end_ns) {
        ring_extend_nodes(ring);
        stack_table_extend(ring);
        if (drain_pass(drain, trace, 0) != 0)
            abort();
    }
}

int main(int argc, char **argv)
{
    char path[PATH_MAX];
    struct drain drain;
    int status;
    if (argc != 3)
        return 2;
    int trace = open(argv[1], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    ring = ring_open(".", 1, path, sizeof path, &status);
    if (trace < 0 || !ring || stack_table_init() != 0 || drain_init(&drain, ring, 0) != 0)
        return 1;
    pthread_t makers[MAKERS];
    for (uintptr_t i = 0; i < MAKERS; i++)
        if (pthread_create(&makers[i], NULL, live_and_end, (void *)(i + 1)) != 0)
            return 1;
    drain_until(&drain, trace, now_ns() + (uint64_t)(atof(argv[2]) * 1e9));
    __atomic_store_n(&ended, 1, __ATOMIC_RELEASE);
    /* The makers may wait for room while they are joined. */
    for (int i = 0; i < MAKERS; i++)
        while (pthread_tryjoin_np(makers[i], NULL) != 0)
            drain_until(&drain, trace, now_ns() + 1000000);
    if (drain_finish(&drain, trace, 0, TRACE_END_EXIT, 0, 0) != 0)
        return 1;
    drain_release(&drain);
    ring_close(ring);
    unlink(path);
    printf("%llu %llu\n", (unsigned long long)pushed, (unsigned long long)threads);
    return 0;
}
