/*
 * dwarf_scopes.h: descends into the last sibling that starts at or before the
 * entry looked for.
 */
#include "analyzer/symbols/dwarf_scopes.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void dwarf_scopes_init(struct dwarf_scopes *scopes, struct dwarf_object *object)
{
    memset(scopes, 0, sizeof(*scopes));
    scopes->debug = dwarf_object_debug(object);
}

void dwarf_scopes_release(struct dwarf_scopes *scopes)
{
    free(scopes->top);
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

/* What every unit with full information has: types, or the scopes they are in. */
static bool is_type_or_scope(Dwarf_Half tag)
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

/* Skeletons of split units and what dwz took out do not tell their language. */
static bool qualifies_names(Dwarf_Debug debug, Dwarf_Die unit)
{
    uint64_t language = dwarf_die_number(debug, unit, DW_AT_language, 0);

    return language == 0 || language_has_namespaces(language);
}

static void read_top(struct dwarf_scopes *scopes, Dwarf_Off unit)
{
    Dwarf_Die die = dwarf_die_at(scopes->debug, unit), child;

    scopes->unit = unit;
    scopes->count = 0;
    scopes->has_namespaces = scopes->is_reduced = false;
    if (die == NULL)
        return;
    scopes->has_namespaces = qualifies_names(scopes->debug, die);
    scopes->is_reduced = scopes->has_namespaces;
    child = scopes->has_namespaces ? dwarf_die_child(scopes->debug, die) : NULL;
    for (; child != NULL; child = dwarf_die_next(scopes->debug, child)) {
        if (is_type_or_scope(dwarf_die_tag(scopes->debug, child)))
            scopes->is_reduced = false;
        scopes->top =
            memory_grow(scopes->top, scopes->count, &scopes->capacity, sizeof(*scopes->top));
        scopes->top[scopes->count++] = dwarf_die_offset(scopes->debug, child);
    }
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

static Dwarf_Off last_top_up_to(const struct dwarf_scopes *scopes, Dwarf_Off entry)
{
    size_t low = 0, high = scopes->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (scopes->top[middle] <= entry)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? scopes->top[low - 1] : 0;
}

static Dwarf_Off last_child_up_to(Dwarf_Debug debug, Dwarf_Off parent, Dwarf_Off entry)
{
    Dwarf_Die die = dwarf_die_at(debug, parent);
    Dwarf_Die child = die == NULL ? NULL : dwarf_die_child(debug, die);
    Dwarf_Off last = 0;

    for (; child != NULL; child = dwarf_die_next(debug, child)) {
        Dwarf_Off offset = dwarf_die_offset(debug, child);

        if (offset > entry) {
            dwarf_dealloc_die(child);
            break;
        }
        last = offset;
    }
    if (die != NULL)
        dwarf_dealloc_die(die);
    return last;
}

size_t dwarf_scopes_around(struct dwarf_scopes *scopes, Dwarf_Off entry,
                           Dwarf_Off around[DWARF_SCOPES_MAX])
{
    Dwarf_Off unit = unit_of(scopes->debug, entry), scope;
    size_t count = 0;

    if (unit == 0)
        return 0;
    if (unit != scopes->unit)
        read_top(scopes, unit);
    if (!scopes->has_namespaces)
        return 0;
    scope = last_top_up_to(scopes, entry);
    while (scope != 0 && scope != entry && count < DWARF_SCOPES_MAX) {
        around[count++] = scope;
        scope = last_child_up_to(scopes->debug, scope, entry);
    }
    return scope == entry ? count : 0;
}

bool dwarf_scopes_are_left_out(const struct dwarf_scopes *scopes)
{
    return scopes->is_reduced;
}
