/* Unit tests of analyzer/model/resident.c. */
#include "analyzer/model/resident.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>
#include <math.h>

#define MIB (1ull << 20)
#define HEAP (TRACE_RESIDENT_LIVE | TRACE_RESIDENT_HELD | TRACE_RESIDENT_KINDS)
#define ALL (HEAP | TRACE_RESIDENT_MAPPED | TRACE_RESIDENT_PAGES)

static struct resident_parts parts_of(struct profile_resident look)
{
    struct resident_parts parts = resident_parts_of(&look);
    uint64_t sum = 0;

    for (int i = 0; i < RESIDENT_PARTS; i++)
        sum += parts.bytes[i];
    cr_expect_eq(sum, look.resident, "the parts are the whole");
    return parts;
}

static void expect(struct resident_parts parts, uint64_t live, uint64_t fragmentation,
                   uint64_t program, uint64_t other)
{
    cr_expect_eq(parts.bytes[RESIDENT_LIVE], live * MIB);
    cr_expect_eq(parts.bytes[RESIDENT_FRAGMENTATION], fragmentation * MIB);
    cr_expect_eq(parts.bytes[RESIDENT_MAPPED], program * MIB);
    cr_expect_eq(parts.bytes[RESIDENT_OTHER], other * MIB);
}

Test(resident, free_blocks_between_live_ones_are_fragmentation)
{
    expect(parts_of((struct profile_resident){.known = ALL,
                                              .resident = 103 * MIB,
                                              .shared = 2 * MIB,
                                              .live = 10 * MIB,
                                              .held = 100 * MIB,
                                              .held_resident = 100 * MIB}),
           10, 90, 0, 1);
}

Test(resident, live_blocks_outside_the_arenas_are_no_fragmentation)
{
    /* 50 MiB in blocks with mappings of their own, 45 of them touched; 10 of small ones in 15 */
    expect(parts_of((struct profile_resident){.known = ALL,
                                              .resident = 63 * MIB,
                                              .shared = 2 * MIB,
                                              .live = 60 * MIB,
                                              .held = 15 * MIB,
                                              .held_resident = 15 * MIB,
                                              .large = 50 * MIB,
                                              .large_resident = 45 * MIB}),
           55, 5, 0, 1);
}

Test(resident, blocks_never_touched_are_not_resident)
{
    expect(parts_of((struct profile_resident){.known = ALL,
                                              .resident = 8 * MIB,
                                              .shared = 2 * MIB,
                                              .live = 1000 * MIB,
                                              .held = 5 * MIB,
                                              .held_resident = 5 * MIB}),
           5, 0, 0, 1);
}

Test(resident, mapped_memory_is_the_programs)
{
    expect(parts_of((struct profile_resident){.known = ALL,
                                              .resident = 260 * MIB,
                                              .shared = 2 * MIB,
                                              .live = MIB,
                                              .held = MIB,
                                              .held_resident = MIB,
                                              .mapped = 300 * MIB,
                                              .mapped_resident = 256 * MIB}),
           1, 0, 256, 1);
}

Test(resident, kinds_are_parts_of_their_own)
{
    struct resident_parts parts = parts_of((struct profile_resident){.known = ALL,
                                                                     .resident = 37 * MIB,
                                                                     .shared = 5 * MIB,
                                                                     .shmem = 3 * MIB,
                                                                     .stacks = 4 * MIB,
                                                                     .data = 6 * MIB,
                                                                     .own = 7 * MIB,
                                                                     .lazy = 8 * MIB,
                                                                     .loose = 7 * MIB});

    cr_expect_eq(parts.bytes[RESIDENT_SHMEM], 3 * MIB);
    cr_expect_eq(parts.bytes[RESIDENT_FILES], 2 * MIB);
    cr_expect_eq(parts.bytes[RESIDENT_STACKS], 4 * MIB);
    cr_expect_eq(parts.bytes[RESIDENT_DATA], 6 * MIB);
    cr_expect_eq(parts.bytes[RESIDENT_OWN], 7 * MIB);
    cr_expect_eq(parts.bytes[RESIDENT_LAZY], 8 * MIB);
    expect(parts, 0, 0, 0, 7);
}

Test(resident, a_heap_that_is_not_seen_is_not_zero)
{
    struct resident_parts parts =
        parts_of((struct profile_resident){.known = TRACE_RESIDENT_MAPPED | TRACE_RESIDENT_KINDS,
                                           .resident = 100 * MIB,
                                           .shared = 2 * MIB,
                                           .mapped_resident = 50 * MIB});

    cr_expect_not(parts.known & 1u << RESIDENT_LIVE);
    cr_expect_not(parts.known & 1u << RESIDENT_FRAGMENTATION);
    expect(parts, 0, 0, 50, 48);
}

/* As at the very start: what it is made of was not asked for. */
Test(resident, a_look_at_the_sizes_alone_tells_no_more)
{
    struct resident_parts parts = parts_of(
        (struct profile_resident){.known = ALL & ~TRACE_RESIDENT_KINDS & ~TRACE_RESIDENT_MAPPED,
                                  .resident = 3 * MIB,
                                  .shared = 2 * MIB});

    cr_expect_eq(parts.known, 1u << RESIDENT_FILES | 1u << RESIDENT_OTHER);
    cr_expect_eq(parts.bytes[RESIDENT_FILES], 2 * MIB);
}

