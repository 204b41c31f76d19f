/*
 * A trace that rotates (trace_format.h, PARTS): names of its parts, places in it, and how the
 * oldest part makes room for a new one.
 *
 * Parts are files of their own, beginning with an epoch, and the oldest is replaced by rename(): at every moment
 * all others are there whole, who reads one that is replaced goes on reading what it was, and
 * no file system has to be able to do more. Holes punched at the front of a single file, or its front
 * collapsed, would leave a file of ever growing size, or are for few file systems; a ring of segments
 * within a single one would change under those who have it mapped, and no `zstd -d` reads it.
 *
 * Stateless. Not for signal handlers.
 */
#ifndef PROFINJECT_TRACE_PARTS_H
#define PROFINJECT_TRACE_PARTS_H

#include "preload/contract/trace_format.h"

#include <stdbool.h>
#include <stddef.h>

/* How far a trace goes, in a word: bytes of the part being written, and its number. Later
 * places are larger. */
#define TRACE_PLACE_BITS 40

static inline uint64_t trace_place(uint32_t part, uint64_t bytes)
{
    return (uint64_t)part << TRACE_PLACE_BITS | bytes;
}

static inline uint32_t trace_place_part(uint64_t place)
{
    return (uint32_t)(place >> TRACE_PLACE_BITS);
}

static inline uint64_t trace_place_bytes(uint64_t place)
{
    return place & (((uint64_t)1 << TRACE_PLACE_BITS) - 1);
}

/* The file that part `part` of the trace `trace` is in, or comes into. 0 or -ENAMETOOLONG. */
int trace_part_name(char *name, size_t size, const char *trace, uint32_t part);

/*
 * Begins a part, empty, in place of the oldest, in `directory` (as openat() has it): `fd` is
 * its file from now on. 0 or -errno; then the others are as they were.
 */
int trace_part_begin(int directory, const char *trace, uint32_t part, int fd);

#endif
