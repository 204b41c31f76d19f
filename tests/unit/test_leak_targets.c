/* Unit tests of preload/leak_targets.c. Without hooks no block is sampled here: all memory
 * of the allocators is what is looked for; tests/commands/leaks.bats has the other case. */
#include "preload/leak_targets.h"

#include <criterion/criterion.h>

static struct own_range ranges[] = {{0x1000, 0x2000}, {0x3000, 0x3100}};
static const struct memory_parts parts = {.targets = ranges, .target_count = 2};

Test(leak_targets, all_memory_of_allocators_is_a_target)
{
    struct leak_targets targets;

    for (int blocks = 0; blocks < 2; blocks++) {
        leak_targets_init(&targets, &parts, blocks);
        cr_expect(leak_targets_have(&targets, 0x1000));
        cr_expect(leak_targets_have(&targets, 0x1fff), "the range just found is remembered");
        cr_expect_not(leak_targets_have(&targets, 0x2000));
        cr_expect_not(leak_targets_have(&targets, 0xfff));
        cr_expect(leak_targets_have(&targets, 0x30ff));
        cr_expect_not(leak_targets_have(&targets, 0x3100));
    }
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
