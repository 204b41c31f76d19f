/*
 * dwarf_names.h: a table by entry offset in front of the chain walk.
 *
 * gcc gives C++ functions of internal linkage (static, in an anonymous namespace,
 * local lambdas) no linkage name: their names are put together from the scopes
 * around their declaration.
 */
#include "analyzer/symbols/dwarf_names.h"

#include "analyzer/symbols/demangle.h"
#include "analyzer/symbols/dwarf_scopes.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

/* inlined copy -> abstract instance -> declaration is the longest sound chain. */
#define CHAIN_MAX 8

/* Functions in functions, as scopes of names. */
#define NESTING_MAX 8

struct dwarf_names {
    struct dwarf_object *object;
    struct strings *strings;
    struct key_table *by_entry; /* entry offset to index of `found` */
    struct function_name *found;
    size_t count, capacity;
    struct dwarf_scopes scopes, supplement_scopes;
    unsigned nesting; /* of follow() in itself */
};

struct dwarf_names *dwarf_names_new(struct dwarf_object *object, struct strings *strings)
{
    struct dwarf_names *names = memory_alloc(sizeof(*names));

    names->object = object;
    names->strings = strings;
    names->by_entry = key_table_new(sizeof(Dwarf_Off));
    dwarf_scopes_init(&names->scopes, object);
    if (dwarf_object_supplement(object) != NULL)
        dwarf_scopes_init(&names->supplement_scopes, dwarf_object_supplement(object));
    return names;
}

void dwarf_names_free(struct dwarf_names *names)
{
    if (names == NULL)
        return;
    dwarf_scopes_release(&names->scopes);
    dwarf_scopes_release(&names->supplement_scopes);
    key_table_free(names->by_entry);
    free(names->found);
    free(names);
}

/* The file an entry is in; NULL when that is not at hand. */
static struct dwarf_object *object_of(const struct dwarf_names *names, Dwarf_Off entry)
{
    return entry & DWARF_IN_SUPPLEMENT ? dwarf_object_supplement(names->object) : names->object;
}

/* The entry itself, to be freed. NULL when there is none. */
static Dwarf_Die open_entry(const struct dwarf_names *names, Dwarf_Off entry)
{
    struct dwarf_object *object = object_of(names, entry);

    return object == NULL ? NULL
                          : dwarf_die_at(dwarf_object_debug(object), entry & ~DWARF_IN_SUPPLEMENT);
}

/* The entry that an attribute of `die`, which is at `entry`, refers to; 0 without one. */
static Dwarf_Off reference_from(const struct dwarf_names *names, Dwarf_Off entry, Dwarf_Die die,
                                Dwarf_Half attribute)
{
    Dwarf_Off to = dwarf_die_reference(object_of(names, entry), die, attribute);

    return to == 0 ? 0 : to | (entry & DWARF_IN_SUPPLEMENT);
}

/* What the entries of one chain said so far; the nearest one counts. */
struct findings {
    const char *linkage, *plain;
    Dwarf_Off plain_entry; /* that has `plain` */
    uint32_t decl_line;
};

/* Returns the offset of the entry that continues the chain, 0 at its end. */
static Dwarf_Off read_link(const struct dwarf_names *names, Dwarf_Off entry, struct findings *found)
{
    struct dwarf_object *object = object_of(names, entry);
    Dwarf_Die die = open_entry(names, entry);
    Dwarf_Off next;

    if (die == NULL)
        return 0;
    if (found->linkage == NULL)
        found->linkage = dwarf_die_text_of(object, die, DW_AT_linkage_name);
    if (found->linkage == NULL)
        found->linkage = dwarf_die_text_of(object, die, DW_AT_MIPS_linkage_name);
    if (found->plain == NULL) {
        found->plain = dwarf_die_text_of(object, die, DW_AT_name);
        found->plain_entry = entry;
    }
    if (found->decl_line == 0)
        found->decl_line =
            (uint32_t)dwarf_die_number(dwarf_object_debug(object), die, DW_AT_decl_line, 0);
    next = reference_from(names, entry, die, DW_AT_abstract_origin);
    if (next == 0)
        next = reference_from(names, entry, die, DW_AT_specification);
    dwarf_dealloc_die(die);
    return next;
}

static struct function_name follow(struct dwarf_names *names, Dwarf_Off entry);

/* gcc's functions of a lambda, the last its conversion to a pointer; those of other unnamed types
 * have names of their own. */
