/*
 * What threads did in order of time: the parts of which entries are sums. Only there when asked
 * for (load_options.samples), because memory grows with samples.
 *
 * Of every thread, stack and region the lengths with `off` false add up to METRIC_CPU of its
 * entries, those with `off` true to METRIC_OFFCPU. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_SAMPLES_H
#define PROFINJECT_MODEL_SAMPLES_H

#include "analyzer/model/entries.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct profile_sample {
    uint64_t time_ns;   /* CLOCK_MONOTONIC: when it was taken; off the processor: when it ended */
    uint64_t span_ns;   /* `length_ns` lies somewhere in so much time before; 0 of samples */
    uint64_t length_ns; /* CPU time it stands for, or time off the processor */
    struct profile_place place; /* numbers of the profile; off the processor its leaf is a mark */
    bool off;
};

struct samples {
    struct profile_sample *items;
    size_t count, capacity;
};

void samples_add(struct samples *samples, const struct profile_sample *sample);
void samples_release(struct samples *samples);

/* By time; the order of those of one time is always the same. */
void samples_sort(struct samples *samples);

/* Leaves out those of which keep() is false. */
void samples_keep(struct samples *samples,
                  bool (*keep)(const void *context, const struct profile_place *place),
                  const void *context);

#endif
