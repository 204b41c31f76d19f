/*
 * Stores by module. Its own file because archives of several recordings, and several archives,
 * have modules in common.
 */
#include "analyzer/symbols/symbol_archive.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void symbol_archive_release(struct symbol_archive *archive)
{
    for (size_t i = 0; i < archive->count; i++)
        symbol_store_free(archive->items[i].store);
    free(archive->items);
    memset(archive, 0, sizeof(*archive));
}

static bool has_build_id(const struct symbol_store *store, const uint8_t *build_id, size_t size)
{
    size_t own_size;
    const uint8_t *own = symbol_store_build_id(store, &own_size);

    return size > 0 && own_size == size && memcmp(own, build_id, size) == 0;
}

static struct symbol_store *find_exact(const struct symbol_archive *archive, const char *path,
                                       const uint8_t *build_id, size_t build_id_size)
{
    for (size_t i = 0; i < archive->count; i++)
        if (symbol_store_is_of(archive->items[i].store, build_id, build_id_size, path))
            return archive->items[i].store;
    return NULL;
}

static void append(struct symbol_archive *archive, struct symbol_store *store, unsigned origin)
{
    archive->items =
        memory_grow(archive->items, archive->count, &archive->capacity, sizeof(*archive->items));
    archive->items[archive->count++] = (struct archived_module){store, origin, 0};
}

/* Two archives may know different places of one module. */
void symbol_archive_add(struct symbol_archive *archive, struct symbol_store *store, unsigned origin)
{
    size_t size;
    const uint8_t *build_id = symbol_store_build_id(store, &size);
    struct symbol_store *known =
        size > 0 ? find_exact(archive, symbol_store_key(store), build_id, size) : NULL;

    if (known == NULL) {
        append(archive, store, origin);
        return;
    }
    symbol_store_merge(known, store);
    symbol_store_free(store);
}

static struct archived_module *module_for(struct symbol_archive *archive, const char *path,
                                          const uint8_t *build_id, size_t build_id_size)
{
    for (size_t i = 0; i < archive->count; i++)
        if (symbol_store_is_of(archive->items[i].store, build_id, build_id_size, path))
            return &archive->items[i];
    append(archive, symbol_store_new(build_id, build_id_size, path), 0);
    return &archive->items[archive->count - 1];
}

void symbol_archive_collect(struct symbol_archive *archive, const char *path,
                            const uint8_t *build_id, size_t build_id_size,
                            const struct symbol_query *queries, size_t count, const char *why)
{
    if (archive == NULL)
        return;
    struct archived_module *module = module_for(archive, path, build_id, build_id_size);
    for (size_t i = 0; i < count; i++) {
        size_t frames = queries[i].count;
        if (queries[i].settled || frames > 0)
            symbol_store_add(module->store, &queries[i]);
        module->nameless += frames == 0 || queries[i].frames[frames - 1].function == NULL;
    }
    symbol_store_set_message(module->store, why);
}

void symbol_archive_collect_data(struct symbol_archive *archive, const char *path,
                                 const uint8_t *build_id, size_t build_id_size,
                                 const struct data_query *queries, size_t count)
{
    if (archive == NULL)
        return;
    struct symbol_store *store = module_for(archive, path, build_id, build_id_size)->store;
    for (size_t i = 0; i < count; i++)
        symbol_store_add_data(store, &queries[i]);
}

struct symbol_store *symbol_archive_find(const struct symbol_archive *archive, const char *path,
                                         const uint8_t *build_id, size_t build_id_size)
{
    if (archive == NULL || build_id_size == 0)
        return NULL;
    struct symbol_store *store = find_exact(archive, path, build_id, build_id_size);
    for (size_t i = 0; i < archive->count && store == NULL; i++)
        if (has_build_id(archive->items[i].store, build_id, build_id_size))
            store = archive->items[i].store;
    return store;
}

struct symbol_store *symbol_archive_find_by_path(const struct symbol_archive *archive,
                                                 const char *path, unsigned origin)
{
    for (size_t i = 0; archive != NULL && i < archive->count; i++)
        if (archive->items[i].origin == origin &&
            symbol_store_is_of(archive->items[i].store, NULL, 0, path))
            return archive->items[i].store;
    return NULL;
}

bool symbol_archive_has_other_build(const struct symbol_archive *archive, const char *path,
                                    const uint8_t *build_id, size_t build_id_size)
{
    bool other = false;

    for (size_t i = 0; archive != NULL && i < archive->count; i++) {
        const struct symbol_store *store = archive->items[i].store;
        if (strcmp(symbol_store_key(store), path) != 0)
            continue;
        if (has_build_id(store, build_id, build_id_size))
            return false;
        other = true;
    }
    return other;
}
