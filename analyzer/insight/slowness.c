/* Slowed time. Its own file because it looks at threads' use of processors look by look. */
#include "analyzer/insight/slowness.h"

#include "analyzer/insight/usage.h"
#include "analyzer/model/throttle.h"

#include <math.h>
#include <string.h>

#define LOOKS_MOST 50000 /* of all threads: more would take seconds, and tell the same */
#define NS_PER_PERCENT 0.01

static bool is_of(const struct resource_series *series, const bool *is_idle)
{
    return strcmp(series->name, "thread.cpu") == 0 && series->thread != RESOURCE_NOBODY &&
           !is_idle[series->thread];
}

static size_t stride_of(const struct profile *profile, const bool *is_idle)
{
    size_t looks = 0;

    for (size_t i = 0; i < profile->resources.count; i++)
        if (is_of(&profile->resources.series[i], is_idle))
            looks += profile->resources.series[i].count;
    return looks / LOOKS_MOST + 1;
}

struct sums {
    double slow, all; /* nanoseconds */
};

static void add_thread(struct sums *sums, const struct throttle *throttle,
                       const struct profile *profile, const struct resource_series *series,
                       size_t stride)
{
    for (size_t i = 1; i < series->count; i += stride) {
        const struct resource_point *point = &series->points[i];
        uint64_t span_ns = point->time_ns - series->points[i - 1].time_ns;
        double cpu_ns = point->value * NS_PER_PERCENT * (double)span_ns;
        bool is_outside = point->time_ns < profile->from_ns ||
                          (profile->to_ns != 0 && point->time_ns > profile->to_ns);
        if (!(cpu_ns > 0) || is_outside)
            continue;
        const struct profile_sample sample = {.time_ns = point->time_ns,
                                              .span_ns = span_ns,
                                              .length_ns = (uint64_t)cpu_ns,
                                              .place.thread = series->thread};
        const struct throttle_state state = throttle_at(throttle, &sample);
        if (!state.known)
            continue;
        sums->slow += state.share * cpu_ns;
        sums->all += cpu_ns;
    }
}

struct slowness slowness_of(const struct profile *profile, const bool *is_idle)
{
    struct throttle *throttle = throttle_new(profile);
    struct usage machine = usage_mean(profile, "cpu.throttled");
    size_t stride = stride_of(profile, is_idle);
    struct sums sums = {0, 0};

    for (size_t i = 0; i < profile->resources.count && throttle != NULL; i++)
        if (is_of(&profile->resources.series[i], is_idle))
            add_thread(&sums, throttle, profile, &profile->resources.series[i], stride);
    throttle_free(throttle);
    if (sums.all > 0)
        return (struct slowness){.known = true, .share = fmin(1, sums.slow / sums.all)};
    return (struct slowness){.known = machine.known,
                             .reason = machine.reason,
                             .share = machine.known ? fmin(1, fmax(0, machine.mean / 100)) : 0};
}
