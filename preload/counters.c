/*
 * The program's counters. Its own file because names are found here and sums are the
 * slot's: neither regions nor samples need to know.
 */
#include "preload/counters.h"

#include "preload/platform.h"
#include "preload/ring.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct {
    struct ring_file *ring;
    pthread_mutex_t lock;        /* of making one */
    uint64_t no_room, no_thread; /* calls */
} counters = {.lock = PTHREAD_MUTEX_INITIALIZER};

void counters_use_ring(struct ring_file *ring)
{
    const pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
    counters.ring = ring;
    counters.lock = fresh; /* in a fork child another thread may have held it */
    counters.no_room = counters.no_thread = 0;
}

static int find(const struct ring_file *ring, const char *name)
{
    uint32_t count = __atomic_load_n(&ring->has_counter, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++)
        if (strncmp(ring->counters[i].name, name, RING_NAME - 1) == 0)
            return (int)i;
    return -1;
}

int counters_find(const char *name, uint32_t kind)
{
    struct ring_file *ring = counters.ring;
    int found = find(ring, name);
    if (found >= 0)
        return found;
    pthread_mutex_lock(&counters.lock);
    found = find(ring, name);
    if (found < 0 && ring->has_counter < RING_COUNTERS) {
        found = (int)ring->has_counter;
        struct ring_counter *counter = &ring->counters[found];
        counter->kind = kind;
        strncpy(counter->name, name, RING_NAME - 1);
        counter->used = 1;
        /* Pairs with the acquire loads of those that look for names. */
        __atomic_store_n(&ring->has_counter, (uint32_t)found + 1, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&counters.lock);
    return found;
}

void counters_add(const char *name, int64_t delta)
{
    struct thread *thread = threads_current_sigsafe();
    if (!thread) {
        __atomic_add_fetch(&counters.no_thread, 1, __ATOMIC_RELAXED);
        return;
    }
    int counter = counters_find(name, TRACE_COUNTER_PROGRAM);
    if (counter < 0) {
        __atomic_add_fetch(&counters.no_room, 1, __ATOMIC_RELAXED);
        return;
    }
    /* Overflow wraps. */
    platform_add_own_sigsafe((uint64_t *)&thread->slot->counters[counter], (uint64_t)delta);
}

void counters_take_sigsafe(struct ring_file *ring, struct thread *thread, uint32_t stack,
                           uint64_t time_ns)
{
    uint32_t count = __atomic_load_n(&ring->has_counter, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++) {
        int64_t now = __atomic_load_n(&thread->slot->counters[i], __ATOMIC_RELAXED);
        if (now == thread->counted[i] || ring->counters[i].kind == TRACE_COUNTER_PER_THREAD)
            continue;
        struct ring_count *record = ring_reserve_sigsafe(thread->slot, sizeof *record);
        if (!record)
            return; /* charged to a later sample */
        record->stack = stack;
        record->time_ns = time_ns;
        record->counter = i;
        record->region = thread->region;
        record->delta = (int64_t)((uint64_t)now - (uint64_t)thread->counted[i]);
        thread->counted[i] = now;
        ring_commit_sigsafe(record, sizeof *record, RING_COUNT);
    }
}

bool counters_complaint(char *line, size_t size)
{
    if (counters.no_room)
        snprintf(line, size, "counters: %llu additions to more than %u of them are left out",
                 (unsigned long long)counters.no_room, RING_COUNTERS);
    else if (counters.no_thread)
        snprintf(line, size, "counters: %llu additions of threads that are not followed",
                 (unsigned long long)counters.no_thread);
    return counters.no_room || counters.no_thread;
}
