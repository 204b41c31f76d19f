/* Unit tests of analyzer/model/heap_sites.c. */
#include "analyzer/model/heap_sites.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SITES 200 /* more than there is room for at first */
#define EVENTS 20000
#define LIVE_MAX 5000

static struct heap_sites sites;

static void start(bool sampled)
{
    sites = (struct heap_sites){.sampled = sampled};
    for (uint32_t i = 0; i < SITES; i++)
        cr_assert_eq(heap_sites_add(&sites, i % 7), i);
}

static void expect(const struct heap_amount *amount, double count, double bytes)
{
    cr_expect_float_eq(amount->count.total, count, 1e-6 * fabs(count));
    cr_expect_float_eq(amount->bytes.total, bytes, 1e-6 * fabs(bytes));
}

/* The same once more, site by site, each figure written down in full at every peak. */
struct naive {
    double allocated_count, allocated_bytes, live_count, live_bytes, peak_count, peak_bytes;
};

static struct naive naive[SITES];

static void note_peak(void)
{
    heap_sites_peaked(&sites);
    for (int i = 0; i < SITES; i++) {
        naive[i].peak_count = naive[i].live_count;
        naive[i].peak_bytes = naive[i].live_bytes;
    }
}

static void check(void)
{
    heap_sites_settle(&sites);
    for (uint32_t i = 0; i < SITES; i++) {
        const struct heap_site site = heap_sites_get(&sites, i);
        expect(&site.allocated, naive[i].allocated_count, naive[i].allocated_bytes);
        expect(&site.live, naive[i].live_count, naive[i].live_bytes);
        expect(&site.peak, naive[i].peak_count, naive[i].peak_bytes);
        const struct heap_site_now now = heap_sites_now(&sites, i);
        cr_expect_eq(now.thread, i % 7);
        cr_expect_eq(heap_sites_thread(&sites, i), i % 7);
        cr_expect_float_eq(now.live, naive[i].live_bytes, 1e-6 * naive[i].live_bytes);
        cr_expect_float_eq(now.allocated, naive[i].allocated_bytes,
                           1e-6 * naive[i].allocated_bytes);
    }
}

/* Blocks come and go at random; now and then there is a peak. */
static void blocks_at_random(double weight)
{
    static uint32_t live[LIVE_MAX]; /* sites of blocks */
    uint32_t count = 0;

    memset(naive, 0, sizeof(naive));
    srand(1);
    for (int i = 0; i < EVENTS; i++) {
        bool birth = count == 0 || (count < LIVE_MAX && rand() % 5 < 3);
        uint32_t at = birth ? count++ : (uint32_t)rand() % count;
        if (birth)
            live[at] = (uint32_t)rand() % SITES;
        uint32_t number = live[at];
        uint64_t size = 10 + number; /* so that it need not be remembered */
        if (birth) {
            heap_sites_born(&sites, number, size, weight);
            naive[number].allocated_count += weight;
            naive[number].allocated_bytes += weight * (double)size;
            naive[number].live_count += weight;
            naive[number].live_bytes += weight * (double)size;
        } else {
            heap_sites_died(&sites, number, size, weight);
            naive[number].live_count -= weight;
            naive[number].live_bytes -= weight * (double)size;
            live[at] = live[--count];
        }
        if (rand() % 100 == 0)
            note_peak();
    }
}

Test(heap_sites, where_every_block_is_known)
{
    start(false);
    blocks_at_random(1);
    check();
    heap_sites_release(&sites);
}

Test(heap_sites, where_blocks_are_sampled)
{
    start(true);
    blocks_at_random(40.5);
    check();
    cr_expect_gt(heap_sites_get(&sites, 3).allocated.bytes.second, 0);
    heap_sites_release(&sites);
}

/* What is allocated before a part of the run counts for its peak, and at its end not. */
static void check_restart(bool sampled, double weight)
{
    start(sampled);
    heap_sites_born(&sites, 0, 100, weight);
    heap_sites_temporary(&sites, 0, weight);
    heap_sites_peaked(&sites);
    heap_sites_restart(&sites);
    heap_sites_born(&sites, 0, 8, weight);
    heap_sites_born(&sites, 1, 16, weight);
    heap_sites_temporary(&sites, 1, weight);
    heap_sites_settle(&sites);
    heap_sites_clear_live(&sites);
    heap_sites_keep(&sites, 0, 8, weight);
    const struct heap_site first = heap_sites_get(&sites, 0), second = heap_sites_get(&sites, 1);
    expect(&first.allocated, weight, 8 * weight);
    expect(&first.live, weight, 8 * weight);
    expect(&first.peak, weight, 100 * weight);
    cr_expect_eq(first.temporary.total, 0);
    expect(&second.live, 0, 0);
    expect(&second.peak, 0, 0);
    cr_expect_eq(second.temporary.total, weight);
    heap_sites_release(&sites);
}

Test(heap_sites, sums_begin_anew)
{
    check_restart(false, 1);
    check_restart(true, 3);
}

Test(heap_sites, sums_join)
{
    struct heap_site sum = {.temporary = {0}};

    start(false);
    heap_sites_born(&sites, 0, 100, 1);
    heap_sites_born(&sites, 1, 11, 1);
    heap_sites_died(&sites, 1, 11, 1);
    heap_sites_temporary(&sites, 1, 1);
    for (uint32_t i = 0; i < 2; i++) {
        const struct heap_site site = heap_sites_get(&sites, i);
        heap_site_join(&sum, &site);
    }
    expect(&sum.allocated, 2, 111);
    expect(&sum.live, 1, 100);
    cr_expect_eq(sum.temporary.total, 1);
    heap_sites_release(&sites);
}
