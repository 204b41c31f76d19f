/* Exact heap events, from a trace to the profile. */
#include "analyzer/load/load.h"
#include "tests/unit/randomness.h"
#include "tests/unit/scratch.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>

static const uint64_t stacks[] = {8, 9};
static struct profile *profile;

static void stop(void)
{
    profile_free(profile);
    scratch_release();
}

TestSuite(load_exact, .init = scratch_init, .fini = stop);

static void define(struct bytes *payload)
{
    const struct made_node nodes[] = {{8, 0, 0x11001, 0}, {9, 8, 0x12001, 0}};

    make_definitions(payload);
    make_property(payload, "heap", "exact");
    make_property(payload, "heap_interval", "0");
    make_thread(payload, 1, 100, 1000, "main");
    make_thread(payload, 2, 101, 1500, "worker");
    make_stacks(payload, 0, nodes, 2);
    make_heap_clock(payload, 0, 1000);
}

static int load(struct bytes *payload)
{
    const char *path = "made.pinj";
    const struct load_options options = {.no_symbols = true};
    struct problem problem;
    struct bytes file = {0};

    make_chunk(&file, payload, (struct made_chunk){MADE_VERSION, 1, 0});
    make_file(path, &file);
    bytes_free(&file);
    profile_free(profile);
    profile = NULL;
    return load_profile(&path, 1, &options, &profile, &problem);
}

/* Thread 1 allocates three blocks and frees one; thread 2 frees another, and has its
 * address again; one is resized. */
static void make_events(struct bytes *payload)
{
    const struct made_heap_event first[] = {{2, 100, 0x1000, 64, 0},   {2, 200, 0x2000, 100, 1},
                                            {2, 300, 0x3000, 1000, 1}, /* 1164: the peak */
                                            {0, 400, 0x3000, 0, 0},    /* temporary */
                                            {1, 700, 0x1000, 0, 0},    {3, 710, 0x1000, 128, 0}};
    const struct made_heap_event second[] = {{0, 500, 0x2000, 0, 0}, {2, 600, 0x2000, 7, 0}};

    make_heap_events(payload, (struct made_segment){1, 0, 0, stacks, 2}, first, 6);
    make_heap_events(payload, (struct made_segment){2, 0, 0, stacks + 1, 1}, second, 2);
    make_heap_clock(payload, 1000, 11000);
}

static struct heap_site site_of(uint32_t thread, const char *leaf)
{
    for (size_t i = 0; i < profile->heap_site_count; i++) {
        const struct profile_heap_site *site = &profile->heap_sites[i];
        const struct stack_node *node = &profile->stacks[site->stack];
        if (site->thread == thread && strcmp(profile->frames[node->frame].function, leaf) == 0)
            return profile_heap_sums(profile, site);
    }
    cr_assert(false, "no site %s of thread %u", leaf, thread);
    return (struct heap_site){.temporary = {0}};
}

static void expect(const struct heap_amount *amount, double count, double bytes)
{
    cr_expect_eq(amount->count.total, count, "%g blocks", amount->count.total);
    cr_expect_eq(amount->bytes.total, bytes, "%g bytes", amount->bytes.total);
}

Test(load_exact, exact_events_become_sums_of_sites)
{
    struct bytes payload = {0};

    define(&payload);
    make_events(&payload);
    cr_assert_eq(load(&payload), 0);
    const struct heap_site start = site_of(0, "[made+0x1000]");
    const struct heap_site work = site_of(0, "[made+0x2000]");
    const struct heap_site worker = site_of(1, "[made+0x2000]");
    expect(&start.allocated, 2, 192);
    expect(&start.live, 1, 128);
    expect(&start.peak, 1, 64);
    expect(&work.allocated, 2, 1100);
    expect(&work.live, 0, 0);
    expect(&work.peak, 2, 1100);
    cr_expect_eq(work.temporary.total, 1);
    expect(&worker.live, 1, 7);
    const struct profile_heap *heap = &profile->processes[0].heap;
    cr_expect(heap->has_sites);
    cr_expect_eq(heap->interval, 0);
    expect(&heap->peak, 3, 1164);
    cr_expect_eq(heap->peak_ns, 4000);
    cr_expect_eq(heap->lost + heap->segments_lost, 0);
}

Test(load_exact, a_gap_is_told)
{
    struct bytes payload = {0};
    const struct made_heap_event event = {2, 100, 0x1000, 64, 0};

    define(&payload);
    make_heap_events(&payload, (struct made_segment){1, 0, 3, stacks, 2}, &event, 1);
    cr_assert_eq(load(&payload), 0);
    cr_expect_eq(profile->processes[0].heap.segments_lost, 3);
}

/* After damage, stacks may be unknown; what was freed is to be known all the same. */
Test(load_exact, events_of_unknown_stacks_count)
{
    struct bytes payload = {0};
    const uint64_t unknown[] = {99};
    const struct made_heap_event events[] = {{2, 100, 0x1000, 64, 0}, {0, 200, 0x1000, 0, 0}};

    define(&payload);
    make_heap_events(&payload, (struct made_segment){1, 0, 0, unknown, 1}, events, 2);
    cr_assert_eq(load(&payload), 0);
    const struct heap_site broken = site_of(0, "[broken stack]");
    expect(&broken.allocated, 1, 64);
    expect(&broken.live, 0, 0);
}

static void damage(struct bytes *payload, size_t from)
{
    size_t at = from + random_below((uint32_t)(payload->size - from));

    if (random_below(3) == 0)
        payload->at[at] = (uint8_t)random_below(256);
    else if (random_below(2) == 0)
        payload->at[at] |= 0x80;
    else
        payload->at[at] ^= (uint8_t)(1u << random_below(8));
}

Test(load_exact, damaged_records_are_survived)
{
    for (int round = 0; round < 1500; round++) {
        struct bytes payload = {0};
        define(&payload);
        size_t from = payload.size;
        make_events(&payload);
        for (uint32_t times = 1 + random_below(5); times > 0; times--)
            damage(&payload, from);
        cr_assert_eq(load(&payload), 0);
        bytes_free(&payload);
    }
}
