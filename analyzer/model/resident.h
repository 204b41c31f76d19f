/*
 * What a process's resident memory is made of, from a look at it: the parts, each of one
 * cause, that sum up to what the kernel counts.
 *
 * Pure functions.
 */
#ifndef PROFINJECT_MODEL_RESIDENT_H
#define PROFINJECT_MODEL_RESIDENT_H

#include "analyzer/model/profile.h"

#define RESIDENT_UNSEEN_LEAST 0.05 /* of what looks found: by so much more is another moment's */

enum resident_part {
    RESIDENT_LIVE,          /* the heap's live blocks; estimated */
    RESIDENT_FRAGMENTATION, /* of the allocator's memory what no live block needs: free blocks,
                             * headers, caches; estimated */
    RESIDENT_MAPPED,        /* mapped by the program itself, private; exact */
    RESIDENT_STACKS,        /* of threads */
    RESIDENT_LAZY,          /* freed by MADV_FREE: there until the kernel wants it */
    RESIDENT_SHMEM,         /* shared memory, tmpfs */
    RESIDENT_FILES,         /* code and other files that are mapped; shared memory as
                             * well where kinds are not known */
    RESIDENT_DATA,          /* pages of files that are mapped privately and written to: the
                             * variables of the program and its libraries above all */
    RESIDENT_OWN,           /* the profiler's */
    RESIDENT_OTHER,         /* the difference: anonymous memory that nobody told of */
    RESIDENT_PARTS,
};

/* Bytes; those not in `known` (1 << part) are 0 and lie in RESIDENT_OTHER. */
struct resident_parts {
    unsigned known;
    uint64_t bytes[RESIDENT_PARTS];
};

struct resident_parts resident_parts_of(const struct profile_resident *look);

/* Number of the look that found most resident. `mapped` has one. */
size_t resident_peak(const struct profile_mapped *mapped);

/* The most of a process's resident memory that anybody saw in the profile's part of the time: a look,
 * which knows what it is made of; the series process.rss, which is looked at more often; or the kernel,
 * whose mark misses nothing, and does not tell when. */
struct resident_most {
    enum { RESIDENT_SEEN_BY_LOOK, RESIDENT_SEEN_BY_SERIES, RESIDENT_SEEN_BY_KERNEL } by;
    uint64_t bytes; /* 0: nobody saw any */
    uint64_t
        time_ns; /* CLOCK_MONOTONIC; of the kernel's, when about as much was seen; 0: not known */
};

struct resident_most resident_most(const struct profile *profile,
                                   const struct profile_process *process);

/* The newest that looks and series saw, likewise: where the recording ends before the process does,
 * as of a session, no look is its end. */
struct resident_most resident_last(const struct profile *profile,
                                   const struct profile_process *process);

/* "fragmentation", and what its figure is: "estimated". */
const char *resident_part_name(enum resident_part part);
const char *resident_part_label(enum resident_part part);

#endif
