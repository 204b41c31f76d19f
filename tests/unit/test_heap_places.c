/* Unit tests of analyzer/load/heap_places.c. */
#include "analyzer/load/heap_places.h"

#include <criterion/criterion.h>

#define PLACES 20000

Test(heap_places, each_has_one_number_however_often_it_is_asked_for)
{
    static struct heap_place wanted[PLACES];
    static uint32_t numbers[PLACES];
    struct heap_places places;

    for (uint32_t i = 0; i < PLACES; i++)
        wanted[i] = (struct heap_place){i % 10, i / 100 * 100, i / 10 % 10};
    heap_places_init(&places);
    for (int round = 0; round < 2; round++) {
        heap_places_find(&places, wanted, numbers, PLACES);
        cr_assert_eq(places.count, PLACES);
        for (uint32_t i = 0; i < PLACES; i++)
            cr_assert_eq(numbers[i], i);
    }
    heap_places_release(&places);
}

Test(heap_places, those_that_differ_in_one_thing_alone_differ)
{
    static const struct heap_place wanted[] = {{1, 2, 3}, {1, 2, 4}, {1, 3, 3},
                                               {2, 2, 3}, {1, 2, 3}, {0, 0, 0}};
    uint32_t numbers[6];
    struct heap_places places;

    heap_places_init(&places);
    heap_places_find(&places, wanted, numbers, 6);
    cr_expect_arr_eq(numbers, ((uint32_t[]){0, 1, 2, 3, 0, 4}), sizeof(numbers));
    cr_expect_eq(places.items[4].stack, 0);
    heap_places_find(&places, wanted, numbers, 0);
    cr_expect_eq(places.count, 5);
    heap_places_release(&places);
}
