/* Reading /proc/PID/task/TID. Its own file because three ask: threads, drain, servant. */
#include "preload/contract/scheduling.h"

#include "preload/contract/kernel_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* From such a life on asking takes less than a hundredth of it, or a thousandth. */
#define LIFE_NS 1000000u
#define LONG_LIFE_NS 50000000u

static bool read_file(int pid, int tid, const char *name, char *text, size_t size)
{
    char path[64];
    if (pid)
        snprintf(path, sizeof path, "/proc/%d/task/%d/%s", pid, tid, name);
    else
        snprintf(path, sizeof path, "/proc/self/task/%d/%s", tid, name);
    return kernel_text_read(path, text, size);
}

/* `ran waited slices`; 0 of both where the kernel does not count. */
static void read_times(int pid, int tid, struct ring_scheduling *found)
{
    char text[128], *rest;
    if (!read_file(pid, tid, "schedstat", text, sizeof text))
        return;
    found->cpu_ns = strtoull(text, &rest, 10);
    found->runnable_ns = strtoull(rest, NULL, 10);
    if (found->cpu_ns)
        found->known |= TRACE_SCHEDULING_RUNNABLE;
}

/* `name : number` or `name:number` of a line; false when there is none. */
static bool find_number(const char *text, const char *name, uint32_t *number)
{
    const char *line = strstr(text, name);
    const char *colon = line ? strchr(line, ':') : NULL;
    if (colon)
        *number = (uint32_t)strtoull(colon + 1, NULL, 10);
    return colon != NULL;
}

static void read_switches(int pid, int tid, struct ring_scheduling *found)
{
    char text[4096];
    if (!read_file(pid, tid, "status", text, sizeof text))
        return;
    /* The shorter name is the end of the other one. */
    if (find_number(text, "\nvoluntary_ctxt_switches", &found->voluntary) &&
        find_number(text, "\nnonvoluntary_ctxt_switches", &found->involuntary))
        found->known |= TRACE_SCHEDULING_SWITCHES;
}

/* Not all kernels have the file. */
static void read_migrations(int pid, int tid, struct ring_scheduling *found)
{
    char text[1024]; /* threads that end may have little stack left; it is among the first lines */
    if (read_file(pid, tid, "sched", text, sizeof text) &&
        find_number(text, "nr_migrations", &found->migrations))
        found->known |= TRACE_SCHEDULING_MIGRATIONS;
}

void scheduling_read(int pid, int tid, enum scheduling_depth depth, struct ring_scheduling *found)
{
    memset(found, 0, sizeof *found);
    read_times(pid, tid, found);
    if (depth != SCHEDULING_ALL)
        return;
    read_switches(pid, tid, found);
    read_migrations(pid, tid, found);
}

void scheduling_begin(const struct ring_file *ring, struct ring_slot *slot)
{
    if (ring->wait_clock && slot->cpu_start_ns >= LIFE_NS)
        scheduling_read(0, slot->tid, SCHEDULING_TIMES, &slot->begun);
    slot->begun.paused_ns = scheduling_paused_ns(ring, slot->start_ns);
}

void scheduling_begin_late(struct ring_slot *slot)
{
    struct ring_scheduling now;
    scheduling_read(0, slot->tid, SCHEDULING_TIMES, &now);
    slot->begun.runnable_ns = now.runnable_ns;
}

/* Of the calling thread. */
static void read_own_switches(struct ring_scheduling *found)
{
    struct rusage usage;
    if (getrusage(RUSAGE_THREAD, &usage) != 0)
        return;
    found->voluntary = (uint32_t)usage.ru_nvcsw;
    found->involuntary = (uint32_t)usage.ru_nivcsw;
    found->known |= TRACE_SCHEDULING_SWITCHES;
}

void scheduling_end(const struct ring_file *ring, struct ring_slot *slot)
{
    const uint64_t life_ns = slot->end_ns - slot->start_ns;
    if (!ring->wait_clock)
        return;
    if (life_ns >= LIFE_NS)
        read_times(0, slot->tid, &slot->ended);
    if (life_ns >= LONG_LIFE_NS)
        read_migrations(0, slot->tid, &slot->ended);
    if (slot->tid == gettid())
        read_own_switches(&slot->ended);
    slot->ended.paused_ns = scheduling_paused_ns(ring, slot->end_ns);
}

uint64_t scheduling_paused_ns(const struct ring_file *ring, uint64_t now_ns)
{
    uint64_t since = __atomic_load_n(&ring->paused_since_ns, __ATOMIC_ACQUIRE);
    uint64_t before = __atomic_load_n(&ring->paused_ns, __ATOMIC_RELAXED);
    return before + (since && now_ns > since ? now_ns - since : 0);
}

/* The kernel counts from the fork on, and where processors are rare the time until the program begins
 * may be longer than all of a short run: without it, as all of it is paused. */
void scheduling_begin_all_late(struct ring_file *ring)
{
    uint32_t count = __atomic_load_n(&ring->slot_count, __ATOMIC_ACQUIRE);
    if (!ring->wait_clock || ring->paused_since_ns != ring->start_ns)
        return;
    for (uint32_t i = 0; i < count; i++)
        if (__atomic_load_n(&ring_slot_at(ring, i)->state, __ATOMIC_ACQUIRE) == RING_SLOT_LIVE)
            scheduling_begin_late(ring_slot_at(ring, i));
}

void scheduling_switch(struct ring_file *ring, bool on, uint64_t now_ns)
{
    uint64_t since = ring->paused_since_ns;
    if (on == !since)
        return;
    if (on)
        __atomic_store_n(&ring->paused_ns, ring->paused_ns + now_ns - since, __ATOMIC_RELAXED);
    __atomic_store_n(&ring->paused_since_ns, on ? 0 : now_ns, __ATOMIC_RELEASE);
}
