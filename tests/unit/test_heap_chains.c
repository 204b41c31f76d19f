/* Unit tests of analyzer/model/heap_chains.c. */
#include "analyzer/model/heap_chains.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define BLOCKS 2000

static struct heap_chains *chains;

/* NULL: none. Good until the next call. */
static const struct heap_chain_sums *sums_of(uint32_t site)
{
    static struct heap_chain_sums sums;

    return heap_chains_of(chains, site, &sums) ? &sums : NULL;
}

static void resize(uint32_t thread, uint32_t site, uint64_t from, uint64_t from_size, uint64_t to,
                   uint64_t size)
{
    heap_chains_resized(chains, thread, from, from_size);
    heap_chains_resize(chains, thread, site, to, size, 1);
}

Test(heap_chains, a_vector_that_doubles)
{
    chains = heap_chains_new(false);
    for (uint64_t i = 0; i < 10; i++) /* 16 becomes 32 ... becomes 16384 */
        resize(0, 3, 0x1000 + (i << 20), 16u << i, 0x1000 + ((i + 1) << 20), 32u << i);
    heap_chains_end(chains, 0x1000 + (10u << 20));
    const struct heap_chain_sums *sums = sums_of(3);
    cr_assert_not_null(sums);
    cr_expect_eq(sums->chains, 1);
    cr_expect_eq(sums->resizes.total, 10);
    cr_expect_eq(sums->longest, 10);
    cr_expect_eq(sums->moved, 10);
    cr_expect_eq(sums->copied.total, 16 * 1023);
    cr_expect_eq(sums->worst_copied, 16 * 1023);
    cr_expect_eq(sums->final_bytes, 16384);
    cr_expect_eq(sums->largest, 16384);
    cr_expect_null(sums_of(0));
    cr_expect_null(sums_of(99));
    cr_expect_eq(chains->count, 0);
    heap_chains_free(chains);
}

Test(heap_chains, in_place_and_smaller)
{
    chains = heap_chains_new(false);
    resize(0, 0, 0x1000, 100, 0x1000, 200);
    resize(0, 0, 0x1000, 200, 0x1000, 50); /* keeps 50 */
    heap_chains_settle(chains);            /* still live */
    const struct heap_chain_sums *sums = sums_of(0);
    cr_expect_eq(sums->chains, 1);
    cr_expect_eq(sums->moved, 0);
    cr_expect_eq(sums->copied.total, 150);
    cr_expect_eq(sums->final_bytes, 50);
    heap_chains_free(chains);
}

Test(heap_chains, threads_that_resize_at_once_do_not_mix)
{
    chains = heap_chains_new(false);
    heap_chains_resized(chains, 0, 0x1000, 10);
    heap_chains_resized(chains, 1, 0x2000, 1000);
    heap_chains_resize(chains, 1, 1, 0x1000, 2000, 1); /* what the other one gave back */
    heap_chains_resize(chains, 0, 0, 0x3000, 20, 1);
    heap_chains_settle(chains);
    cr_expect_eq(sums_of(0)->copied.total, 10);
    cr_expect_eq(sums_of(1)->copied.total, 1000);
    heap_chains_free(chains);
}

Test(heap_chains, a_chain_belongs_to_its_last_site)
{
    chains = heap_chains_new(false);
    resize(0, 0, 0x1000, 10, 0x2000, 20);
    resize(0, 1, 0x2000, 20, 0x3000, 40);
    heap_chains_end(chains, 0x3000);
    heap_chains_end(chains, 0x3000); /* another block by then, never resized */
    cr_expect_eq(sums_of(0)->chains, 0);
    cr_expect_eq(sums_of(0)->resizes.total, 1);
    cr_expect_eq(sums_of(1)->chains, 1);
    cr_expect_eq(sums_of(1)->longest, 2);
    cr_expect_eq(sums_of(1)->worst_copied, 30);
    heap_chains_free(chains);
}

