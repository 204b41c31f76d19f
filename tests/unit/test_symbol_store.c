/* Answers kept: what comes back, and what damaged bytes do. */
#include "analyzer/symbols/data_symbols.h"
#include "analyzer/symbols/symbol_store.h"
#include "analyzer/util/strings.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t id[] = {1, 2, 3, 4};

static struct symbol_store *make(void)
{
    struct symbol_store *store = symbol_store_new(id, sizeof(id), "key");
    struct symbol_frame frames[] = {{"inner", "a.h", 7, 3, true}, {"outer", "a.c", 70, 60, false}};
    struct symbol_frame bare[] = {{"only", NULL, 0, 0, false}};

    symbol_store_add(store,
                     &(struct symbol_query){.address = 0x2000, .frames = frames, .count = 2});
    symbol_store_add(store, &(struct symbol_query){.address = 0x1000, .frames = bare, .count = 1});
    symbol_store_add(store, &(struct symbol_query){.address = 0x3000, .function_start = 0x2ff0});
    symbol_store_add(store,
                     &(struct symbol_query){.address = 0x1000, .frames = frames, .count = 2});
    symbol_store_add_data(store, &(struct data_query){.address = 0x9000, .name = (char *)"lock"});
    symbol_store_add_data(store, &(struct data_query){.address = 0x8000, .inside = true});
    symbol_store_set_message(store, "'x' is stripped");
    file_witnesses_note(symbol_store_witnesses(store), "/nowhere/at/all");
    return store;
}

static void check(struct symbol_store *store)
{
    struct strings *strings = strings_new();
    struct symbol_query query = {.address = 0x2000};
    struct data_query data = {.address = 0x9000};

    cr_assert(symbol_store_is_of(store, id, sizeof(id), "key"));
    cr_expect_str_eq(symbol_store_message(store), "'x' is stripped");
    cr_assert(symbol_store_find(store, strings, &query));
    cr_assert_eq(query.count, 2);
    cr_expect_str_eq(query.frames[0].function, "inner");
    cr_expect_str_eq(query.frames[0].file, "a.h");
    cr_expect_eq(query.frames[0].line, 7);
    cr_expect_eq(query.frames[0].decl_line, 3);
    cr_expect(query.frames[0].inlined);
    cr_expect_str_eq(query.frames[1].function, "outer");
    cr_expect_not(query.frames[1].inlined);
    free(query.frames);
    query.address = 0x1000; /* the first answer stays */
    cr_assert(symbol_store_find(store, strings, &query));
    cr_assert_eq(query.count, 1);
    cr_expect_str_eq(query.frames[0].function, "only");
    cr_expect_null(query.frames[0].file);
    free(query.frames);
    query.address = 0x3000;
    cr_assert(symbol_store_find(store, strings, &query));
    cr_expect_eq(query.count, 0);
    cr_expect_eq(query.function_start, 0x2ff0);
    query.address = 0x1001;
    cr_expect_not(symbol_store_find(store, strings, &query));
    cr_assert(symbol_store_find_data(store, &data));
    cr_expect_str_eq(data.name, "lock");
    cr_expect_not(data.inside);
    free(data.name);
    data.address = 0x8000;
    cr_assert(symbol_store_find_data(store, &data));
    cr_expect_null(data.name);
    cr_expect(data.inside);
    cr_expect(file_witnesses_hold(symbol_store_witnesses(store)));
    strings_free(strings);
}

Test(symbol_store, comes_back_as_it_was)
{
    struct symbol_store *store = make(), *back;
    size_t size;
    void *bytes = symbol_store_pack(store, &size);

    check(store);
    back = symbol_store_unpack(bytes, size);
    cr_assert_not_null(back);
    check(back);
    symbol_store_free(back);
    symbol_store_free(store);
    free(bytes);
}

Test(symbol_store, packs_what_was_unpacked_and_more)
{
    struct symbol_store *store = make(), *back;
    struct strings *strings = strings_new();
    struct symbol_frame frame = {"late", "a.c", 1, 1, false};
    struct symbol_query query = {.address = 0x2800, .frames = &frame, .count = 1};
    size_t size, again;
    void *bytes = symbol_store_pack(store, &size), *more;

    back = symbol_store_unpack(bytes, size);
    free(bytes);
    bytes = symbol_store_pack(back, &again);
    cr_expect_eq(size, again);
    symbol_store_add(back, &query);
    more = symbol_store_pack(back, &again);
    symbol_store_free(back);
    back = symbol_store_unpack(more, again);
    check(back);
    cr_assert(symbol_store_find(back, strings, &query));
    cr_expect_str_eq(query.frames[0].function, "late");
    free(query.frames);
    symbol_store_free(back);
    symbol_store_free(store);
    strings_free(strings);
    free(bytes);
    free(more);
}

Test(symbol_store, merges)
{
    struct symbol_store *store = make(), *other = symbol_store_new(id, sizeof(id), "key");
    struct symbol_frame frame = {"theirs", "b.c", 9, 8, false};
    struct strings *strings = strings_new();
    struct symbol_query query = {.address = 0x4000, .frames = &frame, .count = 1};

    symbol_store_add(other, &query);
    query.address = 0x2000;
    symbol_store_add(other, &query);
    symbol_store_merge(store, other);
    symbol_store_free(other);
    check(store); /* its own answer for 0x2000 */
    query.address = 0x4000;
    cr_assert(symbol_store_find(store, strings, &query));
    cr_expect_str_eq(query.frames[0].function, "theirs");
    free(query.frames);
    symbol_store_free(store);
    strings_free(strings);
}

Test(symbol_store, an_empty_one_comes_back)
{
    struct symbol_store *store = symbol_store_new(NULL, 0, ""), *back;
    size_t size;
    void *bytes = symbol_store_pack(store, &size);

    back = symbol_store_unpack(bytes, size);
    cr_assert_not_null(back);
    cr_expect(symbol_store_is_of(back, NULL, 0, ""));
    cr_expect_null(symbol_store_message(back));
    symbol_store_free(store);
    symbol_store_free(back);
    free(bytes);
}

/* The hash sees every one of them. */
Test(symbol_store, no_damaged_byte_is_believed)
{
    struct symbol_store *store = make();
    size_t size;
    uint8_t *bytes = symbol_store_pack(store, &size);

    for (size_t i = 0; i < size; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] ^= (uint8_t)(1 << bit);
            cr_assert_null(symbol_store_unpack(bytes, size), "byte %zu bit %d", i, bit);
            bytes[i] ^= (uint8_t)(1 << bit);
        }
    for (size_t cut = 0; cut < size; cut++)
        cr_assert_null(symbol_store_unpack(bytes, cut), "cut at %zu", cut);
    symbol_store_free(store);
    free(bytes);
}
