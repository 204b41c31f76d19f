/*
 * Whole names for functions of which DWARF has the bare one alone: -g1 and -gmlt leave out
 * linkage names, and the scopes from which names are put together. Of a function that is not
 * inlined the symbol table knows more.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_SYMBOLS_BARE_NAMES_H
#define PROFINJECT_SYMBOLS_BARE_NAMES_H

#include "analyzer/symbols/elf_image.h"
#include "analyzer/symbols/symbol_table.h"
#include "analyzer/util/strings.h"

#include <stdbool.h>

struct bare_names {
    const struct elf_image *image;
    struct strings *strings;
    bool filled;               /* `table`, once it is first asked */
    struct symbol_table table; /* goes with its process, see dwarf_symbols_new() */
};

/* `image` has the symbol table, `strings` gets the names. Both must outlive it. */
void bare_names_init(struct bare_names *names, const struct elf_image *image,
                     struct strings *strings);

/* The demangled name of the function around `address` if it is one of `bare`, else `bare`. */
const char *bare_names_find(struct bare_names *names, uint64_t address, const char *bare);

#endif
