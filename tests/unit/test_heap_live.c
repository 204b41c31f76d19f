/* Unit tests of preload/heap_live.c. */
#include "preload/heap_live.h"

#include <criterion/criterion.h>
#include <pthread.h>

#define MANY 100000u
#define THREADS 4
#define ROUNDS 20000u

static bool put(uint64_t address, uint32_t number)
{
    return heap_live_put(
        &(struct heap_live_block){.address = address, .thread = 7, .allocation = number});
}

static const void *pointer(uint64_t address)
{
    return (const void *)address;
}

Test(heap_live, what_was_put_in_is_taken_out_once)
{
    struct heap_live_block block;

    cr_assert(put(0x1000, 42));
    cr_expect(heap_live_may_hold(pointer(0x1000)));
    cr_expect_not(heap_live_take_sigsafe(pointer(0x1010), &block));
    cr_assert(heap_live_take_sigsafe(pointer(0x1000), &block));
    cr_expect(block.address == 0x1000 && block.thread == 7 && block.allocation == 42);
    cr_expect_not(heap_live_take_sigsafe(pointer(0x1000), &block));
    cr_expect_not(heap_live_may_hold(pointer(0x1000)));
}

/* More than the first table and more than a byte of the filter can count. */
Test(heap_live, many_blocks_are_all_found)
{
    struct heap_live_block block;

    for (uint32_t i = 0; i < MANY; i++)
        cr_assert(put(0x7f0000000000u + 64 * (uint64_t)i, i));
    for (uint32_t i = 0; i < MANY; i++) {
        const void *address = pointer(0x7f0000000000u + 64 * (uint64_t)i);
        cr_assert(heap_live_may_hold(address));
        cr_assert(heap_live_take_sigsafe(address, &block), "%u", i);
        cr_assert_eq(block.allocation, i);
    }
}

Test(heap_live, nothing_is_left_after_forgetting)
{
    struct heap_live_block block;

    for (uint32_t i = 1; i < 10000; i++)
        put(16 * (uint64_t)i, i);
    heap_live_forget();
    for (uint32_t i = 1; i < 10000; i++) {
        cr_assert_not(heap_live_take_sigsafe(pointer(16 * (uint64_t)i), &block));
    }
    cr_expect(put(16, 1));
}

/* A child of a child, and so on: numbers of images come round. */
Test(heap_live, what_was_forgotten_long_ago_does_not_come_back)
{
    struct heap_live_block block;

    put(0x1000, 1);
    for (int image = 0; image < 256; image++)
        heap_live_forget();
    cr_expect_not(heap_live_take_sigsafe(pointer(0x1000), &block));
    cr_expect_not(heap_live_may_hold(pointer(0x1000)));
}

/* The parent's block was freed where nobody saw it, and its address is used again. */
Test(heap_live, a_block_is_found_behind_a_forgotten_one_at_its_address)
{
    struct heap_live_block block;

    put(0x1000, 1);
    heap_live_forget();
    put(0x1000, 2);
    cr_assert(heap_live_take_sigsafe(pointer(0x1000), &block));
    cr_expect_eq(block.allocation, 2);
    cr_expect_not(heap_live_may_hold(pointer(0x1000)));
}

static struct heap_late taken[MANY];
static uint32_t taken_count, taken_most;

static bool take_late(const struct heap_late *free)
{
    if (taken_count == taken_most)
        return false;
    taken[taken_count++] = *free;
    return true;
}

static bool put_late(uint64_t address, uint32_t kind, uint64_t time_ns)
{
    return heap_live_put_late(
        &(struct heap_late){.address = address, .kind = kind, .time_ns = time_ns});
}

/* The second time as far as there is room for, then the rest. */
Test(heap_live, late_frees_are_kept_until_they_are_taken)
{
    struct heap_live_block block;
    uint64_t sum = 0;

    for (uint32_t i = 1; i <= MANY; i++)
        cr_assert(put_late(8 * (uint64_t)i, i % 3, 1ull << 59 | i));
    cr_expect_not(heap_live_may_hold(pointer(8)), "they are no blocks");
    cr_expect_not(heap_live_take_sigsafe(pointer(8), &block));
    cr_assert(heap_live_has_late());
    taken_most = 10;
    cr_expect_not(heap_live_each_late(take_late));
    cr_expect_eq(taken_count, 10);
    taken_most = MANY;
    cr_expect(heap_live_each_late(take_late));
    cr_assert_eq(taken_count, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        uint64_t number = taken[i].address / 8, time = 1ull << 59 | number;
        cr_assert_eq(taken[i].kind, number % 3);
        cr_assert(taken[i].time_ns >= time && taken[i].time_ns < time + 16);
        sum += number;
    }
    cr_expect_eq(sum, MANY * (MANY + 1ull) / 2);
    cr_expect_not(heap_live_has_late());
}

Test(heap_live, a_late_free_and_a_new_block_at_its_address_are_two_things)
{
    struct heap_live_block block;

    put_late(0x1000, 1, 16);
    cr_assert(put(0x1000, 3));
    taken_most = 1;
    cr_expect(heap_live_each_late(take_late));
    cr_expect(taken[0].address == 0x1000 && taken[0].time_ns == 16 && taken[0].kind == 1);
    cr_expect(heap_live_take_sigsafe(pointer(0x1000), &block) && block.allocation == 3);
}

Test(heap_live, late_frees_of_the_parent_are_forgotten)
{
    put_late(0x1000, 1, 16);
    heap_live_forget();
    cr_expect_not(heap_live_has_late());
    taken_most = 1;
    cr_expect(heap_live_each_late(take_late));
    cr_expect_eq(taken_count, 0);
}

Test(heap_live, which_allocation_it_was_is_kept)
{
    struct heap_live_block block;

    heap_live_put(&(struct heap_live_block){
        .address = 0x1000, .thread = 0x01234567, .allocation = UINT32_MAX});
    cr_assert(heap_live_take_sigsafe(pointer(0x1000), &block));
    cr_expect(heap_live_is_of(&block, 0x01234567, UINT32_MAX));
    cr_expect(heap_live_is_of(&block, 0x101234567, 0x1ffffffff));
    cr_expect_not(heap_live_is_of(&block, 0x01234568, UINT32_MAX));
    cr_expect_not(heap_live_is_of(&block, 0x01234567, 0));
}

/* Each thread's blocks lie among those of the others. */
static void *churn(void *number)
{
    uint64_t base = 0x10000 + 16 * (uint64_t)number;
    struct heap_live_block block;
    uintptr_t wrong = 0;

    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint64_t address = base + 16ull * THREADS * (i % 97);
        wrong += !put(address, i);
        wrong += !heap_live_may_hold(pointer(address));
        wrong += !heap_live_take_sigsafe(pointer(address), &block) || block.allocation != i;
    }
    return (void *)wrong;
}

Test(heap_live, threads_do_not_lose_blocks)
{
    pthread_t threads[THREADS];
    void *wrong;

    for (uintptr_t i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, churn, (void *)i), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &wrong);
        cr_expect_null(wrong);
    }
    for (uint32_t i = 0; i < sizeof heap_live_filter; i++)
        cr_assert_eq(heap_live_filter[i], 0);
}
