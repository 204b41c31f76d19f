/*
 * What a scan for leaks looks for pointers to. Where every block is recorded: all memory of
 * which allocators give blocks; where they are sampled, and the allocator is the C library's,
 * which tells how long a block is: those sampled, one in thousands.
 *
 * One user at a time; not for signal handlers. Its memory is reserved once, not the target's.
 */
#ifndef PROFINJECT_LEAK_TARGETS_H
#define PROFINJECT_LEAK_TARGETS_H

#include "preload/memory_parts.h"

#define LEAK_TARGETS_PAGES (1u << 22) /* bits: one per page of 16 GiB, then they are shared */

struct leak_targets {
    const struct own_range *ranges; /* by address */
    uint32_t count;
    uint64_t *pages; /* a bit set for those with a block in them; NULL: not known */
    struct own_range last;
};

/* `blocks`: the sampled ones, if they are the C library's, instead of all memory: where there
 * is room for them. */
void leak_targets_init(struct leak_targets *targets, const struct memory_parts *parts, bool blocks);

bool leak_targets_find(struct leak_targets *targets, uint64_t value);

/* True when `value` may be a pointer to one of them. */
static inline bool leak_targets_have(struct leak_targets *targets, uint64_t value)
{
    uint64_t page = value >> 12 & (LEAK_TARGETS_PAGES - 1);
    if (value - targets->last.start < targets->last.end - targets->last.start)
        return true;
    if (targets->pages && !(targets->pages[page / 64] >> page % 64 & 1))
        return false;
    return leak_targets_find(targets, value);
}

#endif
