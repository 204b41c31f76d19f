/*
 * Answers by address. Its own file because it knows nothing of files: what is kept where is
 * up to the cache and to archives.
 */
#include "analyzer/symbols/symbol_store.h"

#include "analyzer/symbols/data_symbols.h"
#include "analyzer/symbols/symbol_store_parts.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

struct symbol_store *symbol_store_new(const uint8_t *build_id, size_t build_id_size,
                                      const char *key)
{
    struct symbol_store *store = memory_alloc(sizeof(*store));

    if (build_id_size > 0 && build_id_size <= sizeof(store->build_id)) {
        memcpy(store->build_id, build_id, build_id_size);
        store->build_id_size = build_id_size;
    }
    store->key = memory_strdup(key);
    return store;
}

void symbol_store_free(struct symbol_store *store)
{
    if (store == NULL)
        return;
    free(store->key);
    free(store->message);
    free(store->places);
    free(store->frames);
    free(store->data);
    free(store->text);
    free(store->text_offsets);
    file_witnesses_release(&store->witnesses);
    strings_free(store->strings);
    key_table_free(store->text_index);
    free(store);
}

bool symbol_store_is_of(const struct symbol_store *store, const uint8_t *build_id,
                        size_t build_id_size, const char *key)
{
    return store->build_id_size == build_id_size &&
           (build_id_size == 0 || memcmp(store->build_id, build_id, build_id_size) == 0) &&
           strcmp(store->key, key) == 0;
}

const char *symbol_store_key(const struct symbol_store *store)
{
    return store->key;
}

const uint8_t *symbol_store_build_id(const struct symbol_store *store, size_t *size)
{
    *size = store->build_id_size;
    return store->build_id;
}

void symbol_store_set_message(struct symbol_store *store, const char *message)
{
    free(store->message);
    store->message = message != NULL ? memory_strdup(message) : NULL;
}

const char *symbol_store_message(const struct symbol_store *store)
{
    return store->message;
}

struct file_witnesses *symbol_store_witnesses(struct symbol_store *store)
{
    return &store->witnesses;
}

size_t symbol_store_count(const struct symbol_store *store)
{
    return store->place_count;
}

/* --- texts ----------------------------------------------------------------- */

static uint32_t append_text(struct symbol_store *store, const char *text, size_t size)
{
    size_t offset = store->text_size;

    if (size > STORE_TEXT_MAX - offset)
        return STORE_NO_TEXT;
    if (offset + size > store->text_capacity) {
        store->text_capacity = (offset + size) * 2;
        store->text = memory_resize(store->text, store->text_capacity);
    }
    memcpy(store->text + offset, text, size);
    store->text_size += size;
    return (uint32_t)offset;
}

static void index_text(struct symbol_store *store, const char *interned, uint32_t offset)
{
    uint32_t number = key_table_add(store->text_index, &interned, (uint32_t)store->offset_count);

    if (number != store->offset_count)
        return;
    store->text_offsets = memory_grow(store->text_offsets, store->offset_count,
                                      &store->offset_capacity, sizeof(*store->text_offsets));
    store->text_offsets[store->offset_count++] = offset;
}

/* Whoever only reads a store needs no index of its texts. */
static void make_index(struct symbol_store *store)
{
    store->strings = strings_new();
    store->text_index = key_table_new(sizeof(const char *));
    for (size_t at = 0; at < store->text_size; at += strlen(store->text + at) + 1)
        index_text(store, strings_intern(store->strings, store->text + at), (uint32_t)at);
}

uint32_t symbol_store_text(struct symbol_store *store, const char *text)
{
    if (text == NULL)
        return STORE_NO_TEXT;
    if (store->strings == NULL)
        make_index(store);
    const char *interned = strings_intern(store->strings, text);
    uint32_t number = key_table_add(store->text_index, &interned, (uint32_t)store->offset_count);
    if (number != store->offset_count)
        return store->text_offsets[number];
    store->text_offsets = memory_grow(store->text_offsets, store->offset_count,
                                      &store->offset_capacity, sizeof(*store->text_offsets));
    uint32_t offset = append_text(store, text, strlen(text) + 1);
    store->text_offsets[store->offset_count++] = offset;
    return offset;
}

static const char *text_at(const struct symbol_store *store, uint32_t offset)
{
    return offset == STORE_NO_TEXT ? NULL : store->text + offset;
}

/* --- order ----------------------------------------------------------------- */

