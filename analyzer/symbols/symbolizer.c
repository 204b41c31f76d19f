/*
 * symbolizer.h: of the files that speak for a module asks DWARF first, the symbol
 * tables for what is left, the unwind information for what has no name at all.
 */
#include "analyzer/symbols/symbolizer.h"

#include "analyzer/symbols/debug_file.h"
#include "analyzer/symbols/demangle.h"
#include "analyzer/symbols/dwarf_worker.h"
#include "analyzer/symbols/function_bounds.h"
#include "analyzer/symbols/module_files.h"
#include "analyzer/symbols/plt_symbols.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/strings.h"

#include <stdlib.h>
#include <string.h>

struct symbolizer {
    bool inlines;
    struct dwarf_limits limits;
    const char *debug_dirs;
    struct strings *strings;
    struct symbol_frame **blocks; /* every frames array handed out */
    size_t block_count, block_capacity;
};

static const char *debug_dirs(const char *first, struct strings *strings)
{
    if (first == NULL)
        return DEBUG_FILE_DIRS;
    char *all = memory_printf("%s:%s", first, DEBUG_FILE_DIRS);
    const char *interned = strings_intern(strings, all);

    free(all);
    return interned;
}

struct symbolizer *symbolizer_new(const struct symbolizer_options *options)
{
    struct symbolizer *symbolizer = memory_alloc(sizeof(*symbolizer));

    symbolizer->inlines = options->inlines;
    symbolizer->limits = options->limits == NULL ? dwarf_worker_limits : *options->limits;
    symbolizer->strings = strings_new();
    symbolizer->debug_dirs = debug_dirs(options->debug_dirs, symbolizer->strings);
    return symbolizer;
}

void symbolizer_free(struct symbolizer *symbolizer)
{
    if (symbolizer == NULL)
        return;
    for (size_t i = 0; i < symbolizer->block_count; i++)
        free(symbolizer->blocks[i]);
    free(symbolizer->blocks);
    strings_free(symbolizer->strings);
    free(symbolizer);
}

static void fill_table(struct symbol_table *table, const struct module_files *files)
{
    symbol_table_init(table);
    if (files->has_debug)
        symbol_table_add_image(table, &files->debug);
    if (files->has_image) {
        symbol_table_add_image(table, &files->image);
        plt_symbols_add(table, &files->image);
    }
    symbol_table_sort(table);
}

/* The symbol's name without version, demangled, interned. */
static const char *symbol_name(struct symbolizer *symbolizer, const struct symbol *symbol)
{
    char *plain = memory_strdup(symbol->name), *demangled, *full = NULL;
    const char *name;

    plain[strcspn(plain, "@")] = '\0';
    demangled = demangle(plain);
    name = demangled == NULL ? plain : demangled;
    if (symbol->plt)
        name = full = memory_printf("%s@plt", name);
    name = strings_intern(symbolizer->strings, name);
    free(full);
    free(demangled);
    free(plain);
    return name;
}

/*
 * One C function often has several names: glibc's DWARF says __GI___libc_malloc
 * (__GI_ marks a name for use inside glibc) where its callers, and .dynsym where
 * there is no DWARF, say malloc.
 */
static bool is_plainer_name(const struct symbol *symbol, const char *name)
{
    if (symbol->plt || demangle_is_mangled(symbol->name) || symbol_name_is_internal(symbol->name) ||
        symbol->name[strcspn(symbol->name, ".@")] == '.') /* f.part.0 */
        return false;
    return symbol_name_is_internal(name) || strspn(symbol->name, "_") < strspn(name, "_");
}

static void name_from_table(struct symbolizer *symbolizer, const struct module_files *files,
                            const struct symbol_table *table, struct symbol_query *query)
{
    const struct elf_image *image = files->has_image ? &files->image : &files->debug;
    const struct symbol *symbol =
        symbol_table_find(table, query->address, symbol_section_at(image, query->address));
    struct symbol_frame *frame;

    if (symbol == NULL)
        return;
    if (query->count == 0) {
        query->frames = memory_alloc(sizeof(*query->frames));
        query->count = 1;
    }
    frame = &query->frames[query->count - 1];
    if (frame->function == NULL || is_plainer_name(symbol, frame->function))
        frame->function = symbol_name(symbolizer, symbol);
}

