/*
 * Samples in order of time. Its own file because entries forget the time.
 */
#include "analyzer/model/samples.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void samples_add(struct samples *samples, const struct profile_sample *sample)
{
    samples->items =
        memory_grow(samples->items, samples->count, &samples->capacity, sizeof(*samples->items));
    samples->items[samples->count++] = *sample;
}

void samples_release(struct samples *samples)
{
    free(samples->items);
    memset(samples, 0, sizeof(*samples));
}

static int compare_times(const void *a, const void *b)
{
    const struct profile_sample *left = a, *right = b;

    if (left->time_ns != right->time_ns)
        return left->time_ns < right->time_ns ? -1 : 1;
    return memcmp(&left->place, &right->place, sizeof(left->place));
}

/* Of one process they mostly are already. */
void samples_sort(struct samples *samples)
{
    bool sorted = true;

    for (size_t i = 1; i < samples->count && sorted; i++)
        sorted = samples->items[i - 1].time_ns <= samples->items[i].time_ns;
    if (!sorted)
        qsort(samples->items, samples->count, sizeof(*samples->items), compare_times);
}

void samples_keep(struct samples *samples,
                  bool (*keep)(const void *context, const struct profile_place *place),
                  const void *context)
{
    size_t count = 0;

    for (size_t i = 0; i < samples->count; i++)
        if (keep(context, &samples->items[i].place))
            samples->items[count++] = samples->items[i];
    samples->count = count;
}