static int compare_addresses(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Of two answers for an address the one that was there first. */
static int compare_places(const void *left, const void *right)
{
    const struct store_place *a = left, *b = right;
    int order = compare_addresses(a->address, b->address);

    return order != 0 ? order : compare_addresses(a->first_frame, b->first_frame);
}

static int compare_data(const void *left, const void *right)
{
    return compare_addresses(((const struct store_data *)left)->address,
                             ((const struct store_data *)right)->address);
}

void symbol_store_sort(struct symbol_store *store)
{
    size_t kept = 0;

    if (store->sorted < store->place_count) {
        qsort(store->places, store->place_count, sizeof(*store->places), compare_places);
        for (size_t i = 0; i < store->place_count; i++)
            if (kept == 0 || store->places[kept - 1].address != store->places[i].address)
                store->places[kept++] = store->places[i];
        store->place_count = store->sorted = kept;
    }
    kept = 0;
    if (store->data_sorted < store->data_count) {
        qsort(store->data, store->data_count, sizeof(*store->data), compare_data);
        for (size_t i = 0; i < store->data_count; i++)
            if (kept == 0 || store->data[kept - 1].address != store->data[i].address)
                store->data[kept++] = store->data[i];
        store->data_count = store->data_sorted = kept;
    }
}

static int compare_to_place(const void *key, const void *item)
{
    return compare_addresses(*(const uint64_t *)key, ((const struct store_place *)item)->address);
}

static int compare_to_data(const void *key, const void *item)
{
    return compare_addresses(*(const uint64_t *)key, ((const struct store_data *)item)->address);
}

/* --- asking and adding ----------------------------------------------------- */

bool symbol_store_find(struct symbol_store *store, struct strings *strings,
                       struct symbol_query *query)
{
    symbol_store_sort(store);
    const struct store_place *place =
        store->place_count == 0 ? NULL
                                : bsearch(&query->address, store->places, store->place_count,
                                          sizeof(*store->places), compare_to_place);
    if (place == NULL)
        return false;
    query->function_start = place->function_start;
    query->count = place->frame_count;
    query->frames = query->count > 0 ? memory_alloc(query->count * sizeof(*query->frames)) : NULL;
    for (size_t i = 0; i < query->count; i++) {
        const struct store_frame *frame = &store->frames[place->first_frame + i];
        query->frames[i] = (struct symbol_frame){
            .function = strings_intern(strings, text_at(store, frame->function)),
            .file = strings_intern(strings, text_at(store, frame->file)),
            .line = frame->line,
            .decl_line = frame->decl_line,
            .inlined = frame->inlined != 0};
    }
    return true;
}

bool symbol_store_find_data(struct symbol_store *store, struct data_query *query)
{
    symbol_store_sort(store);
    const struct store_data *data = store->data_count == 0
                                        ? NULL
                                        : bsearch(&query->address, store->data, store->data_count,
                                                  sizeof(*store->data), compare_to_data);
    if (data == NULL)
        return false;
    const char *name = text_at(store, data->name);
    query->inside = data->inside != 0;
    query->name = name != NULL ? memory_strdup(name) : NULL;
    return true;
}

static void add_frame(struct symbol_store *store, const struct symbol_frame *frame)
{
    uint32_t function = symbol_store_text(store, frame->function);
    uint32_t file = symbol_store_text(store, frame->file);

    store->frames = memory_grow(store->frames, store->frame_count, &store->frame_capacity,
                                sizeof(*store->frames));
    store->frames[store->frame_count++] =
        (struct store_frame){function, file, frame->line, frame->decl_line, frame->inlined};
}

void symbol_store_add(struct symbol_store *store, const struct symbol_query *query)
{
    if (query->count > STORE_FRAMES_MAX)
        return;
    struct store_place place = {.address = query->address,
                                .function_start = query->function_start,
                                .first_frame = store->frame_count,
                                .frame_count = (uint32_t)query->count};
    for (size_t i = 0; i < query->count; i++)
        add_frame(store, &query->frames[i]);
    store->places = memory_grow(store->places, store->place_count, &store->place_capacity,
                                sizeof(*store->places));
    store->places[store->place_count++] = place;
}

void symbol_store_add_data(struct symbol_store *store, const struct data_query *query)
{
    uint32_t name = symbol_store_text(store, query->name);

    store->data =
        memory_grow(store->data, store->data_count, &store->data_capacity, sizeof(*store->data));
    store->data[store->data_count++] = (struct store_data){query->address, name, query->inside};
}

void symbol_store_merge(struct symbol_store *store, const struct symbol_store *other)
{
    for (size_t i = 0; i < other->place_count; i++) {
        const struct store_place *from = &other->places[i];
        struct symbol_frame *frames = memory_alloc((from->frame_count + 1) * sizeof(*frames));
        for (size_t f = 0; f < from->frame_count; f++) {
            const struct store_frame *frame = &other->frames[from->first_frame + f];
            frames[f] =
                (struct symbol_frame){text_at(other, frame->function), text_at(other, frame->file),
                                      frame->line, frame->decl_line, frame->inlined != 0};
        }
        symbol_store_add(store, &(struct symbol_query){.address = from->address,
                                                       .frames = frames,
                                                       .count = from->frame_count,
                                                       .function_start = from->function_start});
        free(frames);
    }
    for (size_t i = 0; i < other->data_count; i++)
        symbol_store_add_data(
            store, &(struct data_query){.address = other->data[i].address,
                                        .inside = other->data[i].inside != 0,
                                        .name = (char *)text_at(other, other->data[i].name)});
}
