/*
 * The table of metrics. Its own file because names and units are needed without
 * a profile: by options and by error messages.
 */
#include "analyzer/model/metric.h"

#include <stdio.h>
#include <string.h>

#define HOW_WAITS "record with --waits on, with the library preloaded, or --clock wall"
#define HOW_HEAP "record with --heap sampled, with the library preloaded"

static char heap_label[48] = "sampled by bytes";

static struct metric_info table[METRIC_COUNT] = {
    [METRIC_CPU] = {.name = "cpu",
                    .title = "CPU time",
                    .label = "sampled",
                    .how = "every recording has it once a thread has used CPU time",
                    .unit = UNIT_NANOSECONDS},
    [METRIC_SAMPLES] = {.name = "samples",
                        .title = "Samples",
                        .label = "stacks taken",
                        .how = "every recording has it once a thread has used CPU time",
                        .unit = UNIT_COUNT},
    [METRIC_MEMORY_DELTA] = {.name = "memory-delta",
                             .title = "Memory delta",
                             .label = "charged to the next sample",
                             .how = "record without --heap off, with the library preloaded",
                             .unit = UNIT_BYTES,
                             .is_signed = true},
    [METRIC_WALL] = {.name = "wall",
                     .title = "Thread time",
                     .label = "on-CPU sampled, off-CPU by looks at the threads",
                     .how = HOW_WAITS,
                     .unit = UNIT_NANOSECONDS},
    [METRIC_OFFCPU] = {.name = "offcpu",
                       .title = "Off-CPU time",
                       .label = "by looks at the threads",
                       .how = HOW_WAITS,
                       .unit = UNIT_NANOSECONDS},
    [METRIC_RUNNABLE] = {.name = "runnable",
                         .title = "Time waiting for a processor",
                         .label = "by the scheduler's counters",
                         .how = HOW_WAITS,
                         .unit = UNIT_NANOSECONDS},
    [METRIC_LOCK_WAIT] = {.name = "lock-wait",
                          .title = "Time blocked for locks",
                          .label = "as the hooks saw it",
                          .how = "record with --waits on, with the library preloaded",
                          .unit = UNIT_NANOSECONDS},
    [METRIC_IO_WAIT] = {.name = "io-wait",
                        .title = "Time blocked in input and output",
                        .label = "as the hooks saw it",
                        .how = "record with --waits on, with the library preloaded",
                        .unit = UNIT_NANOSECONDS},
    [METRIC_ALLOC_BYTES] = {.name = "alloc-bytes",
                            .title = "Allocated bytes",
                            .label = heap_label,
                            .how = HOW_HEAP,
                            .unit = UNIT_BYTES},
    [METRIC_ALLOC_COUNT] = {.name = "alloc-count",
                            .title = "Allocations",
                            .label = heap_label,
                            .how = HOW_HEAP,
                            .unit = UNIT_COUNT},
    [METRIC_LIVE_BYTES] = {.name = "live-bytes",
                           .title = "Live bytes at the end",
                           .label = heap_label,
                           .how = HOW_HEAP,
                           .unit = UNIT_BYTES},
    [METRIC_LIVE_COUNT] = {.name = "live-count",
                           .title = "Live blocks at the end",
                           .label = heap_label,
                           .how = HOW_HEAP,
                           .unit = UNIT_COUNT},
    [METRIC_PEAK_BYTES] = {.name = "peak-bytes",
                           .title = "Live bytes at the peak",
                           .label = heap_label,
                           .how = HOW_HEAP,
                           .unit = UNIT_BYTES},
    [METRIC_TEMPORARY_COUNT] = {.name = "temporary-count",
                                .title = "Temporary allocations",
                                .label = heap_label,
                                .how = HOW_HEAP,
                                .unit = UNIT_COUNT},
    [METRIC_MAPPED_BYTES] = {.name = "mapped-bytes",
                             .title = "Mapped bytes at the end",
                             .label = "exact: anonymous mappings of 1 MiB or more",
                             .how = "record without --heap off, with the library preloaded",
                             .unit = UNIT_BYTES},
    [METRIC_THROTTLED_CPU] = {.name = "throttled-cpu",
                              .title = "Throttled CPU time",
                              .label = "sampled; slowed down by some ten looks a second",
                              .how = "record with --resources 10, on a machine that tells the "
                                     "frequencies of its processors and what they should be",
                              .unit = UNIT_NANOSECONDS},
    [METRIC_COUNTER] = {.name = "counter",
                        .title = "Counter",
                        .label = "charged to the next sample",
                        .how = "the program calls profinject_counter()",
                        .unit = UNIT_COUNT,
                        .is_signed = true},
};

void metric_use_counter(const char *name)
{
    table[METRIC_COUNTER].name = table[METRIC_COUNTER].title = name;
}

void metric_use_hardware(bool per_thread)
{
    table[METRIC_COUNTER].label = per_thread
                                      ? "counted by the hardware, per thread"
                                      : "counted by the hardware, charged to the next sample";
    table[METRIC_COUNTER].is_signed = false;
}

void metric_use_waits(void)
{
    table[METRIC_WALL].label = "on-CPU sampled, off-CPU by the kernel's count";
    table[METRIC_OFFCPU].label = "by the kernel's count; where and for what, by hooks and looks";
}

void metric_use_heap(uint64_t interval, bool lost)
{
    if (interval > 0)
        snprintf(heap_label, sizeof(heap_label), "sampled %.20s apart",
                 units_bytes((int64_t)interval).text);
    else
        snprintf(heap_label, sizeof(heap_label), "%s", lost ? "incomplete" : "exact");
}

const struct metric_info *metric_info(enum metric metric)
{
    return &table[metric];
}

enum metric metric_by_name(const char *name)
{
    int metric = 0;

    while (metric < METRIC_COUNTER && strcmp(table[metric].name, name) != 0)
        metric++;
    return metric < METRIC_COUNTER ? (enum metric)metric : METRIC_COUNT;
}

const char *metric_unit_name(enum metric_unit unit)
{
    static const char *const names[] = {
        [UNIT_NANOSECONDS] = "nanoseconds", [UNIT_COUNT] = "count", [UNIT_BYTES] = "bytes"};

    return names[unit];
}

struct unit_text metric_text(enum metric metric, int64_t value)
{
    struct unit_text text;

    switch (table[metric].unit) {
    case UNIT_NANOSECONDS:
        return units_duration(value);
    case UNIT_BYTES:
        return units_bytes(value);
    case UNIT_COUNT:
        break;
    }
    if (metric != METRIC_SAMPLES)
        return units_exact(value);
    snprintf(text.text, sizeof(text.text), "%.22s %s", units_exact(value).text,
             value == 1 ? "sample" : "samples");
    return text;
}
