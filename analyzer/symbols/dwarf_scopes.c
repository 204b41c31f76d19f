/*
 * dwarf_scopes.h: descends into the last sibling that starts at or before the
 * entry looked for.
 */
#include "analyzer/symbols/dwarf_scopes.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

struct scope_children {
    Dwarf_Off *entries; /* ascending */
    size_t count, capacity;
    bool has_types; /* or scopes among them */
};

void dwarf_scopes_init(struct dwarf_scopes *scopes, struct dwarf_object *object)
{
    memset(scopes, 0, sizeof(*scopes));
    scopes->object = object;
    scopes->debug = dwarf_object_debug(object);
}

static void forget_unit(struct dwarf_scopes *scopes)
{
    for (size_t i = 0; i < scopes->count; i++)
        free(scopes->children[i].entries);
    scopes->count = 0;
    key_table_free(scopes->by_parent);
    scopes->by_parent = NULL;
    dwarf_entries_release(&scopes->entries);
    scopes->unit = 0;
}

void dwarf_scopes_release(struct dwarf_scopes *scopes)
{
    forget_unit(scopes);
    free(scopes->children);
    memset(scopes, 0, sizeof(*scopes));
}

static bool language_has_namespaces(uint64_t language)
{
    switch (language) {
    case DW_LANG_C_plus_plus:
    case DW_LANG_C_plus_plus_03:
    case DW_LANG_C_plus_plus_11:
    case DW_LANG_C_plus_plus_14:
    case DW_LANG_C_plus_plus_17:
    case DW_LANG_C_plus_plus_20:
    case DW_LANG_ObjC_plus_plus:
    case DW_LANG_D:
    case DW_LANG_Rust:
    case DW_LANG_Swift:
        return true;
    default:
        return false;
    }
}

/* Skeletons of split units and what dwz took out do not tell their language. */
static bool qualifies_names(Dwarf_Debug debug, Dwarf_Die unit)
{
    uint64_t language = dwarf_die_number(debug, unit, DW_AT_language, 0);

    return language == 0 || language_has_namespaces(language);
}

/* Every unit with full information has some of these. */
static bool is_type_or_scope(uint32_t tag)
{
    switch (tag) {
    case DW_TAG_namespace:
    case DW_TAG_base_type:
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
    case DW_TAG_typedef:
        return true;
    default:
        return false;
    }
}

static void enter_unit(struct dwarf_scopes *scopes, Dwarf_Off unit)
{
    Dwarf_Die die = dwarf_die_at(scopes->debug, unit);

    forget_unit(scopes);
    scopes->unit = unit;
    scopes->by_parent = key_table_new(sizeof(Dwarf_Off));
    scopes->has_namespaces = false;
    if (die == NULL)
        return;
    scopes->has_namespaces = qualifies_names(scopes->debug, die) &&
                             dwarf_entries_open(&scopes->entries, scopes->object, die);
    dwarf_dealloc_die(die);
}

/* Offset of the unit's own entry, 0 when damaged. */
static Dwarf_Off unit_of(Dwarf_Debug debug, Dwarf_Off entry)
{
    Dwarf_Die die = dwarf_die_at(debug, entry);
    Dwarf_Error error = NULL;
    Dwarf_Off unit = 0;
    int result;

    if (die == NULL)
        return 0;
    result = dwarf_CU_dieoffset_given_die(die, &unit, &error);
    if (result == DW_DLV_ERROR && error != NULL)
        dwarf_dealloc_error(debug, error);
    dwarf_dealloc_die(die);
    return result == DW_DLV_OK ? unit : 0;
}

static void read_children(const struct dwarf_entries *entries, Dwarf_Off parent,
                          struct scope_children *children)
{
    struct dwarf_entry child;
    bool more = dwarf_entries_child(entries, parent, &child);

    for (; more; more = dwarf_entries_next(entries, &child)) {
        children->entries = memory_grow(children->entries, children->count, &children->capacity,
                                        sizeof(*children->entries));
        children->entries[children->count++] = child.offset;
        children->has_types |= is_type_or_scope(child.tag);
    }
}

static const struct scope_children *children_of(struct dwarf_scopes *scopes, Dwarf_Off parent)
{
    uint32_t index = key_table_add(scopes->by_parent, &parent, (uint32_t)scopes->count);

    if (index == scopes->count) {
        scopes->children = memory_grow(scopes->children, scopes->count, &scopes->capacity,
                                       sizeof(*scopes->children));
        memset(&scopes->children[scopes->count], 0, sizeof(*scopes->children));
        read_children(&scopes->entries, parent, &scopes->children[scopes->count++]);
    }
    return &scopes->children[index];
}

static Dwarf_Off last_child_up_to(struct dwarf_scopes *scopes, Dwarf_Off parent, Dwarf_Off entry)
{
    const struct scope_children *children = children_of(scopes, parent);
    size_t low = 0, high = children->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (children->entries[middle] <= entry)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? children->entries[low - 1] : 0;
}

size_t dwarf_scopes_around(struct dwarf_scopes *scopes, Dwarf_Off entry,
                           Dwarf_Off around[DWARF_SCOPES_MAX])
{
    bool is_known = scopes->unit != 0 && dwarf_entries_hold(&scopes->entries, entry);
    Dwarf_Off unit = is_known ? scopes->unit : unit_of(scopes->debug, entry), scope;
    size_t count = 0;

    if (unit == 0)
        return 0;
    if (unit != scopes->unit)
        enter_unit(scopes, unit);
    if (!scopes->has_namespaces)
        return 0;
    scope = last_child_up_to(scopes, unit, entry);
    while (scope != 0 && scope != entry && count < DWARF_SCOPES_MAX) {
        around[count++] = scope;
        scope = last_child_up_to(scopes, scope, entry);
    }
    return scope == entry ? count : 0;
}

bool dwarf_scopes_are_left_out(struct dwarf_scopes *scopes)
{
    return scopes->unit != 0 && scopes->has_namespaces &&
           !children_of(scopes, scopes->unit)->has_types;
}
