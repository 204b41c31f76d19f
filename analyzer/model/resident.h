/*
 * What a process's resident memory is made of, from a look at it: the parts, each of one
 * cause, that sum up to what the kernel counts.
 *
 * Pure functions.
 */
#ifndef PROFINJECT_MODEL_RESIDENT_H
#define PROFINJECT_MODEL_RESIDENT_H

#include "analyzer/model/profile.h"

enum resident_part {
    RESIDENT_LIVE,          /* the heap's live blocks; estimated */
    RESIDENT_FRAGMENTATION, /* of the allocator's memory what no live block needs: free blocks,
                             * headers, caches; estimated */
    RESIDENT_MAPPED,        /* mapped by the program itself, private; exact */
    RESIDENT_SHARED,        /* files, code, shared memory; as the kernel counts */
    RESIDENT_OTHER,         /* the difference: stacks, data of libraries and ours */
    RESIDENT_PARTS,
};

/* Bytes; those not in `known` (1 << part) are 0 and lie in RESIDENT_OTHER. */
struct resident_parts {
    unsigned known;
    uint64_t bytes[RESIDENT_PARTS];
};

/* Of one look of `mapped`. */
struct resident_parts resident_parts_of(const struct profile_mapped *mapped, size_t look);

/* Number of the look that found most resident. `mapped` has one. */
size_t resident_peak(const struct profile_mapped *mapped);

/* "fragmentation", and what its figure is: "estimated". */
const char *resident_part_name(enum resident_part part);
const char *resident_part_label(enum resident_part part);

/* The part beyond the live heap that is most of it. */
enum resident_part resident_most_beyond(const struct resident_parts *parts);

#endif
