/*
 * How much memory the process has, and whose it is: looks from the side, by what the
 * kernel tells of it.
 *
 * The allocator is not asked: mallinfo2() holds each arena's lock while it walks all its
 * free chunks, 140 ns each, 290 ms with two million, and a target that died with such a
 * lock held would take the servant with it. Where its arenas lie the kernel tells, and how
 * much of them is resident too: 0.7 ms per GiB, and nobody waits.
 *
 * For who has the servant's turn. No allocation.
 */
#ifndef PROFINJECT_RESIDENT_H
#define PROFINJECT_RESIDENT_H

#include <stdbool.h>
#include <stdint.h>

struct ring_file;

/* What of a look can be known: TRACE_RESIDENT_*, 0: nothing, and no mappings are recorded
 * either. A fork child calls it again, and is told so: it has its parent's mappings. */
void resident_init(struct ring_file *ring, uint64_t known, bool forked);

/* Before a fork: the live blocks of `ring` will be the child's as well, which says so to
 * resident_init(). */
void resident_fork_prepare(struct ring_file *ring);

/* Looks, if the last look is so long ago that what it cost is nothing beside it, `least_ns`
 * at the least; if anything has changed since, `ring` gets it. */
void resident_tell(uint64_t least_ns, struct ring_file *ring);

/* Likewise when the process ends, unless it has only just been looked at or begun. */
void resident_tell_end(struct ring_file *ring);

#endif
