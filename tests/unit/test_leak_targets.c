/* Unit tests of preload/leak_targets.c. */
#include "preload/leak_targets.h"

#include "preload/heap_live.h"

#include <criterion/criterion.h>

static struct own_range ranges[] = {{0x1000, 0x2000}, {0x3000, 0x3100}};
static const struct memory_parts parts = {.targets = ranges, .target_count = 2};

Test(leak_targets, all_memory_of_allocators_is_a_target)
{
    struct leak_targets targets;

    for (int round = 0; round < 2; round++) {
        leak_targets_init(&targets, &parts, false);
        cr_expect(leak_targets_have(&targets, 0x1000));
        cr_expect(leak_targets_have(&targets, 0x1fff), "the range just found is remembered");
        cr_expect_not(leak_targets_have(&targets, 0x2000));
        cr_expect_not(leak_targets_have(&targets, 0xfff));
        cr_expect(leak_targets_have(&targets, 0x30ff));
        cr_expect_not(leak_targets_have(&targets, 0x3100));
    }
}

/* As the C library lays them out: in front of a block its size with 8 bytes more, and flags. */
Test(leak_targets, sampled_blocks_alone_are_where_they_are_known)
{
    static uint64_t heap[64] __attribute__((aligned(16))) = {[1] = 0x60 | 1, [21] = 0x40 | 1};
    const struct heap_live_block first = {.address = (uint64_t)&heap[2]},
                                 second = {.address = (uint64_t)&heap[22]};
    struct leak_targets targets;

    cr_assert(heap_live_put(&first) && heap_live_put(&second));
    leak_targets_init(&targets, &parts, true);
    cr_assert_eq(targets.count, 2);
    cr_expect(targets.ranges[0].start == first.address);
    cr_expect_eq(targets.ranges[0].end - targets.ranges[0].start, 0x58);
    cr_expect(leak_targets_have(&targets, first.address + 0x57));
    cr_expect(leak_targets_have(&targets, second.address + 0x37));
    cr_expect_not(leak_targets_have(&targets, first.address + 0x58));
    cr_expect_not(leak_targets_have(&targets, second.address - 1));
    cr_expect_not(leak_targets_have(&targets, 0x1000));
}

Test(leak_targets, pages_without_a_block_need_no_search)
{
    static uint64_t pages[LEAK_TARGETS_PAGES / 64];
    struct leak_targets targets = {.ranges = ranges, .count = 2, .pages = pages};

    cr_expect_not(leak_targets_have(&targets, 0x1008));
    pages[0] = 1u << 1;
    cr_expect(leak_targets_have(&targets, 0x1008));
    cr_expect_not(leak_targets_have(&targets, 0x3008));
}
