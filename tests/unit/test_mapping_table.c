/* Unit tests of preload/mapping_table.c. */
#include "preload/mapping_table.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>

#define MIB (1ull << 20)
#define THREADS 4
#define ROUNDS 20000u

static struct mapping found[MAPPING_TABLE_SIZE];

static bool put(uint64_t start, uint64_t length)
{
    return mapping_table_put_sigsafe(&(struct mapping){start, length, MAPPING_PROGRAM, true});
}

static uint64_t sum(void)
{
    uint64_t bytes = 0;
    size_t count = mapping_table_copy(found, MAPPING_TABLE_SIZE);

    for (size_t i = 0; i < count; i++)
        bytes += found[i].length;
    return bytes;
}

TestSuite(mapping_table, .init = mapping_table_forget);

Test(mapping_table, a_range_is_there_until_it_is_cut_out)
{
    cr_assert(put(8 * MIB, MIB));
    cr_expect(mapping_table_touches_sigsafe(8 * MIB + 4096, 4096));
    cr_expect(mapping_table_touches_sigsafe(8 * MIB - 4096, 8192));
    cr_expect_not(mapping_table_touches_sigsafe(8 * MIB - 4096, 4096));
    cr_expect_not(mapping_table_touches_sigsafe(9 * MIB, 4096));
    cr_expect(mapping_table_cut_sigsafe(8 * MIB, MIB));
    cr_expect_not(mapping_table_touches_sigsafe(8 * MIB, MIB));
    cr_expect_eq(sum(), 0);
}

Test(mapping_table, cutting_leaves_both_ends)
{
    cr_assert(put(8 * MIB, 4 * MIB));
    cr_expect(mapping_table_cut_sigsafe(9 * MIB, MIB));
    cr_expect_eq(mapping_table_copy(found, MAPPING_TABLE_SIZE), 2);
    cr_expect_eq(sum(), 3 * MIB);
    cr_expect_not(mapping_table_touches_sigsafe(9 * MIB, MIB));
    cr_expect(mapping_table_touches_sigsafe(9 * MIB - 1, 1));
    cr_expect(mapping_table_touches_sigsafe(10 * MIB, 1));
    cr_expect(mapping_table_cut_sigsafe(0, 9 * MIB));
    cr_expect_eq(sum(), 2 * MIB);
    cr_expect(mapping_table_cut_sigsafe(11 * MIB, 100 * MIB));
    cr_expect_eq(sum(), MIB);
}

Test(mapping_table, one_cut_ends_several)
{
    for (uint64_t i = 0; i < 10; i++)
        cr_assert(put((10 + 2 * i) * MIB, MIB));
    cr_expect(mapping_table_cut_sigsafe(12 * MIB, 7 * MIB)); /* four of them */
    cr_expect_eq(sum(), 6 * MIB);
}

Test(mapping_table, whose_it_is_and_what_was_told_are_kept)
{
    struct mapping quiet = {8 * MIB, 4 * MIB, MAPPING_ALLOCATOR, false};

    cr_assert(mapping_table_put_sigsafe(&quiet));
    cr_expect_not(mapping_table_cut_sigsafe(9 * MIB, MIB), "nobody has to hear of it");
    cr_assert_eq(mapping_table_copy(found, MAPPING_TABLE_SIZE), 2);
    for (int i = 0; i < 2; i++)
        cr_expect(found[i].owner == MAPPING_ALLOCATOR && !found[i].told);
    cr_assert(put(20 * MIB, MIB));
    mapping_table_assign(MAPPING_SHARED);
    cr_expect_eq(mapping_table_copy(found, MAPPING_TABLE_SIZE), 3);
    cr_expect_eq(found[2].owner, MAPPING_SHARED);
}

Test(mapping_table, a_fork_child_has_them_untold)
{
    cr_assert(put(8 * MIB, MIB));
    mapping_table_inherit();
    cr_expect_eq(sum(), MIB);
    cr_expect_not(mapping_table_cut_sigsafe(8 * MIB, MIB));
}

Test(mapping_table, what_does_not_fit_may_be_anywhere)
{
    for (uint64_t i = 0; i < MAPPING_TABLE_SIZE; i++)
        cr_assert(put((2 * i + 1) * MIB, MIB));
    cr_expect_not(mapping_table_touches_sigsafe(2 * MIB, MIB));
    cr_expect_not(put(1ull << 40, MIB));
    cr_expect(mapping_table_touches_sigsafe(2 * MIB, MIB));
    cr_expect(mapping_table_cut_sigsafe(1ull << 40, MIB));
    mapping_table_forget();
    cr_expect_not(mapping_table_touches_sigsafe(2 * MIB, MIB));
}

Test(mapping_table, what_lies_side_by_side_is_one)
{
    struct mapping other = {9 * MIB, MIB, MAPPING_ALLOCATOR, false};

    for (uint64_t i = 0; i < 2 * MAPPING_TABLE_SIZE; i++)
        cr_assert(put((1000 + i) * MIB, MIB));
    cr_assert(put(999 * MIB, MIB));
    cr_expect_eq(mapping_table_copy(found, MAPPING_TABLE_SIZE), 1);
    cr_expect_eq(sum(), (2 * MAPPING_TABLE_SIZE + 1) * MIB);
    cr_assert(put(8 * MIB, MIB));
    cr_assert(mapping_table_put_sigsafe(&other));
    cr_assert(put(10 * MIB, MIB));
    cr_expect_eq(mapping_table_copy(found, MAPPING_TABLE_SIZE), 4, "of one owner");
    cr_expect(mapping_table_cut_sigsafe(1000 * MIB, MIB));
    cr_expect_not(mapping_table_touches_sigsafe(1000 * MIB, MIB));
    cr_expect(mapping_table_touches_sigsafe(1001 * MIB, MIB));
}

/* Each thread has addresses of its own, as the kernel gives them out. */
static unsigned apart; /* bits: how far they lie from each other */

static void *make_and_cut(void *argument)
{
    uint64_t base = (uint64_t)(uintptr_t)argument << apart;
    unsigned seed = (unsigned)(uintptr_t)argument;
    uintptr_t wrong = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        uint64_t pages = apart > 22 ? 300 + (unsigned)rand_r(&seed) % 100 : 1024;
        put(base, pages * 4096);
        uint64_t hole = 1 + (unsigned)rand_r(&seed) % 200;
        wrong += !mapping_table_cut_sigsafe(base + hole * 4096, 4096);
        wrong += mapping_table_touches_sigsafe(base + hole * 4096, 4096);
        wrong += !mapping_table_touches_sigsafe(base + (hole - 1) * 4096, 4096);
        mapping_table_cut_sigsafe(base, pages * 4096);
        wrong += mapping_table_touches_sigsafe(base, pages * 4096);
    }
    return (void *)wrong;
}

static void let_threads_make_and_cut(void)
{
    pthread_t threads[THREADS];

    for (uintptr_t i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, make_and_cut, (void *)(i + 1)), 0);
    for (int i = 0; i < THREADS; i++) {
        void *wrong;
        pthread_join(threads[i], &wrong);
        cr_expect_eq(wrong, NULL);
    }
    cr_expect_eq(sum(), 0);
}

Test(mapping_table, threads_do_not_meet)
{
    apart = 40;
    let_threads_make_and_cut();
}

/* Theirs lie side by side, and are joined, and parted again by the other. */
Test(mapping_table, neighbours_do_not_lose_what_they_share)
{
    apart = 22;
    let_threads_make_and_cut();
}
