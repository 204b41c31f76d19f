/* Unit tests of analyzer/model/heap_replay.c. */
#include "analyzer/model/heap_replay.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define SITES 7
#define ADDRESSES 300
#define STRANGER 1000

static struct heap_replay replay;

/* Good until the next call. */
static const struct heap_site *site(uint32_t number)
{
    static struct heap_site site;

    site = heap_sites_get(&replay.sites, number);
    return &site;
}

static void event(struct heap_event event)
{
    heap_replay_events(&replay, &event, 1);
}

static void allocate(uint32_t site, uint64_t time_ns, uint64_t address, uint64_t size)
{
    event((struct heap_event){.time_ns = time_ns,
                              .address = address,
                              .size = size,
                              .site = site,
                              .thread = heap_sites_thread(&replay.sites, site),
                              .kind = TRACE_HEAP_ALLOC});
}

/* By a thread that allocates nothing. */
static void release(uint64_t time_ns, uint64_t address)
{
    event((struct heap_event){
        .time_ns = time_ns, .address = address, .thread = STRANGER, .kind = TRACE_HEAP_FREE});
}

static void release_temporary(uint64_t time_ns, uint64_t address)
{
    event((struct heap_event){
        .time_ns = time_ns, .address = address, .thread = STRANGER, .kind = TRACE_HEAP_TEMPORARY});
}

static void start(uint64_t mean, unsigned sites)
{
    heap_replay_init(&replay, mean);
    for (unsigned i = 0; i < sites; i++)
        cr_assert_eq(heap_replay_add_site(&replay, 0), i);
}

static void expect_amount(const struct heap_amount *amount, double count, double bytes)
{
    cr_expect_eq(amount->count.total, count, "%g blocks", amount->count.total);
    cr_expect_eq(amount->bytes.total, bytes, "%g bytes", amount->bytes.total);
}

Test(heap_replay, what_is_freed_is_not_live)
{
    start(0, 2);
    allocate(0, 10, 0x1000, 100);
    allocate(1, 20, 0x2000, 50);
    release(30, 0x1000);
    heap_replay_settle(&replay);
    expect_amount(&site(0)->allocated, 1, 100);
    expect_amount(&site(0)->live, 0, 0);
    expect_amount(&site(1)->live, 1, 50);
    expect_amount(&replay.live, 1, 50);
    heap_replay_release(&replay);
}

Test(heap_replay, peak_is_shared_out_as_it_was_then)
{
    start(0, 3);
    allocate(0, 10, 0x1000, 100);
    allocate(1, 20, 0x2000, 50); /* 150: the peak */
    release(30, 0x1000);
    allocate(2, 40, 0x3000, 99);
    release(50, 0x2000);
    heap_replay_settle(&replay);
    expect_amount(&replay.peak, 2, 150);
    cr_expect_eq(replay.peak_ns, 20);
    expect_amount(&site(0)->peak, 1, 100);
    expect_amount(&site(1)->peak, 1, 50);
    expect_amount(&site(2)->peak, 0, 0);
    heap_replay_release(&replay);
}

Test(heap_replay, temporary_and_lifetimes_are_counted)
{
    start(0, 1);
    allocate(0, 1000, 0x1000, 64);
    event((struct heap_event){
        .time_ns = 1007, .address = 0x1000, .thread = STRANGER, .kind = TRACE_HEAP_TEMPORARY});
    allocate(0, 2000, 0x1000, 64);
    release(2007, 0x1000);
    cr_expect_eq(site(0)->temporary.total, 1);
    cr_expect_eq(replay.lifetimes.at[0].count.total, 2);
    cr_expect_eq(replay.sizes.at[6].count.total, 2);
    heap_replay_release(&replay);
}

Test(heap_replay, missing_frees_and_allocations_are_told)
{
    start(0, 2);
    release(5, 0x1000);
    allocate(0, 10000, 0x1000, 100);
    allocate(1, 20000, 0x1000, 30); /* so the first is gone */
    heap_replay_settle(&replay);
    cr_expect_eq(replay.strays, 1);
    cr_expect_eq(replay.replaced, 1);
    expect_amount(&site(0)->live, 0, 0);
    expect_amount(&replay.live, 1, 30);
    heap_replay_release(&replay);
}

/* Thread 1 frees what thread 0 had; thread 0's clock is a little ahead. */
static void release_by(uint32_t thread, uint64_t time_ns, uint64_t address)
{
    event((struct heap_event){
        .time_ns = time_ns, .address = address, .thread = thread, .kind = TRACE_HEAP_FREE});
}

