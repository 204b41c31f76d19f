/*
 * dwarf_symbols.h: the meeting point of index, functions, names and lines.
 */
#include "analyzer/symbols/dwarf_symbols.h"

#include "analyzer/symbols/bare_names.h"
#include "analyzer/symbols/dwarf_functions.h"
#include "analyzer/symbols/dwarf_index.h"
#include "analyzer/symbols/dwarf_lines.h"
#include "analyzer/symbols/dwarf_names.h"
#include "analyzer/symbols/dwarf_object.h"
#include "analyzer/symbols/dwarf_split.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

struct dwarf_symbols {
    const struct dwarf_files *files;
    struct dwarf_object *object;
    struct strings *strings;
    Dwarf_Debug debug;
    struct dwarf_index index;
    struct dwarf_names *names;
    struct bare_names bare;
    struct dwarf_object *package; /* of split units; NULL: none */
};

struct dwarf_symbols *dwarf_symbols_new(const struct dwarf_files *files, struct strings *strings)
{
    struct dwarf_object *object = dwarf_object_new(files->image);
    Dwarf_Debug debug = object == NULL ? NULL : dwarf_object_debug(object);
    struct dwarf_symbols *symbols;

    if (debug == NULL)
        return NULL;
    symbols = memory_alloc(sizeof(*symbols));
    symbols->object = object;
    symbols->files = files;
    symbols->strings = strings;
    symbols->debug = debug;
    if (files->supplement != NULL)
        dwarf_object_set_supplement(object, dwarf_object_new(files->supplement));
    if (files->package != NULL)
        symbols->package = dwarf_object_new(files->package);
    symbols->names = dwarf_names_new(object, strings);
    bare_names_init(&symbols->bare, files->image, strings);
    dwarf_index_init(&symbols->index, object, files->image->code_start);
    return symbols;
}

/*
 * Scopes come outermost first, frames innermost first. The innermost line is the
 * line table's; every other is where the next inner one was called.
 */
static void make_frames(struct bare_names *bare, struct dwarf_names *names,
                        struct dwarf_lines *lines, const struct unit_address *address,
                        struct symbol_query *query)
{
    uint64_t file = address->file;
    uint32_t line = address->has_line ? address->line : 0;
    bool has_file = address->has_line;

    query->count = address->scope_count > 0 ? address->scope_count : address->has_line;
    if (query->count == 0)
        return;
    query->frames = memory_alloc(query->count * sizeof(*query->frames));
    for (size_t i = 0; i < query->count; i++) {
        struct symbol_frame *frame = &query->frames[i];

        frame->file = has_file && lines != NULL ? dwarf_lines_file(lines, file) : NULL;
        frame->line = line;
        if (address->scope_count > 0) {
            const struct function_scope *scope = &address->scopes[query->count - 1 - i];
            struct function_name name = dwarf_names_find(names, scope->entry);

            frame->function = name.name;
            frame->decl_line = name.decl_line;
            frame->inlined = i + 1 < query->count;
            if (name.is_bare && !frame->inlined)
                frame->function = bare_names_find(bare, query->address, name.name);
            file = scope->call_file;
            line = scope->call_line;
            has_file = true;
        }
    }
}

/* Left out after all were found: the real function's line is where it called the
 * outermost inlined one, and may be in another file than the address's. */
static void keep_real(struct symbol_query *query)
{
    if (query->count < 2)
        return;
    query->frames[0] = query->frames[query->count - 1];
    query->count = 1;
}

/* Functions and names are those of `entries`; lines, also where inlined functions were called,
 * those of `unit`: the same one, or its skeleton. */
static void answer(struct dwarf_symbols *symbols, const struct dwarf_unit *unit,
                   const struct dwarf_unit *entries, struct dwarf_names *names,
                   struct unit_address *addresses, const struct symbol_hit *hits, size_t count)
{
    struct dwarf_lines *lines;

    dwarf_functions_find(entries, addresses, count);
    lines = dwarf_lines_new(symbols->object, unit, symbols->strings);
    if (lines != NULL)
        dwarf_lines_find(lines, addresses, count);
    for (size_t i = 0; i < count; i++)
        make_frames(&symbols->bare, names, lines, &addresses[i], hits[i].query);
    dwarf_lines_free(lines);
}

static void resolve_unit(struct dwarf_symbols *symbols, bool inlines, const struct symbol_hit *hits,
                         size_t count)
{
    struct unit_address *addresses = memory_alloc(count * sizeof(*addresses));
    struct dwarf_unit unit;
    struct dwarf_split split;

    for (size_t i = 0; i < count; i++)
        addresses[i].address = hits[i].query->address;
    if (dwarf_unit_init(&unit, symbols->object, dwarf_die_at(symbols->debug, hits[0].unit),
                        symbols->files->image->code_start) == 0) {
        if (dwarf_split_open(&split, symbols->files, symbols->package, &unit)) {
            struct dwarf_names *names = dwarf_names_new(split.object, symbols->strings);

            answer(symbols, &unit, &split.unit, names, addresses, hits, count);
            dwarf_names_free(names);
            dwarf_split_close(&split);
        } else {
            answer(symbols, &unit, &unit, symbols->names, addresses, hits, count);
        }
        for (size_t i = 0; i < count && !inlines; i++)
            keep_real(hits[i].query);
    }
    dwarf_unit_release(&unit);
    for (size_t i = 0; i < count; i++)
        free(addresses[i].scopes);
    free(addresses);
}

static int compare_hits(const void *left, const void *right)
{
    const struct symbol_hit *a = left, *b = right;

    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    return a->query->address < b->query->address ? -1 : a->query->address > b->query->address;
}

void dwarf_symbols_find_units(struct dwarf_symbols *symbols, struct symbol_query *const *queries,
                              size_t count, struct symbol_hit *hits)
{
    for (size_t i = 0; i < count; i++) {
        hits[i] = (struct symbol_hit){.number = i, .query = queries[i]};
        (void)dwarf_index_find(&symbols->index, queries[i]->address, &hits[i].unit);
    }
    qsort(hits, count, sizeof(*hits), compare_hits);
}

void dwarf_symbols_share(struct dwarf_symbols *symbols)
{
    struct dwarf_object *supplement = dwarf_object_supplement(symbols->object);

    dwarf_object_unpack(symbols->object);
    if (supplement != NULL)
        dwarf_object_unpack(supplement);
    if (symbols->package != NULL)
        dwarf_object_unpack(symbols->package);
}

void dwarf_symbols_resolve(struct dwarf_symbols *symbols, bool inlines,
                           const struct symbol_hit *hits, size_t count)
{
    size_t end;

    for (size_t i = 0; i < count; i = end) {
        for (end = i + 1; end < count && hits[end].unit == hits[i].unit;)
            end++;
        if (hits[i].unit == 0)
            continue;
        dwarf_index_enter(&symbols->index, symbols->debug, hits[i].unit);
        resolve_unit(symbols, inlines, hits + i, end - i);
    }
}
