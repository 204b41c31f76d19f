/*
 * Split units (-gsplit-dwarf): the linked file holds a skeleton, with addresses and lines;
 * functions and names are in a .dwo file, alone or packed with others into a .dwp. Finds,
 * checks and opens it.
 *
 * For a worker process only, as dwarf_object.h.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_SPLIT_H
#define PROFINJECT_SYMBOLS_DWARF_SPLIT_H

#include "analyzer/symbols/dwarf_die.h"
#include "analyzer/symbols/dwarf_files.h"

/* The other half of one skeleton. */
struct dwarf_split {
    struct elf_image image; /* of a .dwo file; not used with a package */
    bool has_image;
    struct dwarf_object *object;
    struct dwarf_unit unit;
};

/*
 * Opens the unit that `skeleton` stands for; `package`: the module's .dwp, NULL without one.
 * False, with nothing held, when `skeleton` is a whole unit, or when there is no file of its
 * identifier, which goes into the notes of `files`. `skeleton` must outlive it.
 */
bool dwarf_split_open(struct dwarf_split *split, const struct dwarf_files *files,
                      struct dwarf_object *package, const struct dwarf_unit *skeleton);
void dwarf_split_close(struct dwarf_split *split);

#endif
