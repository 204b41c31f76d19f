/* Unit tests of analyzer/model/resident.c. */
#include "analyzer/model/resident.h"

#include <criterion/criterion.h>

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
