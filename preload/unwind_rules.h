/*
 * Unwind rules: for a pc, in one word, how to find the caller's frame. Made from
 * the module's .eh_frame when a pc is first met, then cached for all threads.
 *
 * Signal-safe, lock-free. A cached rule costs 2 ns, a new one 1-3 us once.
 */
#ifndef PROFINJECT_UNWIND_RULES_H
#define PROFINJECT_UNWIND_RULES_H

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

/* The rule for `key`: the pc of an interrupted frame, the return address less one
 * of any other. */
unwind_rule unwind_rule_of_sigsafe(uint64_t key);

/* Drops every rule, because modules went away. */
void unwind_rules_forget(void);

#endif
