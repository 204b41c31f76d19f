/*
 * A symbol store as bytes. Its own file because it alone meets bytes that may be anything.
 *
 *   struct store_header
 *   struct wire_place   [places]      by address, each address once
 *   struct store_data   [data]        by address, each address once
 *   struct wire_witness [witnesses]
 *   struct store_frame  [frames]      in the order of the places they belong to
 *   char                [text_size]   texts, each with its NUL
 *
 * and nothing else: the size is what these counts make it. Numbers are of this byte order;
 * one of the other makes the version a wrong one. The hash is XXH64 of all that follows it.
 */
#include "analyzer/symbols/symbol_store.h"

#include "analyzer/symbols/symbol_store_parts.h"
#include "analyzer/util/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define STORE_MAGIC "pjsymbol"
#define STORE_VERSION 1u

/* No file of ours comes near it; sums of sizes stay far from overflowing. */
#define STORE_SIZE_MAX (UINT64_C(1) << 32)

struct store_header {
    char magic[8];
    uint64_t hash; /* of what follows */
    uint64_t size; /* of all */
    uint32_t version, build_id_size;
    uint32_t places, data, witnesses, frames;
    uint32_t text_size, key, message, padding;
    uint8_t build_id[ELF_BUILD_ID_MAX];
};

struct wire_place {
    uint64_t address, function_start;
    uint32_t frame_count, padding;
};

struct wire_witness {
    struct file_state state;
    uint32_t path, padding;
};

static_assert(sizeof(struct store_header) == 128, "the format has no holes");
static_assert(sizeof(struct wire_place) == 24, "the format has no holes");
static_assert(sizeof(struct wire_witness) == 40, "the format has no holes");
static_assert(sizeof(struct store_data) == 16, "the format has no holes");
static_assert(sizeof(struct store_frame) == 20, "the format has no holes");

#define HASHED_FROM (offsetof(struct store_header, hash) + sizeof(uint64_t))

/* UINT64_MAX when it is more than a store may have. */
static uint64_t size_by_counts(const struct store_header *header)
{
    uint64_t size = sizeof(*header) + header->places * sizeof(struct wire_place) +
                    header->data * sizeof(struct store_data) +
                    header->witnesses * sizeof(struct wire_witness) +
                    header->frames * sizeof(struct store_frame) + header->text_size;

    return size <= STORE_SIZE_MAX ? size : UINT64_MAX;
}

/* --- packing --------------------------------------------------------------- */

static uint8_t *put(uint8_t *to, const void *from, size_t size)
{
    if (size > 0)
        memcpy(to, from, size);
    return to + size;
}

static uint8_t *put_places(uint8_t *to, const struct symbol_store *store)
{
    for (size_t i = 0; i < store->place_count; i++) {
        const struct store_place *place = &store->places[i];
        struct wire_place wire = {place->address, place->function_start, place->frame_count, 0};
        to = put(to, &wire, sizeof(wire));
    }
    return to;
}

/* Those of places that were answered twice are left out. */
static uint8_t *put_frames(uint8_t *to, const struct symbol_store *store)
{
    for (size_t i = 0; i < store->place_count; i++)
        if (store->places[i].frame_count > 0)
            to = put(to, &store->frames[store->places[i].first_frame],
                     store->places[i].frame_count * sizeof(struct store_frame));
    return to;
}

static uint8_t *put_witnesses(uint8_t *to, const struct symbol_store *store, const uint32_t *paths)
{
    for (size_t i = 0; i < store->witnesses.count; i++) {
        struct wire_witness wire = {store->witnesses.items[i].state, paths[i], 0};
        to = put(to, &wire, sizeof(wire));
    }
    return to;
}

static struct store_header header_of(struct symbol_store *store, uint32_t *paths)
{
    struct store_header header = {.version = STORE_VERSION,
                                  .build_id_size = (uint32_t)store->build_id_size};
    uint64_t frames = 0;

    symbol_store_sort(store);
    for (size_t i = 0; i < store->place_count; i++)
        frames += store->places[i].frame_count;
    for (size_t i = 0; i < store->witnesses.count; i++)
        paths[i] = symbol_store_text(store, store->witnesses.items[i].path);
    memcpy(header.magic, STORE_MAGIC, sizeof(header.magic));
    memcpy(header.build_id, store->build_id, sizeof(header.build_id));
    header.key = symbol_store_text(store, store->key);
    header.message = symbol_store_text(store, store->message);
    header.text_size = (uint32_t)store->text_size;
    header.places = (uint32_t)store->place_count;
    header.data = (uint32_t)store->data_count;
    header.witnesses = (uint32_t)store->witnesses.count;
    header.frames = (uint32_t)frames;
    bool fits = store->place_count < UINT32_MAX && store->data_count < UINT32_MAX &&
                frames < UINT32_MAX && header.key != STORE_NO_TEXT;
    header.size = fits ? size_by_counts(&header) : UINT64_MAX;
    return header;
}

