/*
 * The last second of every thread is kept while a trace is read, as nobody knows before its end
 * which it was. Its own file because no other figure needs samples one by one.
 */
#include "analyzer/load/ends.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void ends_release(struct ends *ends)
{
    for (size_t i = 0; i < ends->count; i++)
        free(ends->threads[i].items);
    free(ends->threads);
    memset(ends, 0, sizeof(*ends));
}

/* Moves what is left to the front once it is the smaller part: each is moved once. */
static void forget_old(struct last_samples *samples, uint64_t now_ns)
{
    while (samples->first + 1 < samples->count &&
           samples->items[samples->first].time_ns + DEATH_LAST_NS < now_ns)
        samples->first++;
    if (samples->first * 2 <= samples->count)
        return;
    samples->count -= samples->first;
    memmove(samples->items, samples->items + samples->first,
            samples->count * sizeof(*samples->items));
    samples->first = 0;
}

void ends_sample(struct ends *ends, uint32_t thread, const struct last_sample *sample)
{
    while (ends->count <= thread) {
        ends->threads =
            memory_grow(ends->threads, ends->count, &ends->capacity, sizeof(*ends->threads));
        ends->threads[ends->count++] = (struct last_samples){.items = NULL};
    }
    struct last_samples *samples = &ends->threads[thread];
    forget_old(samples, sample->time_ns);
    samples->items =
        memory_grow(samples->items, samples->count, &samples->capacity, sizeof(*samples->items));
    samples->items[samples->count++] = *sample;
}

void ends_thread_ended(struct ends *ends, uint32_t thread)
{
    if (thread >= ends->count)
        return;
    free(ends->threads[thread].items);
    ends->threads[thread] = (struct last_samples){.items = NULL};
}

static void tell_killed(struct profile_process *process, int status)
{
    int signal = status & ~TRACE_KILLED_CORE;

    process->death.gone = true;
    process->death.undated = process->end_ns == 0;
    process->death.core = status & TRACE_KILLED_CORE;
    process->end = signal != 0 ? END_SIGNAL : END_UNKNOWN;
    process->end_status = signal;
}

void ends_tell(struct ends *ends, struct profile_process *process, enum trace_end kind, int status,
               uint64_t time_ns, uint64_t cpu_ns)
{
    static const enum process_end meanings[] = {
        [TRACE_END_EXIT] = END_EXIT,
        [TRACE_END_EXEC] = END_EXEC,
        [TRACE_END_UNKNOWN] = END_UNKNOWN,
    };

    process->end_ns = time_ns;
    if (kind == TRACE_END_KILLED) {
        tell_killed(process, status);
        return;
    }
    ends->has_end = true;
    process->end = meanings[kind];
    process->end_status = status;
    process->cpu_ns = cpu_ns;
}

void ends_death(struct profile_process *process, const struct trace_death *death, uint32_t thread,
                uint32_t stack)
{
    process->death.told = true;
    process->death.signal = death->signal;
    process->death.code = death->code;
    process->death.tid = death->tid;
    process->death.sender = death->sender;
    process->death.address = death->address;
    process->death.time_ns = death->time_ns;
    process->death.thread = thread;
    process->death.stack = stack;
}

uint64_t ends_death_ns(const struct profile_process *process)
{
    if (process->end != END_SIGNAL && !process->death.gone)
        return 0;
    return process->death.told ? process->death.time_ns : process->end_ns;
}
