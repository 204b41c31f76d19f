/* Unit tests of analyzer/model/heap_blocks.c. */
#include "analyzer/model/heap_blocks.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define ADDRESSES 5000

static uint64_t address_of(unsigned number)
{
    return 0x7f0000000010u + 48u * number;
}

Test(heap_blocks, holds_what_was_added_and_not_removed)
{
    struct heap_blocks blocks;
    bool there[ADDRESSES] = {false};
    size_t count = 0;

    srand(1);
    heap_blocks_init(&blocks);
    for (int i = 0; i < 200000; i++) {
        unsigned number = (unsigned)rand() % ADDRESSES;
        struct heap_block *found = heap_blocks_find(&blocks, address_of(number));
        cr_assert_eq(found != NULL, there[number]);
        if (found != NULL) {
            cr_assert_eq(found->site, number);
            heap_blocks_remove(&blocks, found);
        } else {
            struct heap_block block = {.address = address_of(number), .site = number};
            heap_blocks_add(&blocks, &block);
        }
        count += there[number] ? (size_t)-1 : 1;
        there[number] = !there[number];
        cr_assert_eq(blocks.count, count);
    }
    heap_blocks_release(&blocks);
}

Test(heap_blocks, grows_with_what_it_holds_and_no_faster)
{
    struct heap_blocks blocks;

    heap_blocks_init(&blocks);
    for (unsigned i = 1; i <= 100000; i++) {
        struct heap_block block = {.address = 16u * i};
        heap_blocks_add(&blocks, &block);
    }
    cr_expect_leq(blocks.capacity, 100000 * 8 / 3);
    for (unsigned i = 1; i <= 100000; i++)
        cr_assert_not_null(heap_blocks_find(&blocks, 16u * i));
    cr_expect_null(heap_blocks_find(&blocks, 8));
    heap_blocks_release(&blocks);
}