/* Only reserved names may have a plainer one in the table. */
static bool wants_table(const struct symbol_query *query)
{
    const char *function = query->count == 0 ? NULL : query->frames[query->count - 1].function;

    return function == NULL || function[0] == '_';
}

/* The table is not made for nothing: large modules have a million symbols. */
static void name_from_tables(struct symbolizer *symbolizer, const struct module_files *files,
                             struct symbol_query *queries, size_t count)
{
    struct symbol_table table;
    bool filled = false;

    for (size_t i = 0; i < count; i++) {
        if (!wants_table(&queries[i]))
            continue;
        if (!filled)
            fill_table(&table, files);
        filled = true;
        name_from_table(symbolizer, files, &table, &queries[i]);
    }
    if (filled)
        symbol_table_release(&table);
}

/* Of functions without a name, where they start. */
static void bound_unnamed(const struct module_files *files, struct symbol_query *queries,
                          size_t count)
{
    struct function_bounds bounds;
    bool filled = false;

    for (size_t i = 0; i < count; i++) {
        struct symbol_query *query = &queries[i];
        struct address_range range;
        if (query->count > 0 && query->frames[query->count - 1].function != NULL)
            continue;
        if (!filled)
            function_bounds_init(&bounds, &files->image);
        filled = true;
        if (function_bounds_find(&bounds, query->address, &range))
            query->function_start = range.low;
    }
}

static void keep_frames(struct symbolizer *symbolizer, struct symbol_frame *frames)
{
    symbolizer->blocks = memory_grow(symbolizer->blocks, symbolizer->block_count,
                                     &symbolizer->block_capacity, sizeof(*symbolizer->blocks));
    symbolizer->blocks[symbolizer->block_count++] = frames;
}

static int resolve_dwarf(struct symbolizer *symbolizer, const struct module_files *files,
                         struct symbol_query *queries, size_t count, size_t *lost)
{
    if (files->dwarf.image == NULL)
        return PROBLEM_NOTHING;
    return dwarf_worker_resolve(&files->dwarf, symbolizer->inlines, symbolizer->strings,
                                &symbolizer->limits, queries, count, lost);
}

static int compare_queries(const void *left, const void *right)
{
    const struct symbol_query *a = left, *b = right;

    return a->address < b->address ? -1 : a->address > b->address;
}

const char *symbolizer_resolve(struct symbolizer *symbolizer, const char *path,
                               const uint8_t *build_id, size_t build_id_size,
                               struct symbol_query *queries, size_t count)
{
    struct module_files files;
    struct problem problem = {0};
    size_t lost = 0;
    int result, dwarf_result;

    for (size_t i = 0; i < count; i++) {
        queries[i].frames = NULL;
        queries[i].count = 0;
        queries[i].function_start = 0;
    }
    if (count == 0)
        return NULL;
    qsort(queries, count, sizeof(*queries), compare_queries);
    result =
        module_files_open(&files, path, build_id, build_id_size, symbolizer->debug_dirs, &problem);
    if (files.has_image || files.has_debug) {
        dwarf_result = resolve_dwarf(symbolizer, &files, queries, count, &lost);
        name_from_tables(symbolizer, &files, queries, count);
        if (files.has_image)
            bound_unnamed(&files, queries, count);
        result = module_files_judge(&files, dwarf_result, count, lost, &problem);
    }
    module_files_close(&files);
    for (size_t i = 0; i < count; i++)
        if (queries[i].frames != NULL)
            keep_frames(symbolizer, queries[i].frames);
    return result == 0 ? NULL : strings_intern(symbolizer->strings, problem.text);
}
