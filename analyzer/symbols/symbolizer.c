/*
 * symbolizer.h: asks what is known already, an archive's stores and the cache, then of the
 * files that speak for a module (module_answers.h).
 */
#include "analyzer/symbols/symbolizer.h"

#include "analyzer/symbols/debug_file.h"
#include "analyzer/symbols/dwarf_worker.h"
#include "analyzer/symbols/module_answers.h"
#include "analyzer/symbols/module_files.h"
#include "analyzer/symbols/symbol_archive.h"
#include "analyzer/symbols/symbol_cache.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/own_build.h"
#include "analyzer/util/strings.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct symbolizer {
    bool inlines;
    const char *debug_dirs;
    struct dwarf_limits limits;
    struct symbol_cache *cache;           /* NULL: none */
    const struct symbol_archive *archive; /* NULL: none */
    struct symbol_archive *collect;       /* the same */
    bool asks_server;
    struct debug_server server;
    struct strings *strings;
    struct symbol_frame **blocks; /* every frames array handed out */
    size_t block_count, block_capacity;
};

static const char *debug_dirs(const char *first, struct strings *strings)
{
    char *all = debug_file_dirs(first);
    const char *interned = strings_intern(strings, all);

    free(all);
    return interned;
}

struct symbolizer *symbolizer_new(const struct symbolizer_options *options)
{
    struct symbolizer *symbolizer = memory_alloc(sizeof(*symbolizer));

    symbolizer->inlines = options->inlines;
    symbolizer->strings = strings_new();
    symbolizer->debug_dirs = debug_dirs(options->debug_dirs, symbolizer->strings);
    symbolizer->limits = options->limits != NULL ? *options->limits : dwarf_worker_limits;
    symbolizer->cache = options->cache ? symbol_cache_new() : NULL;
    symbolizer->archive = options->archive;
    symbolizer->asks_server = options->debuginfod;
    symbolizer->collect = options->collect;
    return symbolizer;
}

void symbolizer_free(struct symbolizer *symbolizer)
{
    if (symbolizer == NULL)
        return;
    for (size_t i = 0; i < symbolizer->block_count; i++)
        free(symbolizer->blocks[i]);
    free(symbolizer->blocks);
    symbol_cache_free(symbolizer->cache);
    strings_free(symbolizer->strings);
    free(symbolizer);
}

static void keep_frames(struct symbolizer *symbolizer, struct symbol_frame *frames)
{
    symbolizer->blocks = memory_grow(symbolizer->blocks, symbolizer->block_count,
                                     &symbolizer->block_capacity, sizeof(*symbolizer->blocks));
    symbolizer->blocks[symbolizer->block_count++] = frames;
}

static int compare_queries(const void *left, const void *right)
{
    const struct symbol_query *a = left, *b = right;

    return a->address < b->address ? -1 : a->address > b->address;
}

static void begin(struct symbol_query *queries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        queries[i] = (struct symbol_query){.address = queries[i].address};
    qsort(queries, count, sizeof(*queries), compare_queries);
}

/* Answers from `store` (NULL: none) what has no answer yet; how many are left without one. */
static size_t ask_store(struct symbolizer *symbolizer, struct symbol_store *store,
                        struct symbol_query *queries, size_t count)
{
    size_t left = 0;

    for (size_t i = 0; i < count; i++) {
        if (store != NULL && !queries[i].settled)
            queries[i].settled = symbol_store_find(store, symbolizer->strings, &queries[i]);
        left += !queries[i].settled;
    }
    return left;
}

/* --- files, and what they said before -------------------------------------- */

/* A module whose symbols are asked for. */
struct module {
    const char *path;
    const uint8_t *build_id; /* expected; size 0: unknown */
    size_t build_id_size;
};

/* Under which circumstances the cache's answers are right: the program that made them, and
 * where it looked. */
static char *key_of(const struct symbolizer *symbolizer, const char *path)
{
    return memory_printf("%s\n%s\n%s%s", own_build(), path, symbolizer->debug_dirs,
                         symbolizer->asks_server ? "\ndebuginfod" : "");
}

/* What is kept about the module, or an empty store for it; NULL where nothing is to be kept. */
static struct symbol_store *cached(const struct symbolizer *symbolizer, const struct module *module)
{
    const uint8_t *id = module->build_id;
    size_t size = module->build_id_size;
    struct elf_image image = {.fd = -1};
    struct symbol_store *store = NULL;
    struct problem problem;

