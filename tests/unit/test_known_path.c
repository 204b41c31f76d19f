/* Paths known by where they begin: every word, and every register that matters, is looked at. */
#include "preload/known_path.h"

#include <criterion/criterion.h>
#include <string.h>

#define WORDS 20u
#define EPOCH 7u

static uint64_t stack[70000];
static struct known_path known;
static struct registers at;

/* Its words are every third of the stack's. */
static void start(void)
{
    for (unsigned i = 0; i < sizeof stack / sizeof *stack; i++)
        stack[i] = i * 0x1001u;
    at = (struct registers){.pc = 0x1234, .sp = (uint64_t)stack, .fp = 0x5678};
    memset(&known, 0, sizeof known);
}

static void know(bool needs_fp)
{
    known_path_begin(&known, &at, needs_fp, EPOCH);
    for (unsigned i = 0; i < WORDS; i++)
        cr_assert(known_path_add(&known, (uint64_t)&stack[3 * i], stack[3 * i]));
    known_path_finish(&known, WORDS);
}

TestSuite(known_path, .init = start);

Test(known_path, nothing_is_known_at_first_nor_while_it_is_filled_in)
{
    struct registers nowhere = {0};
    cr_assert_not(known_path_holds(&known, &nowhere, 0));
    know(true);
    cr_assert(known_path_holds(&known, &at, EPOCH));
    known_path_begin(&known, &at, true, EPOCH);
    cr_assert_not(known_path_holds(&known, &at, EPOCH));
    known_path_add(&known, at.sp, stack[0]);
    cr_assert_not(known_path_holds(&known, &at, EPOCH));
}

Test(known_path, every_word_counts_and_no_other)
{
    know(false);
    for (unsigned i = 0; i < 3 * WORDS + 3; i++) {
        stack[i] ^= 1ull << i % 64;
        cr_assert_eq(known_path_holds(&known, &at, EPOCH), i % 3 != 0 || i >= 3 * WORDS, "%u", i);
        stack[i] ^= 1ull << i % 64;
    }
    cr_assert(known_path_holds(&known, &at, EPOCH));
}

Test(known_path, registers_and_the_epoch_count)
{
    struct registers other = at;
    know(false);
    cr_assert_not(known_path_holds(&known, &at, EPOCH + 1));
    other.pc++;
    cr_assert_not(known_path_holds(&known, &other, EPOCH));
    other = at;
    other.sp += 8;
    cr_assert_not(known_path_holds(&known, &other, EPOCH));
}

Test(known_path, the_frame_pointer_counts_where_it_is_needed)
{
    struct registers other = at;
    other.fp++;
    know(false);
    cr_assert(known_path_holds(&known, &other, EPOCH));
    know(true);
    cr_assert_not(known_path_holds(&known, &other, EPOCH));
}

Test(known_path, what_is_too_far_or_too_much_is_refused)
{
    known_path_begin(&known, &at, false, EPOCH);
    cr_assert_not(known_path_add(&known, (uint64_t)&stack[UINT16_MAX + 1], 0));
    cr_assert(known_path_add(&known, (uint64_t)&stack[UINT16_MAX], stack[UINT16_MAX]));
    for (unsigned i = 1; i < KNOWN_PATH_WORDS; i++)
        cr_assert(known_path_add(&known, (uint64_t)&stack[i], stack[i]));
    cr_assert_not(known_path_add(&known, (uint64_t)&stack[0], stack[0]));
    known_path_finish(&known, 0);
    cr_assert(known_path_holds(&known, &at, EPOCH));
    stack[UINT16_MAX]++;
    cr_assert_not(known_path_holds(&known, &at, EPOCH));
}
