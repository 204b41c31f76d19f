/*
 * Ranges of units that overlap, as damaged files and hostile ones have them, against a search
 * through all of them.
 */
#include "analyzer/symbols/dwarf_index.h"

#include "tests/unit/randomness.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define SPACE 200u

static struct dwarf_index made_of(const struct unit_range *ranges, size_t count)
{
    struct dwarf_index index = {.count = count, .capacity = count};

    index.ranges = malloc((count + 1) * sizeof(*ranges));
    memcpy(index.ranges, ranges, count * sizeof(*ranges));
    dwarf_index_take_apart(&index);
    return index;
}

/* Who begins last, of those who ends first, of those the last unit. */
static Dwarf_Off expected_at(const struct unit_range *ranges, size_t count, uint64_t address)
{
    const struct unit_range *best = NULL;

    for (size_t i = 0; i < count; i++) {
        const struct unit_range *range = &ranges[i];

        if (address < range->low || address >= range->high)
            continue;
        if (best == NULL || range->low > best->low ||
            (range->low == best->low && range->high < best->high) ||
            (range->low == best->low && range->high == best->high && range->unit > best->unit))
            best = range;
    }
    return best != NULL ? best->unit : 0;
}

static void expect_alike(const struct unit_range *ranges, size_t count)
{
    struct dwarf_index index = made_of(ranges, count);

    for (size_t i = 1; i < index.count; i++)
        cr_assert_geq(index.ranges[i].low, index.ranges[i - 1].high);
    cr_expect_leq(index.count, 2 * count);
    for (uint64_t address = 0; address <= SPACE; address++) {
        Dwarf_Off unit = 0;
        bool found = dwarf_index_find(&index, address, &unit);

        cr_assert_eq(found, expected_at(ranges, count, address) != 0);
        cr_assert_eq(unit, expected_at(ranges, count, address), "at %d", (int)address);
    }
    free(index.ranges);
}

Test(dwarf_index, any_ranges)
{
    struct unit_range ranges[12];

    for (int round = 0; round < 3000; round++) {
        size_t count = random_below(13);

        for (size_t i = 0; i < count; i++) {
            uint64_t low = random_below(SPACE);
            ranges[i] = (struct unit_range){low, low + 1 + random_below(SPACE - low), i + 1};
        }
        expect_alike(ranges, count);
    }
}

/* One over all others: each address was a walk through all of them, 32 s for what is here. */
Test(dwarf_index, one_over_a_million_others, .timeout = 60)
{
    const size_t count = 1000000;
    struct unit_range *ranges = malloc((count + 1) * sizeof(*ranges));
    size_t found = 0;

    for (size_t i = 0; i < count; i++)
        ranges[i] = (struct unit_range){16 * i + 8, 16 * i + 9, i + 2};
    ranges[count] = (struct unit_range){0, 16 * count, 1};
    struct dwarf_index index = made_of(ranges, count + 1);
    for (size_t i = 0; i < count; i++) {
        Dwarf_Off unit = 0;
        found += dwarf_index_find(&index, 16 * i + 12, &unit) && unit == 1;
    }
    cr_expect_eq(found, count);
    free(index.ranges);
    free(ranges);
}
