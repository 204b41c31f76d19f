/* Equal stacks are one stack; roots and guesses are inherited. */
#include "analyzer/load/raw_stacks.h"
#include "preload/contract/trace_format.h"

#include <criterion/criterion.h>

Test(raw_stacks, stacks_are_shared_and_inherit)
{
    struct raw_stacks raw;

    raw_stacks_init(&raw);
    cr_assert_eq(raw.count, RAW_STACK_ROOTS);
    uint32_t root = raw_stacks_add(&raw, TRACE_STACK_COMPLETE, 1, false);
    uint32_t leaf = raw_stacks_add(&raw, root, 2, false);
    cr_assert_eq(raw_stacks_add(&raw, root, 2, false), leaf);
    uint32_t guessed = raw_stacks_add(&raw, root, 2, true);
    cr_assert_neq(guessed, leaf);
    uint32_t below = raw_stacks_add(&raw, guessed, 3, false);
    uint32_t cut =
        raw_stacks_add(&raw, raw_stacks_add(&raw, TRACE_STACK_TRUNCATED, 1, false), 2, false);
    cr_assert(raw.stacks[below].has_guess);
    cr_assert_not(raw.stacks[below].guessed);
    cr_assert_not(raw.stacks[leaf].has_guess);
    cr_assert_eq(raw.stacks[below].root, TRACE_STACK_COMPLETE);
    cr_assert_eq(raw.stacks[cut].root, TRACE_STACK_TRUNCATED);
    cr_assert_neq(cut, leaf);
    raw_stacks_release(&raw);
}

/* The way was lost between a guessed frame and its callee, or at a broken stack's root. */
Test(raw_stacks, trouble_is_nearest_to_the_leaf)
{
    struct raw_stacks raw;

    raw_stacks_init(&raw);
    uint32_t whole = raw_stacks_add(&raw, TRACE_STACK_COMPLETE, 1, false);
    cr_assert_not(raw.stacks[whole].has_trouble);
    uint32_t broken = raw_stacks_add(&raw, TRACE_STACK_BROKEN, 5, false);
    uint32_t above = raw_stacks_add(&raw, broken, 6, true);
    uint32_t at = raw_stacks_add(&raw, above, 7, false);
    uint32_t below = raw_stacks_add(&raw, at, 8, false);
    cr_assert(raw.stacks[broken].has_trouble && raw.stacks[broken].trouble == 5);
    cr_assert(raw.stacks[above].has_trouble && raw.stacks[above].trouble == 5);
    cr_assert(raw.stacks[at].has_trouble && raw.stacks[at].trouble == 7);
    cr_assert(raw.stacks[below].has_trouble && raw.stacks[below].trouble == 7);
    uint32_t guessed_leaf = raw_stacks_add(&raw, whole, 9, true);
    cr_assert_not(raw.stacks[guessed_leaf].has_trouble);
    raw_stacks_release(&raw);
}
