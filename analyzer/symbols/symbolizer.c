/*
 * symbolizer.h: decides which files speak for a module, asks DWARF first, the
 * symbol tables for what is left, the unwind information for what has no name at
 * all, and says why when little was found.
 */
#include "analyzer/symbols/symbolizer.h"

#include "analyzer/symbols/debug_file.h"
#include "analyzer/symbols/demangle.h"
#include "analyzer/symbols/dwarf_worker.h"
#include "analyzer/symbols/function_bounds.h"
#include "analyzer/symbols/plt_symbols.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/strings.h"

#include <stdlib.h>
#include <string.h>

struct symbolizer {
    bool inlines;
    const char *debug_dirs;
    struct strings *strings;
    struct symbol_frame **blocks; /* every frames array handed out */
    size_t block_count, block_capacity;
};

/* The files of one module during one call. */
struct module {
    const char *path;
    struct elf_image image, debug;
    bool has_image, has_debug; /* opened and of the right build */
    struct symbol_table table;
};

struct symbolizer *symbolizer_new(const struct symbolizer_options *options)
{
    struct symbolizer *symbolizer = memory_alloc(sizeof(*symbolizer));

    symbolizer->inlines = options->inlines;
    symbolizer->strings = strings_new();
    symbolizer->debug_dirs = options->debug_dirs != NULL
                                 ? strings_intern(symbolizer->strings, options->debug_dirs)
                                 : DEBUG_FILE_DIRS;
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

static int open_image(struct module *module, const uint8_t *build_id, size_t build_id_size,
                      struct problem *problem)
{
    int result = strcmp(module->path, "[vdso]") == 0
                     ? elf_image_init_vdso(&module->image, problem)
                     : elf_image_init(&module->image, module->path, problem);

    if (result != 0)
        return result;
    if (build_id_size > 0 && !elf_image_has_build_id(&module->image, build_id, build_id_size)) {
        elf_image_release(&module->image);
        return problem_set(problem, PROBLEM_DATA,
                           "cannot use symbols of '%s': it is not the file that was recorded "
                           "(its build-id differs)",
                           module->path);
    }
    module->has_image = true;
    return 0;
}

/* For a module that does not hold its debug information itself. A file found by
 * the recorded build-id is right even when the module's own is gone or replaced. */
static void open_debug(struct module *module, const char *dirs, const uint8_t *build_id,
                       size_t build_id_size)
{
    int result;

    if (module->has_image && module->image.has_dwarf)
        return;
    if (build_id_size == 0 && module->has_image) {
        build_id = module->image.build_id;
        build_id_size = module->image.build_id_size;
    }
    result = debug_file_init_by_id(&module->debug, dirs, build_id, build_id_size);
    if (result != 0 && module->has_image)
        result = debug_file_init_by_link(&module->debug, dirs, &module->image, module->path);
    module->has_debug = result == 0;
}

static void close_module(struct module *module)
{
    symbol_table_release(&module->table);
    if (module->has_debug)
        elf_image_release(&module->debug);
    if (module->has_image)
        elf_image_release(&module->image);
}

static void fill_table(struct module *module)
{
    if (module->has_debug)
        symbol_table_add_image(&module->table, &module->debug);
    if (module->has_image) {
        symbol_table_add_image(&module->table, &module->image);
        plt_symbols_add(&module->table, &module->image);
    }
    symbol_table_sort(&module->table);
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
    if (symbol->plt || demangle_is_mangled(symbol->name) ||
        symbol->name[strcspn(symbol->name, ".@")] == '.') /* f.part.0 */
        return false;
    return strncmp(name, "__GI_", 5) == 0 || strspn(symbol->name, "_") < strspn(name, "_");
}

static void name_from_table(struct symbolizer *symbolizer, const struct module *module,
                            struct symbol_query *query)
{
    const struct elf_image *image = module->has_image ? &module->image : &module->debug;
    const struct symbol *symbol =
        symbol_table_find(&module->table, query->address, symbol_section_at(image, query->address));
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
static void name_from_tables(struct symbolizer *symbolizer, struct module *module,
                             struct symbol_query *queries, size_t count)
{
    bool filled = false;