static void start_threads(unsigned threads)
{
    heap_replay_init(&replay, 0);
    for (unsigned i = 0; i < threads; i++)
        cr_assert_eq(heap_replay_add_site(&replay, i), i);
}

Test(heap_replay, an_older_block_s_free_may_come_behind_the_next_allocation)
{
    start_threads(2);
    allocate(0, 1000, 0x1000, 100);
    allocate(1, 2000, 0x1000, 30); /* as thread 0 sees it: at 2010 */
    release_by(0, 2009, 0x1000);
    cr_expect_eq(replay.strays + replay.replaced, 0);
    expect_amount(&replay.live, 1, 30);
    expect_amount(&replay.peak, 1, 100);
    cr_expect_eq(site(0)->temporary.total, 1);
    release_by(0, 5000000, 0x1000);
    expect_amount(&replay.live, 0, 0);
    cr_expect_eq(site(1)->temporary.total, 0);
    heap_replay_release(&replay);
}

Test(heap_replay, a_free_may_come_before_its_allocation)
{
    start_threads(2);
    release_by(1, 1990, 0x1000);
    allocate(0, 2000, 0x1000, 30);
    cr_expect_eq(replay.strays + replay.replaced, 0);
    expect_amount(&replay.live, 0, 0);
    expect_amount(&site(0)->allocated, 1, 30);
    expect_amount(&replay.peak, 1, 30);
    heap_replay_release(&replay);
}

/* As after a pause: the free is of a block nobody saw, and its address is given out anew. */
Test(heap_replay, a_thread_s_own_events_are_in_order)
{
    start_threads(2);
    release_by(0, 1990, 0x1000);
    allocate(0, 2000, 0x1000, 30);
    cr_expect_eq(replay.strays, 1);
    expect_amount(&replay.live, 1, 30);
    heap_replay_release(&replay);
}

/* realloc's first event bears the time before the call and is written behind it: another
 * thread may have had the address meanwhile. */
Test(heap_replay, a_late_free_is_the_older_block_s_by_its_time)
{
    start_threads(2);
    allocate(0, 1000, 0x1000, 100);
    allocate(1, 900000, 0x1000, 30);
    event((struct heap_event){
        .time_ns = 50000, .address = 0x1000, .thread = 0, .kind = TRACE_HEAP_RESIZED});
    cr_expect_eq(replay.strays + replay.replaced, 0);
    expect_amount(&replay.live, 1, 30);
    release_by(1, 900001, 0x1000);
    expect_amount(&replay.live, 0, 0);
    cr_expect_eq(site(1)->temporary.total, 1);
    heap_replay_release(&replay);
}

Test(heap_replay, one_lost_free_does_not_shift_the_later_ones)
{
    start_threads(2);
    allocate(0, 1000, 0x1000, 100); /* its free is lost */
    for (uint64_t time = 10000; time < 20000; time += 100) {
        allocate(1, time, 0x1000, 30);
        release_by(1, time + 50, 0x1000);
    }
    cr_expect_eq(replay.replaced, 1);
    cr_expect_eq(replay.strays, 0);
    cr_expect_eq(site(1)->temporary.total, 100);
    expect_amount(&replay.live, 0, 0);
    heap_replay_release(&replay);
}

Test(heap_replay, temporary_is_what_its_thread_frees_before_it_allocates_again)
{
    start_threads(2);
    allocate(0, 10000, 0x1000, 10);
    allocate(1, 20000, 0x2000, 10);
    release_by(0, 30000, 0x1000); /* the other thread's allocation does not count */
    allocate(0, 40000, 0x1000, 10);
    allocate(0, 50000, 0x3000, 10);
    release_by(0, 60000, 0x1000); /* one in between */
    release_by(1, 70000, 0x3000); /* another thread's free */
    release_by(1, 80000, 0x2000);
    cr_expect_eq(site(0)->temporary.total, 1);
    cr_expect_eq(site(1)->temporary.total, 1);
    expect_amount(&replay.live, 0, 0);
    heap_replay_release(&replay);
}

/* What an observer was told, a letter each. */
static char told[64];
static uint64_t told_before;

static void tell(char letter)
{
    told[strlen(told)] = letter;
}

static void on_born(void *context, const struct heap_change *change)
{
    cr_expect_eq(context, &replay);
    tell(change->before != NULL ? 'R' : 'B');
    told_before = change->before != NULL ? change->before->size : 0;
}

