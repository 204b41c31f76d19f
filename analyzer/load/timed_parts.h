/*
 * Parts of entries with their times, for profile->samples. Kept only where they are wanted, because
 * memory grows with them, up to a limit and the number of entries.
 *
 * What entries come to is known at the end alone: the kernel's count corrects waits, an exec that
 * failed takes back what was charged to ends, ticks of brief threads are more than they ran. So parts are noted as they come, and
 * fitted once: in proportion, so that they add up to their entry. What an entry has no part of lies
 * somewhere in the life of its thread. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_TIMED_PARTS_H
#define PROFINJECT_LOAD_TIMED_PARTS_H

#include "analyzer/load/trace_entries.h"
#include "analyzer/model/profile.h"

/* So many are kept each for itself; of more, those of one entry in one slice of time become one, in
 * slices as wide as it takes. */
#define TIMED_PARTS_MOST ((size_t)2 << 20)
#define TIMED_PARTS_FIRST_NS 500000

struct timed_part {
    uint64_t slice;                        /* of time_ns; 0 while there are none */
    uint32_t thread, stack, region, state; /* as of a trace_entry */
    uint64_t time_ns, span_ns;             /* as of a profile_sample */
    uint64_t length;                       /* in any unit, that of all of its entry */
    uint32_t entry;                        /* once found: its number */
};

struct timed_parts {
    bool wanted; /* by who reads the trace; if not, nothing is kept */
    struct timed_part *items;
    size_t count, capacity;
    size_t most;       /* before there are wider slices; 0: TIMED_PARTS_MOST */
    uint64_t slice_ns; /* 0: there are no slices */
    struct element_index index;
};

/* Those of one entry in one slice of `slice_ns` become one from the beginning. Before the first. */
void timed_parts_slice(struct timed_parts *parts, uint64_t slice_ns);

/* `slice` and `entry` are not looked at. */
void timed_parts_add(struct timed_parts *parts, const struct timed_part *part);
void timed_parts_release(struct timed_parts *parts);

/* Finds the entry of each. Once none is looked for any more, and they are not sealed yet. */
void timed_parts_find(struct timed_parts *parts, struct trace_entries *entries);

/* Once times of entries are what they will be. `length` is nanoseconds then. */
void timed_parts_fit(struct timed_parts *parts, const struct trace_entries *entries,
                     const struct profile_thread *threads);

#endif