    for (size_t i = 0; i < count; i++) {
        if (!wants_table(&queries[i]))
            continue;
        if (!filled)
            fill_table(module);
        filled = true;
        name_from_table(symbolizer, module, &queries[i]);
    }
}

/* Of functions without a name, where they start. */
static void bound_unnamed(const struct module *module, struct symbol_query *queries, size_t count)
{
    struct function_bounds bounds;
    bool filled = false;

    for (size_t i = 0; i < count; i++) {
        struct symbol_query *query = &queries[i];
        struct address_range range;
        if (query->count > 0 && query->frames[query->count - 1].function != NULL)
            continue;
        if (!filled)
            function_bounds_init(&bounds, &module->image);
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

static int resolve_dwarf(struct symbolizer *symbolizer, const struct module *module,
                         struct symbol_query *queries, size_t count)
{
    const struct elf_image *image = NULL;

    if (module->has_debug && module->debug.has_dwarf)
        image = &module->debug;
    else if (module->has_image && module->image.has_dwarf && module->image.fd >= 0)
        image = &module->image;
    if (image == NULL)
        return PROBLEM_NOTHING;
    return dwarf_worker_resolve(image, symbolizer->inlines, symbolizer->strings, queries, count);
}

static int compare_queries(const void *left, const void *right)
{
    const struct symbol_query *a = left, *b = right;

    return a->address < b->address ? -1 : a->address > b->address;
}

/* What is to be said when the module was opened; 0 when nothing is. */
static int judge(const struct module *module, int dwarf_result, struct problem *problem)
{
    bool has_symtab = (module->has_image && module->image.has_symtab) ||
                      (module->has_debug && module->debug.has_symtab);

    if (dwarf_result == PROBLEM_SYSTEM)
        return problem_set(problem, PROBLEM_SYSTEM,
                           "cannot read the debug information of '%s': cannot start a process",
                           module->path);
    if (dwarf_result == PROBLEM_DATA)
        return problem_set(problem, PROBLEM_DATA,
                           "cannot read the debug information of '%s': it is damaged",
                           module->path);
    if (dwarf_result == PROBLEM_NOTHING && !has_symtab && strcmp(module->path, "[vdso]") != 0)
        return problem_set(problem, PROBLEM_NOTHING,
                           "'%s' is stripped: only exported functions have names; "
                           "install its debug symbols",
                           module->path);
    return 0;
}

const char *symbolizer_resolve(struct symbolizer *symbolizer, const char *path,
                               const uint8_t *build_id, size_t build_id_size,
                               struct symbol_query *queries, size_t count)
{
    struct module module = {.path = path};
    struct problem problem = {0};
    int result, dwarf_result;

    for (size_t i = 0; i < count; i++) {
        queries[i].frames = NULL;
        queries[i].count = 0;
        queries[i].function_start = 0;
    }
    if (count == 0)
        return NULL;
    qsort(queries, count, sizeof(*queries), compare_queries);
    result = open_image(&module, build_id, build_id_size, &problem);
    open_debug(&module, symbolizer->debug_dirs, build_id, build_id_size);
    if (module.has_image || module.has_debug) {
        dwarf_result = resolve_dwarf(symbolizer, &module, queries, count);
        name_from_tables(symbolizer, &module, queries, count);
        if (module.has_image)
            bound_unnamed(&module, queries, count);
        result = judge(&module, dwarf_result, &problem);
    }
    close_module(&module);
    for (size_t i = 0; i < count; i++)
        if (queries[i].frames != NULL)
            keep_frames(symbolizer, queries[i].frames);
    return result == 0 ? NULL : strings_intern(symbolizer->strings, problem.text);
}