Test(heap_chains, many_at_once)
{
    static unsigned resizes[BLOCKS];
    uint64_t all = 0;

    srand(1);
    chains = heap_chains_new(false);
    for (unsigned i = 0; i < 20 * BLOCKS; i++) {
        unsigned at = (unsigned)rand() % BLOCKS;
        uint64_t address = 0x7f0000000000u + 64u * at;
        if (rand() % 4 == 0) {
            heap_chains_end(chains, address);
            all += resizes[at] != 0;
            resizes[at] = 0;
        } else {
            resize(0, 0, address, 64, address, 64);
            resizes[at]++;
        }
    }
    for (unsigned i = 0; i < BLOCKS; i++)
        all += resizes[i] != 0;
    heap_chains_settle(chains);
    cr_expect_eq(sums_of(0)->chains, all);
    heap_chains_free(chains);
}

Test(heap_chains, sampled_blocks_have_resizes_and_no_chains)
{
    chains = heap_chains_new(true);
    heap_chains_resized(chains, 0, 0x1000, 10);
    heap_chains_resize(chains, 5, 2, 0x2000, 100, 8); /* another one: no pair */
    heap_chains_end(chains, 0x2000);
    heap_chains_settle(chains);
    const struct heap_chain_sums *sums = sums_of(2);
    cr_expect_eq(sums->resizes.total, 8);
    cr_expect_eq(sums->copied.total, 800);
    cr_expect_gt(sums->copied.second, 0);
    cr_expect_eq(sums->chains, 0);
    heap_chains_free(chains);
}

Test(heap_chains, a_new_beginning_forgets_sums_and_keeps_chains)
{
    chains = heap_chains_new(false);
    resize(0, 0, 0x1000, 10, 0x2000, 20);
    heap_chains_restart(chains);
    cr_expect_eq(sums_of(0)->resizes.total, 0);
    heap_chains_end(chains, 0x2000);
    cr_expect_eq(sums_of(0)->longest, 1);
    heap_chains_free(chains);
}

/* The same by the events of a heap: what realloc made, two threads at once. */
Test(heap_chains, of_a_heap_that_is_replayed)
{
    static const struct heap_event events[] = {
        {.time_ns = 1, .address = 0x1000, .size = 10, .kind = TRACE_HEAP_ALLOC},
        {.time_ns = 2,
         .address = 0x2000,
         .size = 500,
         .site = 1,
         .thread = 1,
         .stream = 1,
         .kind = TRACE_HEAP_ALLOC},
        {.time_ns = 3, .address = 0x1000, .kind = TRACE_HEAP_RESIZED},
        {.time_ns = 4, .address = 0x2000, .thread = 1, .stream = 1, .kind = TRACE_HEAP_RESIZED},
        {.time_ns = 5,
         .address = 0x1000,
         .size = 1000,
         .site = 3,
         .thread = 1,
         .stream = 1,
         .kind = TRACE_HEAP_RESIZE},
        {.time_ns = 6, .address = 0x3000, .size = 20, .site = 2, .kind = TRACE_HEAP_RESIZE},
        {.time_ns = 7, .address = 0x3000, .thread = 1, .stream = 1, .kind = TRACE_HEAP_FREE},
    };
    struct heap_replay replay;

    heap_replay_init(&replay, 0);
    for (uint32_t site = 0; site < 4; site++)
        heap_replay_add_site(&replay, site % 2);
    chains = heap_chains_new(false);
    heap_chains_observe(chains, &replay);
    heap_replay_events(&replay, events, sizeof(events) / sizeof(events[0]));
    heap_chains_settle(chains);
    cr_expect_eq(sums_of(2)->copied.total, 10);
    cr_expect_eq(sums_of(2)->final_bytes, 20);
    cr_expect_eq(sums_of(3)->copied.total, 500);
    cr_expect_eq(sums_of(3)->chains, 1);
    heap_chains_free(chains);
    heap_replay_release(&replay);
}
