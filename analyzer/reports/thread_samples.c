/*
 * Samples by thread. Its own file because the profile has them of all threads in one order.
 */
#include "analyzer/reports/thread_samples.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

static bool is_wanted(const struct profile_sample *sample)
{
    return !sample->off && sample->length_ns > 0;
}

void thread_samples_init(struct thread_samples *samples, const struct profile *profile)
{
    const struct samples *all = &profile->samples;
    const size_t threads = profile->thread_count;
    size_t *next = memory_alloc((threads + 1) * sizeof(*next));

    samples->items = memory_alloc((all->count + 1) * sizeof(*samples->items));
    samples->first = memory_alloc((threads + 1) * sizeof(*samples->first));
    for (size_t i = 0; i < all->count; i++)
        if (is_wanted(&all->items[i]))
            samples->first[all->items[i].place.thread + 1]++;
    for (size_t i = 0; i < threads; i++)
        samples->first[i + 1] += samples->first[i];
    memcpy(next, samples->first, threads * sizeof(*next));
    for (size_t i = 0; i < all->count; i++)
        if (is_wanted(&all->items[i]))
            samples->items[next[all->items[i].place.thread]++] = (uint32_t)i;
    free(next);
}

void thread_samples_release(struct thread_samples *samples)
{
    free(samples->items);
    free(samples->first);
}

char *thread_samples_name(const struct profile *profile, uint32_t thread)
{
    const struct profile_thread *of = &profile->threads[thread];
    const struct profile_process *process = &profile->processes[of->process];

    return memory_printf("%s (%d) of %s (%d)", of->name, of->tid, process->comm, process->pid);
}
