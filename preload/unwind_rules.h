/*
 * Unwind rules: for a pc, in one word, how to find the caller's frame. Made from
 * the module's .eh_frame when a place is first met, for the places around it as well,
 * then cached for all threads.
 *
 * Signal-safe, lock-free. A cached rule costs 2 ns, a new one 1-3 us once.
 */
#ifndef PROFINJECT_UNWIND_RULES_H
#define PROFINJECT_UNWIND_RULES_H

#include "preload/cfi.h"
#include "preload/platform.h"

#include <stdbool.h>
#include <stdint.h>

/* bits 0-2 kind; for RULE_SIMPLE also: 3 CFA from rbp instead of rsp, 4-15 CFA
 * offset / 8, 16-23 distance of the saved rbp below the CFA / 8, 0 when it is not saved.
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
    return (rule >> 16 & 255u) * 8u;
}

/* The rule of a row with that CFA and these places of rbp and the return address:
 * RULE_SIMPLE when it fits the word, else RULE_HARD. */
unwind_rule unwind_rule_encode_sigsafe(uint32_t cfa_register, int64_t cfa_offset,
                                       struct cfi_register rbp, struct cfi_register ra);

/*
 * An entry of the cache says by which rule some pcs of a block of code, 64 bytes, go:
 *
 *     bits 36-63 tag, 30-35 first pc in the block, 24-29 how many more, 0-23 rule
 *
 * A block has a set of four entries, for as many rows; tag and the set's number, which is
 * block ^ tag, name the block exactly for 47-bit addresses. One word each, so that no
 * lock is needed and nothing can be torn.
 */
#define UNWIND_BLOCK_BITS 6
#define UNWIND_SET_BITS 13
#define UNWIND_WAYS 4u
#define UNWIND_RULE_BITS 24
#define UNWIND_CACHE_SIZE (UNWIND_WAYS << UNWIND_SET_BITS)
extern uint64_t unwind_rule_cache[UNWIND_CACHE_SIZE]
    __attribute__((visibility("hidden"), aligned(64)));

/* The set of the block with number `block`. */
static inline uint64_t *unwind_rule_set(uint64_t block)
{
    uint64_t number = (block ^ block >> UNWIND_SET_BITS) & ((1u << UNWIND_SET_BITS) - 1);
    return &unwind_rule_cache[number * UNWIND_WAYS];
}

/* The rule for `key` when it is cached, else 0. */
static inline unwind_rule unwind_rule_cached_sigsafe(uint64_t key)
{
    const uint64_t block = key >> UNWIND_BLOCK_BITS, tag = block >> UNWIND_SET_BITS;
    const uint64_t *set = unwind_rule_set(block);
    const uint32_t place = key & ((1u << UNWIND_BLOCK_BITS) - 1);
    for (unsigned way = 0; way < UNWIND_WAYS; way++) {
        uint64_t word = __atomic_load_n(&set[way], __ATOMIC_RELAXED);
        uint32_t first = word >> (UNWIND_RULE_BITS + UNWIND_BLOCK_BITS) & 63u;
        uint32_t more = word >> UNWIND_RULE_BITS & 63u;
        if (word >> (UNWIND_RULE_BITS + 2 * UNWIND_BLOCK_BITS) == tag && place - first <= more)
            return (unwind_rule)word & ((1u << UNWIND_RULE_BITS) - 1);
    }
    return 0;
}

/* Makes it from the module's tables and caches it, and those around it. 1-3 us. */
unwind_rule unwind_rule_make_sigsafe(uint64_t key);

/* The rule for `key`: the pc of an interrupted frame, the return address less one
 * of any other. */
static inline unwind_rule unwind_rule_of_sigsafe(uint64_t key)
{
    unwind_rule rule = unwind_rule_cached_sigsafe(key);
    return PLATFORM_LIKELY(rule != 0) ? rule : unwind_rule_make_sigsafe(key);
}

/* Gives the cache its memory. Constructor only. */
void unwind_rules_init(void);

/* Drops every rule, because modules went away. */
void unwind_rules_forget(void);

#endif
