/* Unit tests of analyzer/util/memory.c. */
#include "analyzer/util/memory.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

Test(memory, alloc_is_zeroed_and_never_null)
{
    unsigned char *block = memory_alloc(1000);
    void *empty = memory_alloc(0);

    for (int i = 0; i < 1000; i++)
        cr_assert_eq(block[i], 0);
    cr_assert_not_null(empty);
    free(empty);
    free(block);
}

Test(memory, mapped_tables_are_zeroed_and_page_aligned)
{
    const size_t sizes[] = {1, 4096, 5 << 20};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        unsigned char *table = memory_map(sizes[i]);
        cr_assert_eq((uintptr_t)table % 4096, 0);
        for (size_t at = 0; at < sizes[i]; at++)
            cr_assert_eq(table[at], 0);
        memset(table, 1, sizes[i]);
        memory_unmap(table, sizes[i]);
    }
    memory_unmap(NULL, 0);
}

Test(memory, printf_and_strdup)
{
    char *text = memory_printf("%d-%s", 12, "x");
    char *copy = memory_strdup(text);

    cr_assert_str_eq(copy, "12-x");
    free(text);
    free(copy);
}

Test(memory, grow_keeps_what_was_there)
{
    size_t *array = NULL;
    size_t capacity = 0;

    for (size_t i = 0; i < 1000; i++) {
        array = memory_grow(array, i, &capacity, sizeof(*array));
        cr_assert_gt(capacity, i);
        array[i] = i;
    }
    for (size_t i = 0; i < 1000; i++)
        cr_assert_eq(array[i], i);
    free(array);
}

Test(memory, exhaustion_ends_with_status_1, .exit_code = 1)
{
    size_t capacity = SIZE_MAX / 2;

    memory_grow(NULL, capacity, &capacity, 16);
}