    if (symbolizer->cache == NULL || module->path[0] != '/')
        return NULL;
    if (size == 0 && elf_image_init(&image, module->path, &problem) == 0) {
        id = image.build_id;
        size = image.build_id_size;
    }
    if (size > 0 && size <= ELF_BUILD_ID_MAX) {
        char *key = key_of(symbolizer, module->path);
        store = symbol_cache_read(symbolizer->cache, id, size, key);
        if (store == NULL)
            store = symbol_store_new(id, size, key);
        free(key);
    }
    elf_image_release(&image);
    return store;
}

static int64_t now_ns(void)
{
    struct timespec time;

    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Keeps what was found, in files that stood still meanwhile. */
static void keep(struct symbolizer *symbolizer, struct symbol_store *store,
                 const struct looked_paths *looked, int64_t since_ns,
                 const struct symbol_query *queries, size_t count)
{
    struct file_witnesses *witnesses = symbol_store_witnesses(store);

    for (size_t i = 0; i < looked->count; i++)
        file_witnesses_note(witnesses, looked->paths[i]);
    for (size_t i = 0; i < count; i++)
        symbol_store_add(store, &queries[i]);
    if (!file_witnesses_changed_since(witnesses, since_ns))
        symbol_cache_write(symbolizer->cache, store);
}

/* What files say of addresses in them. */
struct said {
    const char *why; /* to be told; NULL: nothing */
    bool of_all;     /* it would be told whatever addresses were asked for */
};

/* Damage, and a missing file of a split unit, are told of the addresses that were asked for. */
static bool is_of_all(const struct module_files *files, const struct said *said, int code)
{
    return said->why == NULL || files->dwarf.image == NULL ||
           (code == PROBLEM_NOTHING && files->missing_supplement != NULL);
}

static struct said ask_files(struct symbolizer *symbolizer, const struct module *module,
                             struct symbol_store *store, struct symbol_query *queries, size_t count)
{
    int64_t since_ns = now_ns();
    struct problem problem = {0};
    struct module_files files;
    struct said said = {.why = NULL};
    int result = module_files_open(&files, module->path, module->build_id, module->build_id_size,
                                   symbolizer->debug_dirs,
                                   symbolizer->asks_server ? &symbolizer->server : NULL, &problem);
    bool any = files.has_image || files.has_debug;

    if (any)
        result = module_answers_find(&files, symbolizer->strings, &symbolizer->limits, queries,
                                     count, &problem);
    if (result != 0)
        said.why = strings_intern(symbolizer->strings, problem.text);
    said.of_all = is_of_all(&files, &said, result);
    bool all_looked = files.dwarf.image == NULL || dwarf_notes_all_looks(files.dwarf.notes);
    /* What a server does not have today it may have tomorrow. */
    if (store != NULL && any && said.of_all && all_looked && !files.not_served) {
        symbol_store_set_message(store, said.why);
        keep(symbolizer, store, &files.looked, since_ns, queries, count);
    }
    module_files_close(&files);
    return said;
}

/* Those of the queries that have no answer yet, `left` of them, to be put back by put_rest(). */
static struct symbol_query *take_rest(const struct symbol_query *queries, size_t count, size_t left)
{
    struct symbol_query *rest = memory_alloc((left + 1) * sizeof(*rest));

    for (size_t i = 0, next = 0; i < count; i++)
        if (!queries[i].settled)
            rest[next++] = queries[i];
    return rest;
}

static void put_rest(struct symbol_query *queries, size_t count, struct symbol_query *rest)
{
    for (size_t i = 0, next = 0; i < count; i++)
        if (!queries[i].settled)
            queries[i] = rest[next++];
    free(rest);
}

static void forget(struct symbol_query *queries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(queries[i].frames);
        queries[i] = (struct symbol_query){.address = queries[i].address};
    }
}

/* `count` queries without an answer, from the cache or from files. What files say of a part of
 * the addresses is another thing than what they say of all: then all are asked. */
static const char *ask_cache(struct symbolizer *symbolizer, const struct module *module,
                             struct symbol_query *queries, size_t count)
{
    struct symbol_store *store = cached(symbolizer, module);
    size_t left = ask_store(symbolizer, store, queries, count);
    struct said said = {.why = NULL};

