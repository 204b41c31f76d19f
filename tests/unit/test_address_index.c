/* Unit tests of analyzer/model/address_index.c, against looking at all addresses. */
#include "analyzer/model/address_index.h"
#include "tests/unit/randomness.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define ADDRESSES 2000
#define WANTED 4000
#define CLUSTERS 5

struct item {
    uint64_t address, other;
};

static struct item items[ADDRESSES];
static uint64_t wanted[WANTED];
static uint32_t numbers[WANTED];

static uint32_t naive(size_t count, uint64_t address)
{
    uint32_t last = ADDRESS_INDEX_NONE;

    for (size_t i = 0; i < count && items[i].address <= address; i++)
        last = (uint32_t)i;
    return last;
}

static void check(size_t count, size_t asked)
{
    struct address_index index;

    address_index_init(&index, &items[0].address, sizeof(items[0]), count);
    address_index_find(&index, wanted, numbers, asked);
    for (size_t i = 0; i < asked; i++)
        cr_assert_eq(numbers[i], naive(count, wanted[i]), "0x%llx is behind %u",
                     (unsigned long long)wanted[i], numbers[i]);
    address_index_release(&index);
}

/* Ascending, in clusters, some far from each other and one at the end of the address space. */
static void make(uint32_t step)
{
    static const uint64_t starts[CLUSTERS] = {16, 0x555500000000, 0x7f0000000008, 0x7f0040000000,
                                              UINT64_MAX - 0x10000};
    uint64_t address = 0;

    for (size_t i = 0; i < ADDRESSES; i++) {
        size_t cluster = i / (ADDRESSES / CLUSTERS);
        address = i % (ADDRESSES / CLUSTERS) == 0
                      ? starts[cluster]
                      : address + 1 + random_below(cluster + 1 < CLUSTERS ? step : 100);
        items[i].address = address;
    }
}

static void want(size_t count)
{
    for (size_t i = 0; i < WANTED; i++) {
        uint64_t near = items[random_below((uint32_t)count)].address;
        wanted[i] = near + random_below(3) - 1 + (i % 4 == 0 ? random_below(100000) : 0);
    }
    wanted[0] = 0;
    wanted[1] = UINT64_MAX;
    wanted[2] = items[count - 1].address;
    wanted[3] = items[0].address;
}

Test(address_index, addresses_at_any_distance)
{
    static const uint32_t steps[] = {1, 16, 100, 1000, 100000, 300000};

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        make(steps[i]);
        want(ADDRESSES);
        check(ADDRESSES, WANTED);
    }
}

Test(address_index, any_number_at_a_time)
{
    make(40);
    want(ADDRESSES);
    for (size_t asked = 0; asked < 100; asked++)
        check(ADDRESSES, asked);
}

Test(address_index, few_addresses)
{
    make(40);
    for (size_t count = 1; count < 5; count++) {
        want(count);
        check(count, WANTED);
    }
}

Test(address_index, none)
{
    struct address_index index;

    address_index_init(&index, &items[0].address, sizeof(items[0]), 0);
    wanted[0] = 0;
    wanted[1] = UINT64_MAX;
    address_index_find(&index, wanted, numbers, 2);
    cr_expect_eq(numbers[0], ADDRESS_INDEX_NONE);
    cr_expect_eq(numbers[1], ADDRESS_INDEX_NONE);
    address_index_release(&index);
}
