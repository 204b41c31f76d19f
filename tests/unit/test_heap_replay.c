/* Unit tests of analyzer/model/heap_replay.c. */
#include "analyzer/model/heap_replay.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define SITES 7
#define ADDRESSES 300

static struct heap_replay replay;

static void start(uint64_t mean, unsigned sites)
{
    heap_replay_init(&replay, mean);
    for (unsigned i = 0; i < sites; i++)
        cr_assert_eq(heap_replay_add_site(&replay), i);
}

static void expect_amount(const struct heap_amount *amount, double count, double bytes)
{
    cr_expect_eq(amount->count.total, count, "%g blocks", amount->count.total);
    cr_expect_eq(amount->bytes.total, bytes, "%g bytes", amount->bytes.total);
}

Test(heap_replay, what_is_freed_is_not_live)
{
    start(0, 2);
    heap_replay_alloc(&replay, 0, 10, 0x1000, 100);
    heap_replay_alloc(&replay, 1, 20, 0x2000, 50);
    heap_replay_free(&replay, 30, 0x1000, false);
    heap_replay_settle(&replay);
    expect_amount(&replay.sites[0].allocated, 1, 100);
    expect_amount(&replay.sites[0].live, 0, 0);
    expect_amount(&replay.sites[1].live, 1, 50);
    expect_amount(&replay.live, 1, 50);
    heap_replay_release(&replay);
}

Test(heap_replay, peak_is_shared_out_as_it_was_then)
{
    start(0, 3);
    heap_replay_alloc(&replay, 0, 10, 0x1000, 100);
    heap_replay_alloc(&replay, 1, 20, 0x2000, 50); /* 150: the peak */
    heap_replay_free(&replay, 30, 0x1000, false);
    heap_replay_alloc(&replay, 2, 40, 0x3000, 99);
    heap_replay_free(&replay, 50, 0x2000, false);
    heap_replay_settle(&replay);
    expect_amount(&replay.peak, 2, 150);
    cr_expect_eq(replay.peak_ns, 20);
    expect_amount(&replay.sites[0].peak, 1, 100);
    expect_amount(&replay.sites[1].peak, 1, 50);
    expect_amount(&replay.sites[2].peak, 0, 0);
    heap_replay_release(&replay);
}

Test(heap_replay, temporary_and_lifetimes_are_counted)
{
    start(0, 1);
    heap_replay_alloc(&replay, 0, 1000, 0x1000, 64);
    heap_replay_free(&replay, 1007, 0x1000, true);
    heap_replay_alloc(&replay, 0, 2000, 0x1000, 64);
    heap_replay_free(&replay, 2007, 0x1000, false);
    cr_expect_eq(replay.sites[0].temporary.total, 1);
    cr_expect_eq(replay.lifetimes.at[0].count.total, 2);
    cr_expect_eq(replay.sizes.at[6].count.total, 2);
    heap_replay_release(&replay);
}

Test(heap_replay, missing_frees_and_allocations_are_told)
{
    start(0, 2);
    heap_replay_free(&replay, 5, 0x1000, false);
    heap_replay_alloc(&replay, 0, 10, 0x1000, 100);
    heap_replay_alloc(&replay, 1, 20, 0x1000, 30); /* so the first is gone */
    heap_replay_settle(&replay);
    cr_expect_eq(replay.strays, 1);
    cr_expect_eq(replay.replaced, 1);
    expect_amount(&replay.sites[0].live, 0, 0);
    expect_amount(&replay.live, 1, 30);
    heap_replay_release(&replay);
}

Test(heap_replay, a_sampled_block_stands_for_many)
{
    start(1000, 1);
    heap_replay_alloc(&replay, 0, 10, 0x1000, 10);
    cr_expect_float_eq(replay.live.bytes.total, 10 * estimate_weight(10, 1000), 1e-9);
    cr_expect_float_eq(replay.live.count.total, 100.5, 0.1);
    heap_replay_free(&replay, 20, 0x1000, false);
    cr_expect_float_eq(replay.live.bytes.total, 0, 1e-9);
    heap_replay_release(&replay);
}