/* The kernel's counts are taken one after the other, while the program runs. */
Test(resident, counts_that_do_not_fit_are_cut_to_the_whole)
{
    expect(parts_of((struct profile_resident){.known = ALL,
                                              .resident = 12 * MIB,
                                              .shared = 2 * MIB,
                                              .live = 8 * MIB,
                                              .held = 10 * MIB,
                                              .held_resident = 10 * MIB}),
           8, 2, 0, 0);
}

/* Of a large process pages that were only read are counted with the others. */
Test(resident, no_part_is_more_than_the_whole)
{
    expect(parts_of((struct profile_resident){
               .known = ALL, .resident = 3 * MIB, .shared = 2 * MIB, .mapped_resident = 256 * MIB}),
           0, 0, 3, 0);
}

Test(resident, the_peak_is_the_first_of_the_largest)
{
    struct profile_resident looks[] = {{.resident = 5}, {.resident = 5}};
    struct profile_mapped mapped = {.is_known = true, .looks = looks, .look_count = 2};

    cr_expect_eq(resident_peak(&mapped), 0);
    looks[1].resident = 6;
    cr_expect_eq(resident_peak(&mapped), 1);
}

/* --- who saw the most ---------------------------------------------------------------- */

static struct profile *seen;
static struct profile_resident looks_seen[2];

static void start_seen(void)
{
    seen = profile_new();
    fixture_process(seen, "neighbour", 1, 0);
    struct profile_process *process = &seen->processes[fixture_process(seen, "made-up", 2, 0)];
    looks_seen[0] = (struct profile_resident){.time_ns = 1000, .resident = 5 * MIB};
    looks_seen[1] = (struct profile_resident){.time_ns = 2000, .resident = 100 * MIB};
    process->mapped =
        (struct profile_mapped){.is_known = true, .looks = looks_seen, .look_count = 2};
}

static void stop_seen(void)
{
    seen->processes[1].mapped = (struct profile_mapped){.looks = NULL}; /* they are static */
    profile_free(seen);
}

static void see_series(uint32_t process, uint64_t time_ns, double bytes)
{
    const struct resource_series series = {.name = "process.rss",
                                           .unit = "bytes",
                                           .scope = RESOURCE_OF_PROCESS,
                                           .process = process,
                                           .thread = RESOURCE_NOBODY};

    resource_series_add(resources_add(&seen->resources, &series), time_ns, bytes);
}

static void expect_most(int by, uint64_t mib, uint64_t time_ns)
{
    struct resident_most most = resident_most(seen, &seen->processes[1]);

    cr_expect_eq((int)most.by, by, "seen by %d, not %d", (int)most.by, by);
    cr_expect_eq(most.bytes, mib * MIB);
    cr_expect_eq(most.time_ns, time_ns);
}

TestSuite(most, .init = start_seen, .fini = stop_seen);

Test(most, a_look)
{
    see_series(0, 1500, 900 * MIB); /* another's */
    see_series(1, 1500, 99 * MIB);
    expect_most(RESIDENT_SEEN_BY_LOOK, 100, 2000);
}

Test(most, the_series_which_is_looked_at_more_often)
{
    see_series(1, 1500, 120 * MIB);
    resource_series_add(&seen->resources.series[0], 1600, NAN);
    resource_series_add(&seen->resources.series[0], 1700, 7 * MIB);
    expect_most(RESIDENT_SEEN_BY_SERIES, 120, 1500);
    seen->from_ns = 1600;
    seen->to_ns = 3000;
    expect_most(RESIDENT_SEEN_BY_LOOK, 100, 2000);
}

/* No look is the end of what goes on. */
Test(most, the_newest)
{
    cr_expect_eq(resident_last(seen, &seen->processes[1]).bytes, 100 * MIB);
    see_series(1, 1900, 900 * MIB);
    cr_expect_eq(resident_last(seen, &seen->processes[1]).bytes, 100 * MIB);
    resource_series_add(&seen->resources.series[0], 2100, 60 * MIB);
    cr_expect_eq(resident_last(seen, &seen->processes[1]).bytes, 60 * MIB);
    cr_expect_eq(resident_last(seen, &seen->processes[0]).bytes, 0);
}

/* Nobody knows when, unless somebody saw about as much. */
Test(most, the_mark_of_the_kernel)
{
    looks_seen[1].highest = 104 * MIB;
    expect_most(RESIDENT_SEEN_BY_KERNEL, 104, 2000);
    looks_seen[1].highest = 130 * MIB;
    expect_most(RESIDENT_SEEN_BY_KERNEL, 130, 0);
    see_series(1, 1500, 128 * MIB);
    expect_most(RESIDENT_SEEN_BY_KERNEL, 130, 1500);
}

/* The mark is of all its life. */
Test(most, a_mark_from_before_the_part_that_was_chosen)
{
    looks_seen[0].highest = looks_seen[1].highest = 900 * MIB;
    seen->from_ns = 500;
    expect_most(RESIDENT_SEEN_BY_LOOK, 100, 2000);
    looks_seen[1].highest = 901 * MIB;
    expect_most(RESIDENT_SEEN_BY_KERNEL, 901, 0);
}
