/*
 * Symbol stores, as caches and archives hold them. The hash would stop nearly every input: it is
 * made right first, and the size too, so that what lies behind them is reached.
 */
#include "analyzer/symbols/data_symbols.h"
#include "analyzer/symbols/symbol_store.h"
#include "analyzer/symbols/symbol_store_parts.h"
#include "tests/fuzz/fuzz.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#define HASH_AT 8
#define SIZE_AT 16
#define HEADER 128

static void touch_text(const char *text)
{
    if (text != NULL)
        fuzz_touch(text, strlen(text));
}

static void ask(struct symbol_store *store, struct strings *strings, uint64_t address)
{
    struct symbol_query query = {.address = address};
    struct data_query data = {.address = address};

    if (symbol_store_find(store, strings, &query)) {
        for (size_t i = 0; i < query.count; i++) {
            touch_text(query.frames[i].function);
            touch_text(query.frames[i].file);
        }
        free(query.frames);
    }
    if (symbol_store_find_data(store, &data)) {
        touch_text(data.name);
        free(data.name);
    }
}

/* What is packed again must be the same store. */
static void pack_again(struct symbol_store *store)
{
    size_t size = 0;
    uint8_t *bytes = symbol_store_pack(store, &size);
    struct symbol_store *again = bytes != NULL ? symbol_store_unpack(bytes, size) : NULL;

    if (again == NULL || symbol_store_count(again) != symbol_store_count(store))
        abort();
    symbol_store_merge(again, store);
    symbol_store_free(again);
    free(bytes);
}

static void use(struct symbol_store *store)
{
    struct strings *strings = strings_new();

    touch_text(symbol_store_key(store));
    touch_text(symbol_store_message(store));
    for (size_t i = 0; i < store->witnesses.count; i++)
        touch_text(store->witnesses.items[i].path);
    for (size_t i = 0; i < store->place_count; i++)
        ask(store, strings, store->places[i].address);
    for (size_t i = 0; i < store->data_count; i++)
        ask(store, strings, store->data[i].address);
    ask(store, strings, 0);
    ask(store, strings, UINT64_MAX);
    pack_again(store);
    strings_free(strings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size + 1);
    uint64_t whole = size;

    if (bytes == NULL)
        abort();
    memcpy(bytes, data, size);
    if (size >= HEADER) {
        memcpy(bytes + SIZE_AT, &whole, sizeof(whole));
        uint64_t hash = XXH64(bytes + SIZE_AT, size - SIZE_AT, 0);
        memcpy(bytes + HASH_AT, &hash, sizeof(hash));
    }
    struct symbol_store *store = symbol_store_unpack(bytes, size);
    if (store != NULL)
        use(store);
    symbol_store_free(store);
    free(bytes);
    return 0;
}
