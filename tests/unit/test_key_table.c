/* Unit tests of analyzer/util/key_table.c. */
#include "analyzer/util/key_table.h"

#include <criterion/criterion.h>

Test(key_table, equal_keys_keep_their_first_number)
{
    struct key_table *table = key_table_new(sizeof(uint64_t));

    for (uint64_t round = 0; round < 2; round++) {
        for (uint64_t key = 0; key < 20000; key++) {
            uint64_t spread = key * 0x9E3779B97F4A7C15u;
            uint32_t offered = (uint32_t)(round * 50000 + key);
            cr_assert_eq(key_table_add(table, &spread, offered), key);
        }
    }
    key_table_free(table);
}

Test(key_table, every_byte_of_a_key_counts)
{
    struct key_table *table = key_table_new(24);
    unsigned char key[24] = {0};

    cr_assert_eq(key_table_add(table, key, 100), 100);
    for (uint32_t i = 0; i < sizeof(key); i++) {
        key[i] = 1;
        cr_assert_eq(key_table_add(table, key, i), i);
        key[i] = 0;
    }
    cr_assert_eq(key_table_add(table, key, 7), 100);
    key_table_free(table);
}

Test(key_table, free_of_null)
{
    key_table_free(NULL);
}
