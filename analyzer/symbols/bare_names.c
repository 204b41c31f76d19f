/*
 * bare_names.h: the symbol around the address, if its mangled name holds the bare one.
 */
#include "analyzer/symbols/bare_names.h"

#include "analyzer/symbols/demangle.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void bare_names_init(struct bare_names *names, const struct elf_image *image,
                     struct strings *strings)
{
    memset(names, 0, sizeof(*names));
    names->image = image;
    names->strings = strings;
}

/* Of several functions that the linker folded into one only one has its symbol there. Operators
 * are mangled by a code: these are believed. */
static bool may_be(const char *mangled, const char *bare)
{
    const char *start = bare[0] == '~' ? bare + 1 : bare;
    char *name;
    bool found;

    if (strncmp(bare, "operator", 8) == 0)
        return true;
    name = memory_strdup(start);
    name[strcspn(name, "<")] = '\0';
    found = strstr(mangled, name) != NULL;
    free(name);
    return found;
}

const char *bare_names_find(struct bare_names *names, uint64_t address, const char *bare)
{
    const struct symbol *symbol;
    const char *name = bare;
    char *whole;

    if (!names->filled) {
        symbol_table_add_image(&names->table, names->image);
        symbol_table_sort(&names->table);
        names->filled = true;
    }
    symbol = symbol_table_find(&names->table, address, symbol_section_at(names->image, address));
    if (symbol == NULL || !demangle_is_mangled(symbol->name) || !may_be(symbol->name, bare))
        return bare;
    whole = demangle(symbol->name);
    if (whole != NULL)
        name = strings_intern(names->strings, whole);
    free(whole);
    return name;
}