static bool is_lambda(const char *function)
{
    return strcmp(function, "operator()") == 0 || strncmp(function, "operator()<", 11) == 0 ||
           strcmp(function, "_FUN") == 0 ||
           (strncmp(function, "operator ", 9) == 0 && strstr(function, "(*)") != NULL);
}

/* Lambdas of one function are told apart by where they begin: numbers they have in mangled names
 * alone. To be freed. */
static char *unnamed_type(struct dwarf_object *object, Dwarf_Die die, const char *inner)
{
    Dwarf_Debug debug = dwarf_object_debug(object);
    unsigned line = (unsigned)dwarf_die_number(debug, die, DW_AT_decl_line, 0);
    unsigned column = (unsigned)dwarf_die_number(debug, die, DW_AT_decl_column, 0);

    if (!is_lambda(inner))
        return memory_strdup("{unnamed type}::");
    return line == 0 ? memory_strdup("{lambda}::")
                     : memory_printf("{lambda:%u:%u}::", line, column);
}

/* What a scope adds to `inner` in it, with its "::", to be freed. NULL: nothing. `*is_whole`:
 * with all that is around itself. */
static char *scope_prefix(struct dwarf_names *names, Dwarf_Off scope, const char *inner,
                          bool *is_whole)
{
    struct dwarf_object *object = object_of(names, scope);
    Dwarf_Die die = open_entry(names, scope);
    const char *name = NULL;
    char *unnamed = NULL;

    if (die == NULL)
        return NULL;
    switch (dwarf_die_tag(dwarf_object_debug(object), die)) {
    case DW_TAG_namespace:
        name = dwarf_die_text_of(object, die, DW_AT_name);
        name = name == NULL ? "(anonymous namespace)" : name;
        break;
    case DW_TAG_class_type:
    case DW_TAG_structure_type:
    case DW_TAG_union_type:
        name = dwarf_die_text_of(object, die, DW_AT_name);
        if (name == NULL)
            unnamed = unnamed_type(object, die, inner);
        break;
    case DW_TAG_subprogram:
        name = follow(names, scope).name;
        *is_whole = name != NULL;
        break;
    default:
        break;
    }
    dwarf_dealloc_die(die);
    return name == NULL ? unnamed : memory_printf("%s::", name);
}

/* `plain` behind the names of its scopes, to be freed. */
static char *qualified(struct dwarf_names *names, const struct findings *found, bool *is_bare)
{
    Dwarf_Off around[DWARF_SCOPES_MAX];
    Dwarf_Off where = found->plain_entry & DWARF_IN_SUPPLEMENT;
    struct dwarf_scopes *scopes = where ? &names->supplement_scopes : &names->scopes;
    size_t count = dwarf_scopes_around(scopes, found->plain_entry & ~DWARF_IN_SUPPLEMENT, around);
    char *name = memory_strdup(found->plain);
    bool is_whole = false;

    *is_bare = dwarf_scopes_are_left_out(scopes);
    while (count-- > 0 && !is_whole) {
        char *prefix = scope_prefix(names, around[count] | where, found->plain, &is_whole);
        char *longer;

        if (prefix == NULL)
            continue;
        longer = memory_printf("%s%s", prefix, name);
        free(prefix);
        free(name);
        name = longer;
    }
    return name;
}

static const char *readable(struct dwarf_names *names, const struct findings *found, bool *is_bare)
{
    const char *raw = found->linkage != NULL ? found->linkage : found->plain;
    char *made = NULL;
    const char *name;

    if (raw != NULL) /* gcc's thunks are mangled though they have but a plain name */
        made = demangle(raw);
    if (found->linkage == NULL && found->plain != NULL && made == NULL)
        made = qualified(names, found, is_bare);
    name = strings_intern(names->strings, made == NULL ? raw : made);
    free(made);
    return name;
}

static struct function_name follow(struct dwarf_names *names, Dwarf_Off entry)
{
    struct findings found = {0};
    struct function_name name = {0};

    if (names->nesting == NESTING_MAX)
        return name;
    names->nesting++;
    for (int i = 0; i < CHAIN_MAX && entry != 0; i++)
        entry = read_link(names, entry, &found);
    name.name = readable(names, &found, &name.is_bare);
    name.decl_line = found.decl_line;
    names->nesting--;
    return name;
}

struct function_name dwarf_names_find(struct dwarf_names *names, Dwarf_Off entry)
{
    uint32_t index = key_table_add(names->by_entry, &entry, (uint32_t)names->count);

    if (index == names->count) {
        names->found =
            memory_grow(names->found, names->count, &names->capacity, sizeof(*names->found));
        names->found[names->count++] = follow(names, entry);
    }
    return names->found[index];
}
