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

Test(element_index, finding_adds_nothing)
{
    const struct element elements[] = {{1, 2, 0}, {3, 4, 0}};
    const uint32_t absent[] = {1, 4};
    struct element_index index;

    element_index_init(&index, sizeof(*elements), 2 * sizeof(uint32_t));
    cr_expect_eq(element_index_find(&index, elements, absent), ELEMENT_INDEX_NONE, "empty");
    for (uint32_t i = 0; i < 2; i++)
        cr_assert_eq(element_index_add(&index, elements, &elements[i]), i);
    for (uint32_t i = 0; i < 2; i++)
        cr_expect_eq(element_index_find(&index, elements, &elements[i]), i);
    cr_expect_eq(element_index_find(&index, elements, absent), ELEMENT_INDEX_NONE);
    cr_expect_eq(index.count, 2);
    element_index_release(&index);
}
