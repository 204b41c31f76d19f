/*
 * Function symbols of one module from .symtab, .dynsym and the PLT, sorted for
 * lookup by address: what is known where there is no DWARF.
 *
 * Names belong to the images they came from, which must outlive the table. Not
 * thread-safe.
 */
#ifndef PROFINJECT_SYMBOLS_SYMBOL_TABLE_H
#define PROFINJECT_SYMBOLS_SYMBOL_TABLE_H

#include "analyzer/symbols/elf_image.h"

struct symbol {
    uint64_t start;
    uint64_t end;     /* == start: size unknown */
    uint64_t reach;   /* highest end of this and all earlier symbols */
    uint32_t section; /* index, equal in a file and its separate debug file */
    uint8_t rank;     /* among symbols of one address the highest stays */
    bool plt;         /* stub that calls `name` */
    bool old;         /* a version that only programs linked long ago use */
    const char *name; /* as in the file: mangled, perhaps with @VERSION */
};

struct symbol_table {
    struct symbol *symbols;
    size_t count, capacity;
};

void symbol_table_init(struct symbol_table *table);
void symbol_table_release(struct symbol_table *table);

/* Adds functions of .symtab and .dynsym, sized or not. Damaged entries are left out. */
void symbol_table_add_image(struct symbol_table *table, const struct elf_image *image);

/* Adds one symbol; used for PLT entries. */
void symbol_table_add(struct symbol_table *table, const struct symbol *symbol);

/* By address; at one address the one that is shown comes first. */
int symbol_compare(const struct symbol *a, const struct symbol *b);

/* To be called once, after the last add and before the first find. */
void symbol_table_sort(struct symbol_table *table);

/*
 * The innermost sized symbol around `address`, else the nearest lower one when
 * that has no size and lies in `section` of the address. NULL when there is none.
 * `section` is from symbol_section_at().
 */
const struct symbol *symbol_table_find(const struct symbol_table *table, uint64_t address,
                                       uint32_t section);

/* Index of the executable section that holds `address`, 0 when none does. */
uint32_t symbol_section_at(const struct elf_image *image, uint64_t address);

/* glibc's marks of a name for use inside itself. */
bool symbol_name_is_internal(const char *name);

#endif
