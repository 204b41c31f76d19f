/*
 * module_answers.h: its own file because the order of the sources, and what one may correct of
 * another's, is decided nowhere else.
 */
#include "analyzer/symbols/module_answers.h"

#include "analyzer/symbols/demangle.h"
#include "analyzer/symbols/dwarf_worker.h"
#include "analyzer/symbols/function_bounds.h"
#include "analyzer/symbols/plt_symbols.h"
#include "analyzer/symbols/symbol_table.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

static void fill_table(struct symbol_table *table, const struct module_files *files)
{
    symbol_table_init(table);
    if (files->has_debug)
        symbol_table_add_image(table, &files->debug);
    if (files->has_mini)
        symbol_table_add_image(table, &files->mini.image);
    if (files->has_image) {
        symbol_table_add_image(table, &files->image);
        plt_symbols_add(table, &files->image);
    }
    symbol_table_sort(table);
}

/* The symbol's name without version, demangled, interned. */
static const char *symbol_name(struct strings *strings, const struct symbol *symbol)
{
    char *plain = memory_strdup(symbol->name), *demangled, *full = NULL;
    const char *name;

    plain[strcspn(plain, "@")] = '\0';
    demangled = demangle(plain);
    name = demangled == NULL ? plain : demangled;
    if (symbol->plt)
        name = full = memory_printf("%s@plt", name);
    name = strings_intern(strings, name);
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

static void name_from_table(struct strings *strings, const struct module_files *files,
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
        frame->function = symbol_name(strings, symbol);
}

/* Only reserved names may have a plainer one in the table. */
static bool wants_table(const struct symbol_query *query)
{
    const char *function = query->count == 0 ? NULL : query->frames[query->count - 1].function;

    return function == NULL || function[0] == '_';
}

/* The table is not made for nothing: large modules have a million symbols. */
static void name_from_tables(struct strings *strings, const struct module_files *files,
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
        name_from_table(strings, files, &table, &queries[i]);
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

static int resolve_dwarf(struct strings *strings, const struct module_files *files,
                         const struct dwarf_limits *limits, struct symbol_query *queries,
                         size_t count, size_t *lost)
{
    if (files->dwarf.image == NULL)
        return PROBLEM_NOTHING;
    return dwarf_worker_resolve(&files->dwarf, true, strings, limits, queries, count, lost);
}

/* What a worker died over may be told another time, when there is more memory or a better
 * library. */
static void settle(struct symbol_query *queries, size_t count, int dwarf_result)
{
    bool all = dwarf_result == 0 || dwarf_result == PROBLEM_NOTHING;

    for (size_t i = 0; i < count; i++)
        queries[i].settled = all || queries[i].count > 0;
}

int module_answers_find(struct module_files *files, struct strings *strings,
                        const struct dwarf_limits *limits, struct symbol_query *queries,
                        size_t count, struct problem *problem)
{
    size_t lost = 0;
    int dwarf_result = resolve_dwarf(strings, files, limits, queries, count, &lost);

    settle(queries, count, dwarf_result);
    name_from_tables(strings, files, queries, count);
    if (files->has_image)
        bound_unnamed(files, queries, count);
    return module_files_judge(files, dwarf_result, count, lost, problem);
}
