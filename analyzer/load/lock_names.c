/*
 * Naming of locks. Its own file because it alone asks for symbols of data, and decides what is said
 * where there is none.
 */
#include "analyzer/load/lock_names.h"

#include "analyzer/symbols/data_symbols.h"
#include "analyzer/util/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The program break grows from right behind the program, or from a random distance of up to 32 GiB. */
#define HEAP_REACH (1ull << 38)

static bool is_wanted(const struct profile_object *object, uint32_t image)
{
    return object->has_address && object->name == NULL && object->image == image;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* Between the program's own data and the next module lies the program break: its heap. What lies
 * behind a library may be anything. */
static bool is_heap(const struct profile *profile, const struct profile_object *object,
                    const char *path)
{
    const char *exe = profile->processes[object->process].exe;

    return exe != NULL && strcmp(exe, path) == 0 && object->elf_address < HEAP_REACH;
}

static void name_object(struct profile *profile, const struct data_query *query, const char *path)
{
    struct profile_object *object = &profile->objects[query->number];
    char *text = NULL;

    if (query->name != NULL)
        object->name = strings_intern(profile->strings, query->name);
    else if (query->inside)
        text = memory_printf("%s+0x%" PRIx64, base_name(path), query->address);
    else if (is_heap(profile, object, path))
        object->where = "in the heap";
    if (text != NULL)
        object->name = strings_intern(profile->strings, text);
    free(text);
}

/* The store of an archive that knows the image; NULL: none. */
static struct symbol_store *archived(const struct symbol_archive *archive,
                                     const struct code_image *image)
{
    return image->archive != 0
               ? symbol_archive_find_by_path(archive, image->path, image->archive)
               : symbol_archive_find(archive, image->path, image->build_id, image->build_id_size);
}

/* Names what the archive knows; the others come to the front, their number is returned. */
static size_t name_archived(struct profile *profile, const struct code_image *image,
                            struct symbol_store *store, struct symbol_archive *collect,
                            struct data_query *queries, size_t count)
{
    size_t left = 0;

    for (size_t i = 0; i < count; i++) {
        if (store == NULL || !symbol_store_find_data(store, &queries[i])) {
            queries[left++] = queries[i];
            continue;
        }
        symbol_archive_collect_data(collect, image->path, image->build_id, image->build_id_size,
                                    &queries[i], 1);
        name_object(profile, &queries[i], image->path);
        free(queries[i].name);
    }
    return left;
}

static void name_in_image(struct profile *profile, const struct code_image *image, uint32_t number,
                          const char *debug_dirs, const struct symbol_archive *archive,
                          struct symbol_archive *collect)
{
    struct data_query *queries = memory_alloc((profile->object_count + 1) * sizeof(*queries));
    size_t count = 0;

    for (size_t i = 0; i < profile->object_count; i++)
        if (is_wanted(&profile->objects[i], number))
            queries[count++] = (struct data_query){.address = profile->objects[i].elf_address,
                                                   .number = (uint32_t)i};
    count = name_archived(profile, image, archived(archive, image), collect, queries, count);
    bool is_there = count > 0 && image->archive == 0 && !code_image_is_doubtful(image) &&
                    data_symbols_resolve(image->path, image->build_id, image->build_id_size,
                                         debug_dirs, queries, count);
    if (is_there)
        symbol_archive_collect_data(collect, image->path, image->build_id, image->build_id_size,
                                    queries, count);
    for (size_t i = 0; i < count; i++) {
        if (is_there)
            name_object(profile, &queries[i], image->path);
        free(queries[i].name);
    }
    free(queries);
}

void lock_names_find(struct profile *profile, const struct code_places *code,
                     const char *debug_dirs, const struct symbol_archive *archive,
                     struct symbol_archive *collect)
{
    for (uint32_t i = CODE_IMAGE_UNKNOWN + 1; i < code->image_count && profile->object_count > 0;
         i++)
        if (code->images[i].path != NULL && *code->images[i].path == '/')
            name_in_image(profile, &code->images[i], i, debug_dirs, archive, collect);
}