/* Of a part of the run: what was live before belongs to the peak, and to nothing else. */
Test(heap_replay, a_part_of_the_run)
{
    start(0, 3);
    heap_replay_alloc(&replay, 0, 10, 0x1000, 100);
    heap_replay_alloc(&replay, 0, 11, 0x2000, 7);
    heap_replay_restart(&replay, 20);
    heap_replay_alloc(&replay, 1, 20, 0x3000, 50); /* 157: the peak */
    heap_replay_free(&replay, 30, 0x1000, true);   /* not allocated in this part */
    heap_replay_alloc(&replay, 2, 40, 0x1000, 30);
    heap_replay_free(&replay, 41, 0x1000, true);
    heap_replay_settle(&replay);
    expect_amount(&replay.allocated, 2, 80);
    expect_amount(&replay.live, 1, 50);
    expect_amount(&replay.peak, 3, 157);
    cr_expect_eq(replay.peak_ns, 20);
    expect_amount(&replay.sites[0].allocated, 0, 0);
    expect_amount(&replay.sites[0].live, 0, 0);
    expect_amount(&replay.sites[0].peak, 2, 107);
    expect_amount(&replay.sites[1].live, 1, 50);
    expect_amount(&replay.sites[1].peak, 1, 50);
    cr_expect_eq(replay.sites[0].temporary.total, 0);
    cr_expect_eq(replay.sites[2].temporary.total, 1);
    cr_expect_eq(replay.sizes.at[heap_size_class(100)].count.total, 0);
    heap_replay_release(&replay);
}

Test(heap_replay, a_part_with_nothing_allocated_has_the_peak_it_began_with)
{
    start(0, 1);
    heap_replay_alloc(&replay, 0, 10, 0x1000, 100);
    heap_replay_restart(&replay, 20);
    heap_replay_free(&replay, 30, 0x1000, false);
    heap_replay_settle(&replay);
    expect_amount(&replay.peak, 1, 100);
    cr_expect_eq(replay.peak_ns, 20);
    expect_amount(&replay.sites[0].peak, 1, 100);
    expect_amount(&replay.live, 0, 0);
    heap_replay_release(&replay);
}

static uint64_t seen_ns[8];
static double seen_bytes[8];
static unsigned seen;

static uint64_t watch(void *context, const struct heap_replay *of, uint64_t time_ns)
{
    cr_assert_eq(context, seen_ns);
    seen_ns[seen] = time_ns;
    seen_bytes[seen++] = of->live.bytes.total;
    return time_ns + 10;
}

Test(heap_replay, who_watches_sees_what_was_before_the_event)
{
    start(0, 1);
    replay.watcher = (struct heap_watcher){15, watch, seen_ns};
    heap_replay_alloc(&replay, 0, 10, 0x1000, 100);
    heap_replay_free(&replay, 15, 0x1000, false);
    heap_replay_alloc(&replay, 0, 24, 0x1000, 10);
    heap_replay_free(&replay, 99, 0x2000, false); /* a stray is an event as well */
    cr_expect_eq(seen, 2);
    cr_expect(seen_ns[0] == 15 && seen_bytes[0] == 100);
    cr_expect(seen_ns[1] == 99 && seen_bytes[1] == 10);
    heap_replay_release(&replay);
}

/* What the replay must say, found the slow way: everything is looked at every time. */
struct truth {
    uint64_t size[ADDRESSES]; /* 0: not live */
    unsigned site[ADDRESSES];
    double peak, peak_of[SITES], allocated[SITES];
};

static void look(struct truth *truth)
{
    double now = 0, of[SITES] = {0};

    for (int i = 0; i < ADDRESSES; i++) {
        now += (double)truth->size[i];
        of[truth->site[i]] += (double)truth->size[i];
    }
    if (now <= truth->peak)
        return;
    truth->peak = now;
    memcpy(truth->peak_of, of, sizeof(of));
}

Test(heap_replay, random_events_give_what_a_slow_count_gives)
{
    struct truth truth = {.peak = 0};

    srand(1);
    start(0, SITES);
    for (uint64_t time = 1; time < 20000; time++) {
        unsigned at = (unsigned)rand() % ADDRESSES, site = (unsigned)rand() % SITES;
        /* Addresses a page apart, as a hash by low bits would not like them. */
        uint64_t address = 0x7f0000000000u + 4096u * at;
        if (truth.size[at]) {
            heap_replay_free(&replay, time, address, false);
            truth.size[at] = 0;
        } else {
            truth.size[at] = 1 + (uint64_t)rand() % 5000;
            truth.site[at] = site;
            truth.allocated[site] += (double)truth.size[at];
            heap_replay_alloc(&replay, site, time, address, truth.size[at]);
        }
        look(&truth);
    }
    heap_replay_settle(&replay);
    cr_expect_eq(replay.peak.bytes.total, truth.peak);
    cr_expect_eq(replay.strays + replay.replaced, 0);
    for (unsigned i = 0; i < SITES; i++) {
        cr_expect_eq(replay.sites[i].peak.bytes.total, truth.peak_of[i], "site %u", i);
        cr_expect_eq(replay.sites[i].allocated.bytes.total, truth.allocated[i]);
    }
    heap_replay_release(&replay);
}
