/* Sums of throttled time by function. Its own file because entries have no frequencies. */
#include "analyzer/model/throttled_functions.h"

#include "analyzer/model/throttle.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <math.h>
#include <stdlib.h>

/* To a mean over `weight` so far. */
static void add_mean(double *mean, double *weight, double value, double seconds)
{
    if (isnan(value) || seconds <= 0)
        return;
    *weight += seconds;
    *mean = isnan(*mean) ? value : *mean + (value - *mean) * seconds / *weight;
}

static void add(struct throttled_sum *sum, const struct throttle_state *state, uint64_t length_ns)
{
    double seconds = (double)length_ns / 1e9;

    sum->cpu_ns = sum_unsigned(sum->cpu_ns, length_ns);
    if (!state->known)
        sum->unknown_ns = sum_unsigned(sum->unknown_ns, length_ns);
    if (!state->by_processor)
        sum->guessed_ns = sum_unsigned(sum->guessed_ns, length_ns);
    sum->throttled_ns =
        sum_unsigned(sum->throttled_ns, (uint64_t)llround(state->share * (double)length_ns));
    add_mean(&sum->mhz, &sum->known_s, state->mhz, seconds);
    add_mean(&sum->mhz_throttled, &sum->throttled_s, state->mhz, seconds * state->share);
}

static int compare(const void *left, const void *right, void *context)
{
    const struct throttled_sum *items = context;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

    if (items[a].throttled_ns != items[b].throttled_ns)
        return items[a].throttled_ns > items[b].throttled_ns ? -1 : 1;
    return (a > b) - (a < b);
}

static void add_samples(struct throttled_functions *functions, const struct profile *profile,
                        const struct labels *labels, const struct throttle *throttle)
{
    for (size_t i = 0; i < profile->samples.count; i++) {
        const struct profile_sample *sample = &profile->samples.items[i];
        if (sample->off || sample->length_ns == 0)
            continue;
        const struct throttle_state state = throttle_at(throttle, sample);
        uint32_t frame = profile->stacks[sample->place.stack].frame;
        add(&functions->all, &state, sample->length_ns);
        if (sample->place.stack != STACK_NONE)
            add(&functions->items[labels->of_frame[frame]], &state, sample->length_ns);
    }
}

void throttled_functions_init(struct throttled_functions *functions, const struct profile *profile,
                              const struct labels *labels)
{
    struct throttle *throttle = throttle_new(profile);

    *functions = (struct throttled_functions){.known = throttle != NULL,
                                              .all = {.mhz = NAN, .mhz_throttled = NAN}};
    functions->items = memory_alloc((labels->count + 1) * sizeof(*functions->items));
    functions->order = memory_alloc((labels->count + 1) * sizeof(*functions->order));
    for (size_t i = 0; i < labels->count; i++)
        functions->items[i].mhz = functions->items[i].mhz_throttled = NAN;
    if (throttle != NULL)
        add_samples(functions, profile, labels, throttle);
    for (uint32_t i = 0; i < labels->count; i++)
        if (functions->items[i].throttled_ns > 0)
            functions->order[functions->count++] = i;
    qsort_r(functions->order, functions->count, sizeof(*functions->order), compare,
            functions->items);
    throttle_free(throttle);
}

void throttled_functions_release(struct throttled_functions *functions)
{
    free(functions->items);
    free(functions->order);
}