void *symbol_store_pack(struct symbol_store *store, size_t *size)
{
    uint32_t *paths = memory_alloc((store->witnesses.count + 1) * sizeof(*paths));
    struct store_header header = header_of(store, paths);
    uint8_t *bytes = NULL;

    if (header.size != UINT64_MAX) {
        *size = header.size;
        bytes = memory_alloc(*size);
        uint8_t *to = put_places(bytes + sizeof(header), store);
        to = put(to, store->data, store->data_count * sizeof(*store->data));
        to = put_witnesses(to, store, paths);
        to = put_frames(to, store);
        put(to, store->text, store->text_size);
        memcpy(bytes, &header, sizeof(header));
        header.hash = XXH64(bytes + HASHED_FROM, *size - HASHED_FROM, 0);
        memcpy(bytes, &header, sizeof(header));
    }
    free(paths);
    return bytes;
}

/* --- unpacking ------------------------------------------------------------- */

static bool is_sound_header(const struct store_header *header, const uint8_t *bytes, size_t size)
{
    return memcmp(header->magic, STORE_MAGIC, sizeof(header->magic)) == 0 &&
           header->version == STORE_VERSION && header->size == size &&
           size_by_counts(header) == size && header->build_id_size <= ELF_BUILD_ID_MAX &&
           header->text_size > 0 && header->text_size <= STORE_TEXT_MAX &&
           header->key < header->text_size && bytes[size - 1] == '\0' &&
           (header->message == STORE_NO_TEXT || header->message < header->text_size) &&
           XXH64(bytes + HASHED_FROM, size - HASHED_FROM, 0) == header->hash;
}

static bool is_text(const struct symbol_store *store, uint32_t offset)
{
    return offset == STORE_NO_TEXT || offset < store->text_size;
}

static bool take_places(struct symbol_store *store, const uint8_t *from)
{
    size_t frames = 0;
    bool sound = true;

    for (size_t i = 0; i < store->place_count; i++) {
        struct wire_place wire;
        memcpy(&wire, from + i * sizeof(wire), sizeof(wire));
        store->places[i] =
            (struct store_place){wire.address, wire.function_start, frames, wire.frame_count};
        frames += wire.frame_count;
        sound = sound && wire.frame_count <= STORE_FRAMES_MAX &&
                (i == 0 || store->places[i - 1].address < wire.address);
    }
    return sound && frames == store->frame_count;
}

static bool take_data(struct symbol_store *store, const uint8_t *from)
{
    bool sound = true;

    if (store->data_count > 0)
        memcpy(store->data, from, store->data_count * sizeof(*store->data));
    for (size_t i = 0; i < store->data_count; i++)
        sound = sound && is_text(store, store->data[i].name) &&
                (i == 0 || store->data[i - 1].address < store->data[i].address);
    return sound;
}

static bool take_frames(struct symbol_store *store, const uint8_t *from)
{
    bool sound = true;

    if (store->frame_count > 0)
        memcpy(store->frames, from, store->frame_count * sizeof(*store->frames));
    for (size_t i = 0; i < store->frame_count; i++)
        sound = sound && is_text(store, store->frames[i].function) &&
                is_text(store, store->frames[i].file);
    return sound;
}

static bool take_witnesses(struct symbol_store *store, const uint8_t *from, size_t count)
{
    bool sound = true;

    for (size_t i = 0; i < count && sound; i++) {
        struct wire_witness wire;
        memcpy(&wire, from + i * sizeof(wire), sizeof(wire));
        sound = wire.path < store->text_size;
        if (sound)
            file_witnesses_add(&store->witnesses, store->text + wire.path, &wire.state);
    }
    return sound;
}

static bool take_parts(struct symbol_store *store, const struct store_header *header,
                       const uint8_t *bytes)
{
    const uint8_t *places = bytes + sizeof(*header);
    const uint8_t *data = places + header->places * sizeof(struct wire_place);
    const uint8_t *witnesses = data + header->data * sizeof(struct store_data);
    const uint8_t *frames = witnesses + header->witnesses * sizeof(struct wire_witness);

    store->text_size = store->text_capacity = header->text_size;
    store->text = memory_alloc(store->text_size);
    memcpy(store->text, bytes + header->size - header->text_size, store->text_size);
    store->place_count = store->place_capacity = store->sorted = header->places;
    store->places = memory_alloc((store->place_count + 1) * sizeof(*store->places));
    store->data_count = store->data_capacity = store->data_sorted = header->data;
    store->data = memory_alloc((store->data_count + 1) * sizeof(*store->data));
    store->frame_count = store->frame_capacity = header->frames;
    store->frames = memory_alloc((store->frame_count + 1) * sizeof(*store->frames));
    return take_places(store, places) && take_data(store, data) && take_frames(store, frames) &&
           take_witnesses(store, witnesses, header->witnesses);
}

struct symbol_store *symbol_store_unpack(const void *bytes, size_t size)
{
    struct store_header header;

    if (size < sizeof(header))
        return NULL;
    memcpy(&header, bytes, sizeof(header));
    if (!is_sound_header(&header, bytes, size))
        return NULL;
    const char *text = (const char *)bytes + size - header.text_size;
    struct symbol_store *store =
        symbol_store_new(header.build_id, header.build_id_size, text + header.key);
    symbol_store_set_message(store, header.message == STORE_NO_TEXT ? NULL : text + header.message);
    if (take_parts(store, &header, bytes))
        return store;
    symbol_store_free(store);
    return NULL;
}
