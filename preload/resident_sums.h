/*
 * What is resident, summed by whose it is: areas of the address space (smaps.h) meet ranges
 * in it that somebody is known to have. Every resident byte is counted once.
 *
 * Not thread-safe, not for signal handlers. No allocation.
 */
#ifndef PROFINJECT_RESIDENT_SUMS_H
#define PROFINJECT_RESIDENT_SUMS_H

#include "preload/contract/encode_mappings.h"
#include "preload/smaps.h"

#include <stdbool.h>
#include <stdint.h>

enum resident_owner {
    RESIDENT_ALLOCATOR, /* its small blocks are there */
    RESIDENT_LARGE,     /* blocks of it with mappings of their own */
    RESIDENT_PROGRAM,   /* mapped it */
    RESIDENT_THREAD,    /* a stack */
    RESIDENT_PROFILER,
};

/* Ranges beyond that many are not told from memory of nobody in particular. */
#define RESIDENT_RANGES 4096u

struct resident_range {
    uint64_t start, end;
    enum resident_owner owner;
};

struct resident_sums {
    struct resident_look *look; /* gets the sums */
    bool has_arenas;            /* the C library's allocator is to be looked for */
    struct resident_range ranges[RESIDENT_RANGES];
    uint32_t count;
    uint64_t ring;     /* resident bytes of ours, which are shared memory */
    uint64_t data_end; /* of the area before, a file's that can be written to; 0: it is none */
};

/* Forgets all ranges. */
void resident_sums_begin(struct resident_sums *sums, struct resident_look *look, bool has_arenas);

void resident_sums_range(struct resident_sums *sums, uint64_t start, uint64_t end,
                         enum resident_owner owner);

/* The next area, `sums` being a struct resident_sums; after all ranges. */
void resident_sums_area(void *sums, const struct smaps_area *area);

#endif
