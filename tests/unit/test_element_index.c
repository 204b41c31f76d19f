/*
 * Elements found by their beginnings, over many growths.
 */
#include "analyzer/util/element_index.h"

#include <criterion/criterion.h>
#include <stdlib.h>

struct element {
    uint32_t a, b; /* the key */
    uint64_t value;
};

#define COUNT 100000u

Test(element_index, every_key_has_one_number)
{
    struct element *elements = calloc(COUNT, sizeof(*elements));
    struct element_index index;
    size_t count = 0;

    element_index_init(&index, sizeof(*elements), 2 * sizeof(uint32_t));
    for (uint32_t round = 0; round < 3; round++)
        for (uint32_t i = 0; i < COUNT; i++) {
            const uint32_t key[] = {i % 317, i / 317};
            uint32_t number = element_index_add(&index, elements, key);
            cr_assert_eq(number, i);
            if (number == count)
                elements[count++] = (struct element){key[0], key[1], ~(uint64_t)0};
        }
    cr_expect_eq(index.count, COUNT);
    cr_expect_eq(count, COUNT);
    element_index_release(&index);
    cr_expect_eq(element_index_add(&index, elements, &elements[7]), 0, "forgotten");
    element_index_release(&index);
    free(elements);
}