static void on_died(void *context, const struct heap_change *change)
{
    static const char letters[] = {
        [HEAP_FREED] = 'f', [HEAP_TEMPORARY] = 't', [HEAP_RESIZED] = 'r', [HEAP_REPLACED] = 'x'};

    cr_expect_eq(context, &replay);
    tell(letters[change->death]);
}

Test(heap_replay, observers_are_told_of_every_block)
{
    start_threads(2);
    heap_replay_observe(&replay, (struct heap_observer){&replay, on_born, on_died});
    allocate(0, 10000, 0x1000, 10);
    event((struct heap_event){10010, 0x1000, 0, 0, 0, 5, TRACE_HEAP_RESIZED});
    allocate(1, 10015, 0x1000, 7);
    event((struct heap_event){10020, 0x2000, 50, 0, 0, 5, TRACE_HEAP_RESIZE});
    cr_expect_eq(told_before, 10);
    release_by(0, 30000, 0x2000);
    release_by(0, 40000, 0x1000);
    event((struct heap_event){50000, 0x7000, 0, 0, 0, 5, TRACE_HEAP_RESIZED}); /* unknown */
    event((struct heap_event){50010, 0x8000, 50, 0, 0, 5, TRACE_HEAP_RESIZE});
    allocate(1, 60000, 0x8000, 7);
    cr_expect_str_eq(told, "BrBRtfBxB");
    heap_replay_release(&replay);
}

Test(heap_replay, a_sampled_block_stands_for_many)
{
    start(1000, 1);
    allocate(0, 10, 0x1000, 10);
    cr_expect_float_eq(replay.live.bytes.total, 10 * estimate_weight(10, 1000), 1e-9);
    cr_expect_float_eq(replay.live.count.total, 100.5, 0.1);
    release(20, 0x1000);
    cr_expect_float_eq(replay.live.bytes.total, 0, 1e-9);
    heap_replay_release(&replay);
}

/* Of a part of the run: what was live before belongs to the peak, and to nothing else. */
Test(heap_replay, a_part_of_the_run)
{
    start(0, 3);
    allocate(0, 10, 0x1000, 100);
    allocate(0, 11, 0x2000, 7);
    heap_replay_restart(&replay, 20);
    allocate(1, 20, 0x3000, 50);   /* 157: the peak */
    release_temporary(30, 0x1000); /* not allocated in this part */
    allocate(2, 40, 0x1000, 30);
    release_temporary(41, 0x1000);
    heap_replay_settle(&replay);
    expect_amount(&replay.allocated, 2, 80);
    expect_amount(&replay.live, 1, 50);
    expect_amount(&replay.peak, 3, 157);
    cr_expect_eq(replay.peak_ns, 20);
    expect_amount(&site(0)->allocated, 0, 0);
    expect_amount(&site(0)->live, 0, 0);
    expect_amount(&site(0)->peak, 2, 107);
    expect_amount(&site(1)->live, 1, 50);
    expect_amount(&site(1)->peak, 1, 50);
    cr_expect_eq(site(0)->temporary.total, 0);
    cr_expect_eq(site(2)->temporary.total, 1);
    cr_expect_eq(replay.sizes.at[heap_size_class(100)].count.total, 0);
    heap_replay_release(&replay);
}

Test(heap_replay, a_part_with_nothing_allocated_has_the_peak_it_began_with)
{
    start(0, 1);
    allocate(0, 10, 0x1000, 100);
    heap_replay_restart(&replay, 20);
    release(30, 0x1000);
    heap_replay_settle(&replay);
    expect_amount(&replay.peak, 1, 100);
    cr_expect_eq(replay.peak_ns, 20);
    expect_amount(&site(0)->peak, 1, 100);
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
    allocate(0, 10, 0x1000, 100);
    release(15, 0x1000);
    allocate(0, 24, 0x1000, 10);
    release(99, 0x2000); /* a stray is an event as well */
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
            release(time, address);
            truth.size[at] = 0;
        } else {
            truth.size[at] = 1 + (uint64_t)rand() % 5000;
            truth.site[at] = site;
            truth.allocated[site] += (double)truth.size[at];
            allocate(site, time, address, truth.size[at]);
        }
        look(&truth);
    }
    heap_replay_settle(&replay);
    cr_expect_eq(replay.peak.bytes.total, truth.peak);
    cr_expect_eq(replay.strays + replay.replaced, 0);
    for (unsigned i = 0; i < SITES; i++) {
        cr_expect_eq(site(i)->peak.bytes.total, truth.peak_of[i], "site %u", i);
        cr_expect_eq(site(i)->allocated.bytes.total, truth.allocated[i]);
    }
    heap_replay_release(&replay);
}
