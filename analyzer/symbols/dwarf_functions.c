/*
 * dwarf_functions.h: the walk. gcc puts most functions with code directly below the
 * unit; clang and rustc put them below namespaces; nested functions and gcc's lambdas
 * are below functions and their local types. Each is looked into only while addresses
 * are left without an answer. Other types are never entered.
 */
#include "analyzer/symbols/dwarf_functions.h"

#include "analyzer/symbols/dwarf_entries.h"
#include "analyzer/symbols/dwarf_ranges.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

/* Deeper nesting is damage, not code. */
#define DEPTH_MAX 256

/* Entries to look into later: one sibling list after the other, because most addresses are
 * found in the first ones. */
struct pending {
    Dwarf_Off *entries;
    size_t count, capacity;
};

struct walk {
    const struct dwarf_unit *unit;
    struct dwarf_entries entries;
    struct unit_address *addresses;
    size_t count;
    size_t unanswered;
    struct pending namespaces, functions; /* functions with their blocks and types */
    struct range_list ranges;             /* scratch, used up before any descent */
};

size_t unit_addresses_from(const struct unit_address *addresses, size_t count, uint64_t address)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (addresses[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void push_scope(struct unit_address *address, const struct function_scope *scope)
{
    address->scopes = memory_grow(address->scopes, address->scope_count, &address->scope_capacity,
                                  sizeof(*address->scopes));
    address->scopes[address->scope_count++] = *scope;
}

/*
 * Pushes `scope` onto every address in walk->ranges that has `depth` scopes so
 * far, the first of them `function`. Returns how many there were.
 */
static size_t push_where_inside(struct walk *walk, const struct function_scope *scope,
                                Dwarf_Off function, size_t depth)
{
    size_t hits = 0;

    for (size_t r = 0; r < walk->ranges.count; r++) {
        const struct address_range *range = &walk->ranges.ranges[r];
        size_t i = unit_addresses_from(walk->addresses, walk->count, range->low);

        for (; i < walk->count && walk->addresses[i].address < range->high; i++) {
            struct unit_address *address = &walk->addresses[i];

            if (address->scope_count != depth ||
                (depth > 0 && address->scopes[0].entry != function))
                continue;
            push_scope(address, scope);
            hits++;
        }
    }
    return hits;
}

/* Blocks without addresses may still hold inlined functions that have some. */
static bool block_is_hit(struct walk *walk, Dwarf_Die block)
{
    dwarf_die_ranges(walk->unit, block, &walk->ranges);
    for (size_t r = 0; r < walk->ranges.count; r++) {
        size_t i = unit_addresses_from(walk->addresses, walk->count, walk->ranges.ranges[r].low);

        if (i < walk->count && walk->addresses[i].address < walk->ranges.ranges[r].high)
            return true;
    }
    return walk->ranges.count == 0;
}

static size_t enter_inlined(struct walk *walk, Dwarf_Die die, Dwarf_Off function, size_t depth)
{
    Dwarf_Debug debug = walk->unit->debug;
    struct function_scope scope = {0};

    dwarf_die_ranges(walk->unit, die, &walk->ranges);
    if (walk->ranges.count == 0)
        return 0;
    scope.entry = dwarf_die_reference(walk->unit->object, die, DW_AT_abstract_origin);
    if (scope.entry == 0)
        scope.entry = dwarf_die_offset(debug, die);
    scope.call_file = dwarf_die_number(debug, die, DW_AT_call_file, 0);
    scope.call_line = (uint32_t)dwarf_die_number(debug, die, DW_AT_call_line, 0);
    return push_where_inside(walk, &scope, function, depth);
}

/* The inlined functions below `parent`, where `depth` scopes surround them. */
static void walk_inlined(struct walk *walk, Dwarf_Die parent, Dwarf_Off function, size_t depth,
                         unsigned nesting)
{
    Dwarf_Debug debug = walk->unit->debug;
    Dwarf_Die die = nesting < DEPTH_MAX ? dwarf_die_child(debug, parent) : NULL;

    for (; die != NULL; die = dwarf_die_next(debug, die)) {
        switch (dwarf_die_tag(debug, die)) {
        case DW_TAG_inlined_subroutine:
            if (enter_inlined(walk, die, function, depth) > 0)
                walk_inlined(walk, die, function, depth + 1, nesting + 1);
            break;
        case DW_TAG_lexical_block:
        case DW_TAG_try_block:
        case DW_TAG_catch_block:
            if (block_is_hit(walk, die))
                walk_inlined(walk, die, function, depth, nesting + 1);
            break;
        default:
            break;
        }
    }
}

static bool is_inside(const struct walk *walk, uint64_t low, uint64_t high)
{
    size_t i = unit_addresses_from(walk->addresses, walk->count, low);

    return i < walk->count && walk->addresses[i].address < high;
}

/* A look at two attributes, before libdwarf makes an object of the entry: most functions of a
 * unit are not asked for. */
static bool may_be_hit(const struct walk *walk, const struct dwarf_entry *entry)
{
    struct entry_code code;

    if (!entry->has_code)
        return false;
    if (!dwarf_entries_code(&walk->entries, entry, &code))
        return true;
    if (code.low_is_index && !dwarf_ranges_address(walk->unit, code.low, &code.low))
        return true;
    return is_inside(walk, code.low, code.high_is_length ? code.low + code.high : code.high);
}

static void visit_function(struct walk *walk, const struct dwarf_entry *entry)
{
    Dwarf_Die die = may_be_hit(walk, entry) ? dwarf_die_at(walk->unit->debug, entry->offset) : NULL;
    struct function_scope scope = {.entry = entry->offset};
    size_t hits = 0;

    if (die == NULL)
        return;
    dwarf_die_ranges(walk->unit, die, &walk->ranges);
    if (walk->ranges.count > 0)
        hits = push_where_inside(walk, &scope, 0, 0);
    walk->unanswered -= hits;
    if (hits > 0)
        walk_inlined(walk, die, scope.entry, 1, 0);
    dwarf_dealloc_die(die);
}

static void add_pending(struct pending *pending, Dwarf_Off entry)
{
    pending->entries = memory_grow(pending->entries, pending->count, &pending->capacity,
                                   sizeof(*pending->entries));
    pending->entries[pending->count++] = entry;
}

/* Notes entries that functions may lie below. */
static void note_scope(struct walk *walk, const struct dwarf_entry *entry, bool in_function)
{
    if (!entry->has_children)
        return;
    switch (entry->tag) {
    case DW_TAG_namespace:
    case DW_TAG_module:
        add_pending(&walk->namespaces, entry->offset);
        break;
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
        if (!in_function)
            break;
        /* fallthrough */
    case DW_TAG_subprogram:
    case DW_TAG_lexical_block:
        add_pending(&walk->functions, entry->offset);
        break;
    default:
        break;
    }
}

static void walk_children(struct walk *walk, Dwarf_Off parent, bool in_function)
{
    struct dwarf_entry entry;
    bool more = dwarf_entries_child(&walk->entries, parent, &entry);

    for (; more && walk->unanswered > 0; more = dwarf_entries_next(&walk->entries, &entry)) {
        if (entry.tag == DW_TAG_subprogram)
            visit_function(walk, &entry);
        note_scope(walk, &entry, in_function);
    }
}

/* The list grows while it is walked. */
static void walk_pending(struct walk *walk, struct pending *pending, bool in_function)
{
    for (size_t i = 0; i < pending->count && walk->unanswered > 0; i++)
        walk_children(walk, pending->entries[i], in_function);
}

void dwarf_functions_find(const struct dwarf_unit *unit, struct unit_address *addresses,
                          size_t count)
{
    struct walk walk = {
        .unit = unit,
        .addresses = addresses,
        .count = count,
        .unanswered = count,
    };

    if (dwarf_entries_open(&walk.entries, unit->object, unit->die)) {
        walk_children(&walk, dwarf_die_offset(unit->debug, unit->die), false);
        walk_pending(&walk, &walk.namespaces, false);
        walk_pending(&walk, &walk.functions, true);
    }
    dwarf_entries_release(&walk.entries);
    free(walk.namespaces.entries);
    free(walk.functions.entries);
    free(walk.ranges.ranges);
}
