/*
 * The metrics a profile can hold: one table, so that every report, option and
 * error message uses the same names and units. No state but the chosen counter.
 */
#ifndef PROFINJECT_MODEL_METRIC_H
#define PROFINJECT_MODEL_METRIC_H

#include "analyzer/util/units.h"

#include <stdbool.h>
#include <stdint.h>

enum metric {
    METRIC_CPU,          /* nanoseconds of thread CPU time, sampled */
    METRIC_SAMPLES,      /* stacks really taken, not periods they stand for */
    METRIC_MEMORY_DELTA, /* usable bytes allocated minus freed since the thread's sample
                            before, charged to the later one: signed */
    METRIC_WALL,         /* nanoseconds of threads' time, on and off the processor */
    METRIC_OFFCPU,       /* of it: not running */
    METRIC_RUNNABLE,     /* of that: ready to run, waiting for a processor */
    METRIC_LOCK_WAIT,    /* of it: blocked for locks, as hooks saw */
    METRIC_IO_WAIT,      /* likewise for input and output */
    METRIC_ALLOC_BYTES,  /* bytes asked for, of all allocations */
    METRIC_ALLOC_COUNT,
    METRIC_LIVE_BYTES, /* of blocks not freed when the trace ends */
    METRIC_LIVE_COUNT,
    METRIC_PEAK_BYTES,      /* of blocks live at the moment of the process's highest heap */
    METRIC_TEMPORARY_COUNT, /* blocks freed before their thread allocated again */
    METRIC_MAPPED_BYTES,    /* of anonymous memory the program mapped itself, at the end */
    METRIC_THROTTLED_CPU,   /* of METRIC_CPU: on processors that were slowed down */
    METRIC_COUNTER,         /* the program's own counter that was chosen: signed */
    METRIC_COUNT,
};

enum metric_unit { UNIT_NANOSECONDS, UNIT_COUNT, UNIT_BYTES };

struct metric_info {
    const char *name;  /* as on the command line: "memory-delta" */
    const char *title; /* for headings: "Memory delta" */
    const char *label; /* what the figures are: "sampled", "exact", ... */
    const char *how;   /* how to record it, for "this recording has no ..." */
    enum metric_unit unit;
    bool is_signed;
};

const struct metric_info *metric_info(enum metric metric);

/* METRIC_COUNTER is from now on known by the name of a counter. */
void metric_use_counter(const char *name);

/* That counter is the hardware's; it may be known for threads only. */
void metric_use_hardware(bool per_thread);

/* Time off the processor is the kernel's count, not that of looks at threads. */
void metric_use_waits(void);

/* The heap was sampled so many bytes apart on average; 0: every block is known, unless
 * events of it were `lost`. */
void metric_use_heap(uint64_t interval, bool lost);

/* Finds a metric by its command line name; METRIC_COUNT when there is none. Counters
 * are not found: only a recording knows them. */
enum metric metric_by_name(const char *name);

/* As files for programs have it: "nanoseconds", "bytes", "count". */
const char *metric_unit_name(enum metric_unit unit);

/* A value of the metric with its unit: "12.4 MiB", "24.1 s", "847 samples". */
struct unit_text metric_text(enum metric metric, int64_t value);

#endif
