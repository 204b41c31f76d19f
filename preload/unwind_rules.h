/*
 * Unwind rules: for a pc, in one word, how to find the caller's frame. Made from
 * the module's .eh_frame when a pc is first met, then cached for all threads.
 *
 * Signal-safe, lock-free. A cached rule costs 2 ns, a new one 1-3 us once.
 */
#ifndef PROFINJECT_UNWIND_RULES_H
#define PROFINJECT_UNWIND_RULES_H

#include "preload/platform.h"

#include <stdbool.h>
#include <stdint.h>

/* bits 0-2 kind; for RULE_SIMPLE also: 3 CFA from rbp instead of rsp, 4-15 CFA
 * offset / 8, 16 rbp saved, 17-28 distance of the saved rbp below the CFA / 8.
 * The return address is at CFA - 8. */
typedef uint32_t unwind_rule;

enum unwind_rule_kind {
    RULE_EMPTY = 0,
    RULE_SIMPLE = 1,
    RULE_END = 2,     /* outermost frame */
    RULE_HARD = 3,    /* described, but not in one word: libunwind's work */
    RULE_SIGNAL = 4,  /* signal return trampoline: the interrupted context follows */
    RULE_UNKNOWN = 5, /* no description: frame pointer, guessed */
    RULE_NOWHERE = 6, /* not in any module */
};

static inline enum unwind_rule_kind unwind_rule_kind(unwind_rule rule)
{
    return (enum unwind_rule_kind)(rule & 7);
}

static inline bool unwind_rule_from_fp(unwind_rule rule)
{
    return rule & 8;
}

static inline uint64_t unwind_rule_cfa_offset(unwind_rule rule)
{
    return (rule >> 4 & 4095u) * 8u;
}

/* Distance of the saved rbp below the CFA, 0 when it is not saved. */
static inline uint64_t unwind_rule_fp_distance(unwind_rule rule)
{
    return (rule >> 17 & 4095u) * 8u;
}

/* An entry of the cache is `tag << 30 | rule` with tag = key >> UNWIND_CACHE_BITS:
 * together with the index, which is key ^ tag, it names the key exactly for 47-bit
 * addresses. One word, so that no lock is needed and nothing can be torn. */
#define UNWIND_CACHE_BITS 15
#define UNWIND_CACHE_SIZE (1u << UNWIND_CACHE_BITS)
#define UNWIND_RULE_BITS 30
extern uint64_t unwind_rule_cache[UNWIND_CACHE_SIZE] __attribute__((visibility("hidden")));

/* The rule for `key` when it is cached, else 0. */
static inline unwind_rule unwind_rule_cached_sigsafe(uint64_t key)
{
    uint64_t tag = key >> UNWIND_CACHE_BITS;
    uint64_t word = __atomic_load_n(&unwind_rule_cache[(key ^ tag) & (UNWIND_CACHE_SIZE - 1)],
                                    __ATOMIC_RELAXED);
    return word >> UNWIND_RULE_BITS == tag ? (unwind_rule)word & ((1u << UNWIND_RULE_BITS) - 1) : 0;
}

/* Makes it from the module's tables and caches it. 1-3 us. */
unwind_rule unwind_rule_make_sigsafe(uint64_t key);

/* The rule for `key`: the pc of an interrupted frame, the return address less one
 * of any other. */
static inline unwind_rule unwind_rule_of_sigsafe(uint64_t key)
{
    unwind_rule rule = unwind_rule_cached_sigsafe(key);
    return PLATFORM_LIKELY(rule != 0) ? rule : unwind_rule_make_sigsafe(key);
}

/* Drops every rule, because modules went away. */
void unwind_rules_forget(void);

#endif
