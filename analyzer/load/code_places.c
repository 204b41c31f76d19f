/*
 * Images and places, found by value. Its own file because it is what traces of
 * many processes have in common.
 */
#include "analyzer/load/code_places.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "preload/contract/code_names.h"
#include "preload/contract/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct image_key {
    const char *path, *build_id; /* interned, the build-id in hex */
    uint64_t archive;            /* a path alone says little of another machine's file */
};

struct place_key {
    uint32_t image, owner;
    uint64_t address;
};

void code_places_init(struct code_places *code, struct strings *strings)
{
    memset(code, 0, sizeof(*code));
    code->strings = strings;
    code->image_index = key_table_new(sizeof(struct image_key));
    code->place_index = key_table_new(sizeof(struct place_key));
    code_places_image(code, NULL, NULL, 0);
}

void code_places_release(struct code_places *code)
{
    for (size_t i = 0; i < code->image_count; i++)
        free(code->images[i].build_id);
    free(code->images);
    free(code->places);
    key_table_free(code->image_index);
    key_table_free(code->place_index);
}

/* Interned strings end at a NUL, build-ids do not. NULL for none. */
static const char *intern_build_id(struct code_places *code, const uint8_t *bytes, size_t size)
{
    char *hex = memory_alloc(size * 2 + 1);

    for (size_t i = 0; i < size; i++)
        snprintf(hex + i * 2, 3, "%02x", bytes[i]);
    const char *interned = size > 0 ? strings_intern(code->strings, hex) : NULL;
    free(hex);
    return interned;
}

/* Wherever it is installed; `path` may be NULL. */
static bool is_own(const char *path)
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;

    return path != NULL && strcmp(slash != NULL ? slash + 1 : path, PROFINJECT_LIBRARY) == 0;
}

uint32_t code_places_image(struct code_places *code, const char *path, const uint8_t *build_id,
                           size_t build_id_size)
{
    struct image_key key = {
        .path = strings_intern(code->strings, path),
        .build_id = intern_build_id(code, build_id, build_id_size),
        .archive = path != NULL && build_id_size == 0 ? code->archive : 0,
    };
    uint32_t number = key_table_add(code->image_index, &key, (uint32_t)code->image_count);

    if (number == code->image_count) {
        code->images = memory_grow(code->images, code->image_count, &code->image_capacity,
                                   sizeof(*code->images));
        struct code_image *image = &code->images[code->image_count++];
        *image = (struct code_image){.path = key.path,
                                     .build_id_size = build_id_size,
                                     .build_id_text = key.build_id,
                                     .own = is_own(key.path),
                                     .archive = (unsigned)key.archive,
                                     .memory = key.path != NULL && build_id_size == 0 &&
                                               code_names_is_memory(key.path)};
        if (build_id_size > 0) {
            image->build_id = memory_alloc(build_id_size);
            memcpy(image->build_id, build_id, build_id_size);
        }
    }
    return number;
}

void code_places_mapped(struct code_places *code, uint32_t image, uint64_t time_ns)
{
    struct code_image *of = &code->images[image];

    if (of->build_id_size == 0 && time_ns != 0 && (of->mapped_ns == 0 || time_ns < of->mapped_ns))
        of->mapped_ns = time_ns;
}

/* By the time of change of the status: packages, copies and `mv` bring old times of contents along. */
bool code_image_is_doubtful(const struct code_image *image)
{
    struct stat status;

    return image->build_id_size == 0 && image->archive == 0 && image->mapped_ns != 0 &&
           image->path != NULL && *image->path == '/' && stat(image->path, &status) == 0 &&
           (uint64_t)status.st_ctim.tv_sec * 1000000000u + (uint64_t)status.st_ctim.tv_nsec >
               image->mapped_ns;
}

static uint32_t add_place(struct code_places *code, const struct place_key *key)
{
    uint32_t number = key_table_add(code->place_index, key, (uint32_t)code->place_count);

    if (number == code->place_count) {
        code->places = memory_grow(code->places, code->place_count, &code->place_capacity,
                                   sizeof(*code->places));
        code->places[code->place_count++] =
            (struct code_place){.image = key->image, .owner = key->owner, .address = key->address};
    }
    return number;
}

uint32_t code_places_add(struct code_places *code, uint32_t image, uint64_t address)
{
    return add_place(code, &(struct place_key){.image = image, .address = address});
}

uint32_t code_places_jit(struct code_places *code, const struct jit_code *jit)
{
    code->images =
        memory_grow(code->images, code->image_count, &code->image_capacity, sizeof(*code->images));
    code->images[code->image_count] =
        (struct code_image){.path = strings_intern(code->strings, CODE_PATH_JIT), .jit = jit};
    return (uint32_t)code->image_count++;
}

uint32_t code_places_add_made(struct code_places *code, uint32_t image, uint64_t address,
                              uint32_t entry)
{
    return add_place(code, &(struct place_key){image, entry + 1, address});
}
