/*
 * Instructions and cycles, counted by the processor for each thread beside its clock
 * event. Read by the handler for each sample where the kernel lets programs read the
 * counters, else by the servant for the thread as a whole. Where there are none, none
 * are shown: there is no stand-in.
 *
 * Opened, read and closed by the servant; taken by the thread's own handler.
 */
#ifndef PROFINJECT_HARDWARE_COUNTERS_H
#define PROFINJECT_HARDWARE_COUNTERS_H

#include "preload/contract/ring_format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HARDWARE_COUNTERS 2u

/* What is counted, as perf_event_open() names it. */
struct hardware_event {
    const char *name;
    uint32_t type;
    uint64_t config;
};

extern const struct hardware_event hardware_events[HARDWARE_COUNTERS];

/* Of one thread. */
struct hardware_counts {
    struct ring_slot *slot;
    uint64_t serial; /* of the slot when it began; 0: nothing is counted */
    bool open;       /* `fd` holds descriptors, -1: none */
    int fd[HARDWARE_COUNTERS];
    const void *page[HARDWARE_COUNTERS];
    uint64_t seen[HARDWARE_COUNTERS]; /* already in the slot's counters */
};

/* Tries `events` out on the calling thread. 0; else -errno, with what is missing in `why`. */
int hardware_counters_try(const struct hardware_event *events, char *why, size_t why_size);

/* True when handlers read them. */
bool hardware_counters_by_sample(void);

/* Gives them numbers in a new ring, after counters_use_ring(); nothing when they are not
 * to be had. */
void hardware_counters_use_ring(void);

/* Counts for the thread of `slot` from now on; `place` is its clock event's in
 * perf_pages.h. 0 or -errno. */
int hardware_counters_open(struct hardware_counts *counts, struct ring_slot *slot, unsigned place);

/* Adds what was counted since to the slot's counters, where handlers do not. */
void hardware_counters_read(struct hardware_counts *counts);
void hardware_counters_close(struct hardware_counts *counts);

/* The same for the calling thread's sample. Few instructions, no system call. */
void hardware_counters_take_sigsafe(struct hardware_counts *counts);

/* A counter of `width` bits that stands at `raw` on top of `offset`. */
static inline uint64_t hardware_counters_sum(uint64_t offset, uint64_t raw, unsigned width)
{
    return offset + (uint64_t)((int64_t)(raw << (64 - width)) >> (64 - width));
}

/* What was not counted, as a line; false: nothing. */
bool hardware_counters_complaint(char *line, size_t size);

#endif
