/*
 * Names for PLT entries: a sample in the stub that calls malloc is shown as
 * `malloc@plt`. Own file because it reads machine code, which differs by
 * processor; x86_64 is known, elsewhere nothing is added.
 */
#ifndef PROFINJECT_SYMBOLS_PLT_SYMBOLS_H
#define PROFINJECT_SYMBOLS_PLT_SYMBOLS_H

#include "analyzer/symbols/symbol_table.h"

/* Adds one symbol per recognised stub. Functions that are chosen at run time (IFUNC) within the
 * file are named by what is in `table` before. */
void plt_symbols_add(struct symbol_table *table, const struct elf_image *image);

#endif