    if (left == 0)
        said.why = strings_intern(symbolizer->strings, symbol_store_message(store));
    if (left > 0) {
        struct symbol_query *rest = take_rest(queries, count, left);
        said = ask_files(symbolizer, module, store, rest, left);
        put_rest(queries, count, rest);
    }
    if (left > 0 && left < count && !said.of_all) {
        forget(queries, count);
        said = ask_files(symbolizer, module, NULL, queries, count);
    }
    symbol_store_free(store);
    return said.why;
}

/* --- answers --------------------------------------------------------------- */

/* The real function's line is where it called the outermost inlined one, and may be in
 * another file than the address's. */
static void keep_real(struct symbol_query *query)
{
    if (query->count < 2)
        return;
    query->frames[0] = query->frames[query->count - 1];
    query->count = 1;
}

static void hand_out(struct symbolizer *symbolizer, struct symbol_query *queries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!symbolizer->inlines)
            keep_real(&queries[i]);
        if (queries[i].frames != NULL)
            keep_frames(symbolizer, queries[i].frames);
    }
}

/* Why names are missing: what was said where the archive was made comes first, since it knew the
 * files. */
static const char *judge_archived(struct symbolizer *symbolizer, const struct module *module,
                                  struct symbol_store *archived, const char *why)
{
    if (why == NULL)
        return NULL;
    if (archived != NULL && symbol_store_message(archived) != NULL)
        return strings_intern(symbolizer->strings, symbol_store_message(archived));
    if (archived != NULL ||
        !symbol_archive_has_other_build(symbolizer->archive, module->path, module->build_id,
                                        module->build_id_size))
        return why;
    char *text = memory_printf("cannot use the archive's symbols of '%s': they are of another "
                               "build than the recorded one (its build-id differs)",
                               module->path);
    why = strings_intern(symbolizer->strings, text);
    free(text);
    return why;
}

/* From the archive, what it lacks from files of the same build. */
static const char *ask_archive(struct symbolizer *symbolizer, const struct module *module,
                               struct symbol_store *archived, struct symbol_query *queries,
                               size_t count)
{
    size_t left = ask_store(symbolizer, archived, queries, count);

    if (left == 0)
        return strings_intern(symbolizer->strings, symbol_store_message(archived));
    struct symbol_query *rest = take_rest(queries, count, left);
    const char *why = ask_cache(symbolizer, module, rest, left);
    put_rest(queries, count, rest);
    return judge_archived(symbolizer, module, archived, why);
}

/* Where the archive was made something was missing, such as debug symbols of a stripped program:
 * files of the same build that miss nothing are asked here instead. */
static bool ask_better_files(struct symbolizer *symbolizer, const struct module *module,
                             struct symbol_store *archived, struct symbol_query *queries,
                             size_t count)
{
    if (archived == NULL || symbol_store_message(archived) == NULL)
        return false;
    if (ask_cache(symbolizer, module, queries, count) == NULL)
        return true;
    forget(queries, count);
    return false;
}

const char *symbolizer_resolve(struct symbolizer *symbolizer, const char *path,
                               const uint8_t *build_id, size_t build_id_size,
                               struct symbol_query *queries, size_t count)
{
    const struct module module = {path, build_id, build_id_size};
    struct symbol_store *archived =
        symbol_archive_find(symbolizer->archive, path, build_id, build_id_size);
    const char *why = NULL;

    begin(queries, count);
    if (count == 0)
        return NULL;
    if (!ask_better_files(symbolizer, &module, archived, queries, count))
        why = ask_archive(symbolizer, &module, archived, queries, count);
    symbol_archive_collect(symbolizer->collect, path, build_id, build_id_size, queries, count, why);
    hand_out(symbolizer, queries, count);
    return why;
}

const char *symbolizer_resolve_archived(struct symbolizer *symbolizer, const char *path,
                                        unsigned archive, struct symbol_query *queries,
                                        size_t count)
{
    struct symbol_store *store = symbol_archive_find_by_path(symbolizer->archive, path, archive);
    const char *why = store != NULL ? symbol_store_message(store) : NULL;
    char *text = NULL;

    begin(queries, count);
    if (ask_store(symbolizer, store, queries, count) > 0 && why == NULL)
        why = text = memory_printf("the archive has no symbols of '%s'", path);
    why = strings_intern(symbolizer->strings, why);
    free(text);
    symbol_archive_collect(symbolizer->collect, path, NULL, 0, queries, count, why);
    hand_out(symbolizer, queries, count);
    return why;
}
