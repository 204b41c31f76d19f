/*
 * What a walk may read: the range it trusts and the page it probed last. Inline
 * because every frame of every walk goes through it. Signal-safe.
 */
#ifndef PROFINJECT_STACK_MEMORY_H
#define PROFINJECT_STACK_MEMORY_H

#include "preload/platform.h"
#include "preload/safe_read.h"
#include "preload/unwind.h"

struct stack_memory {
    uint64_t low, high; /* readable; empty at first where bounds are unknown */
};

/* Trusts [sp, high) of the bounds when sp lies on that stack. */
static inline void stack_memory_enter_sigsafe(struct stack_memory *memory,
                                              const struct stack_bounds *bounds, uint64_t sp)
{
    bool inside = sp >= bounds->low && sp < bounds->high;
    memory->low = inside ? sp : 0;
    memory->high = inside ? bounds->high : 0;
}

/* Reads the aligned word at `address`; false when it cannot be read. A damaged stack
 * leads anywhere in it, also where a sanitizer's tests forbid to look. */
__attribute__((no_sanitize("address"))) static inline bool
stack_memory_read_sigsafe(struct stack_memory *memory, uint64_t address, uint64_t *word)
{
    if (address & 7)
        return false;
    if (PLATFORM_UNLIKELY(address < memory->low || address >= memory->high)) {
        if (!safe_read_page_sigsafe(address))
            return false;
        /* Neighbouring pages join the trusted range; a far one replaces it. */
        uint64_t page = address & ~(uint64_t)(SAFE_READ_PAGE - 1);
        if (page == memory->high) {
            memory->high = page + SAFE_READ_PAGE;
        } else {
            memory->low = page;
            memory->high = page + SAFE_READ_PAGE;
        }
    }
    *word = *(const uint64_t *)address;
    return true;
}

#endif
