/* Unit tests of analyzer/load/heap_loader.c. */
#include "analyzer/load/heap_loader.h"

#include <criterion/criterion.h>

#define START 1000000u
#define MS 1000000u

static struct heap_loader loader;
static struct profile_process process;

static void start(struct time_window window, uint64_t mean)
{
    heap_loader_init(&loader);
    loader.window = window;
    process = (struct profile_process){.start_ns = START, .end_ns = START + 1000000};
    process.heap.interval = mean;
    heap_loader_begin(&loader, mean, START, 0);
}

static void stop(void)
{
    profile_heap_release(&process.heap);
    heap_loader_release(&loader);
}

/* Thread t allocates with stack 10 + t. */
static void event(uint32_t thread, uint64_t after_ns, enum trace_heap_event kind, uint64_t address,
                  uint64_t size)
{
    struct heap_place place = {.thread = thread, .stack = 10 + thread};

    heap_loader_add(
        &loader, &place,
        (struct heap_event){
            .time_ns = START + after_ns, .kind = kind, .address = address, .size = size});
}

/* Two threads' events, thread by thread as a trace has them. */
static void two_threads(void)
{
    event(0, 100, TRACE_HEAP_ALLOC, 0x1000, 10);
    event(0, 300, TRACE_HEAP_ALLOC, 0x2000, 200);
    event(0, 500, TRACE_HEAP_RESIZED, 0x2000, 0);
    event(0, 501, TRACE_HEAP_RESIZE, 0x4000, 400);
    event(1, 200, TRACE_HEAP_ALLOC, 0x3000, 1000);
    event(1, 400, TRACE_HEAP_FREE, 0x1000, 0);
    event(1, 600, TRACE_HEAP_FREE, 0x3000, 0);
}

/* After heap_loader_finish(). */
static const struct heap_site *site_of(uint32_t thread)
{
    static struct heap_site site;

    for (uint32_t i = 0; i < loader.places.count; i++)
        if (loader.places.items[i].thread == thread) {
            site = heap_sites_get(&process.heap.sites, i);
            return &site;
        }
    return NULL;
}

static const struct heap_chain_sums *chains_of(uint32_t site)
{
    static struct heap_chain_sums sums;

    cr_assert(heap_chains_of(process.heap.chains, site, &sums));
    return &sums;
}

Test(heap_loader, the_whole_run)
{
    start(TIME_WINDOW_WHOLE, 0);
    two_threads();
    heap_loader_finish(&loader, &process);
    cr_expect_eq(process.heap.allocated.bytes.total, 1610);
    cr_expect_eq(process.heap.live.bytes.total, 400);
    cr_expect_eq(process.heap.peak.bytes.total, 1400);
    cr_expect_eq(process.heap.peak_ns, START + 501);
    cr_expect_eq(chains_of(0)->chains, 1);
    cr_expect_eq(chains_of(0)->worst_copied, 200);
    cr_expect_eq(process.heap.timeline->start_ns, START);
    stop();
}

Test(heap_loader, a_part_of_it)
{
    start((struct time_window){START + 200, START + 501}, 0);
    two_threads();
    heap_loader_finish(&loader, &process);
    cr_expect_eq(process.heap.allocated.bytes.total, 1200);
    cr_expect_eq(process.heap.live.bytes.total, 1000);
    cr_expect_eq(process.heap.peak.bytes.total, 1210, "what was there before belongs to it");
    cr_expect_eq(process.heap.peak_ns, START + 300);
    cr_expect_eq(site_of(0)->peak.bytes.total, 210);
    cr_expect_eq(site_of(0)->live.bytes.total, 0);
    cr_expect_eq(site_of(1)->live.bytes.total, 1000);
    cr_expect_eq(process.heap.timeline->start_ns, START + 200);
    cr_expect_eq(heap_timeline_at(process.heap.timeline, process.heap.timeline->count - 1), 301);
    stop();
}

Test(heap_loader, the_same_when_events_come_in_pieces)
{
    start((struct time_window){START + 200, START + 501}, 0);
    event(0, 100, TRACE_HEAP_ALLOC, 0x1000, 10);
    heap_loader_until(&loader, START + 150);
    event(1, 200, TRACE_HEAP_ALLOC, 0x3000, 1000);
    event(0, 300, TRACE_HEAP_ALLOC, 0x2000, 200);
    heap_loader_until(&loader, START + 250);
    heap_loader_until(&loader, START + 501);
    event(0, 501, TRACE_HEAP_ALLOC, 0x9000, 5000);
    heap_loader_finish(&loader, &process);
    cr_expect_eq(process.heap.allocated.bytes.total, 1200);
    cr_expect_eq(process.heap.peak.bytes.total, 1210);
    stop();
}

/* A thread lost its processor between a free and its record: chunks said meanwhile that nothing before
 * a later moment is missing. */
Test(heap_loader, a_free_that_comes_some_chunks_late_is_in_its_place)
{
    start(TIME_WINDOW_WHOLE, 0);
    event(0, 100 * MS, TRACE_HEAP_ALLOC, 0x1000, 1000);
    event(1, 380 * MS, TRACE_HEAP_ALLOC, 0x2000, 500);
    heap_loader_until(&loader, START + 390 * MS);
    heap_loader_until(&loader, START + 391 * MS);
    cr_expect_eq(loader.pending_count, 1, "what is old is replayed");
    event(0, 370 * MS, TRACE_HEAP_FREE, 0x1000, 0);
    heap_loader_until(&loader, START + 600 * MS);
    cr_expect_eq(loader.pending_count, 0);
    heap_loader_finish(&loader, &process);
    cr_expect_eq(process.heap.peak.bytes.total, 1000);
    cr_expect_eq(process.heap.live.bytes.total, 500);
    stop();
}

Test(heap_loader, a_part_after_all_events)
{
    start((struct time_window){START + 700, UINT64_MAX}, 0);
    two_threads();
    heap_loader_finish(&loader, &process);
    cr_expect_eq(process.heap.allocated.bytes.total, 0);
    cr_expect_eq(process.heap.live.bytes.total, 0);
    cr_expect_eq(process.heap.peak.bytes.total, 400);
    stop();
}

Test(heap_loader, a_part_before_all_events)
{
    start((struct time_window){0, START + 50}, 0);
    two_threads();
    heap_loader_finish(&loader, &process);
    cr_expect_eq(process.heap.allocated.bytes.total, 0);
    cr_expect_eq(process.heap.peak.bytes.total, 0);
    cr_expect_eq(process.heap.peak_ns, 0);
    stop();
}

Test(heap_loader, blocks_weigh_by_what_they_count_in_sampling)
{
    heap_loader_init(&loader);
    loader.charge = 100;
    heap_loader_begin(&loader, 1000, START, 0);
    event(0, 0, TRACE_HEAP_ALLOC, 0x1000, 50);
    heap_loader_finish(&loader, &process);
    cr_expect_float_eq(process.heap.live.count.total, estimate_weight(150, 1000), 1e-9);
    cr_expect_float_eq(process.heap.live.bytes.total, 50 * estimate_weight(150, 1000), 1e-9);
    stop();
}

Test(heap_loader, sampled_blocks_weigh_as_much_in_a_part)
{
    start((struct time_window){START + 200, UINT64_MAX}, 1000);
    two_threads();
    heap_loader_finish(&loader, &process);
    cr_expect_float_eq(process.heap.live.bytes.total, 400 * estimate_weight(400, 1000), 1e-6);
    cr_expect_gt(process.heap.live.bytes.second, 0);
    cr_expect_eq(chains_of(0)->chains, 0);
    stop();
}
