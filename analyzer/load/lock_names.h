/*
 * Names of locks that the program did not name: by the variable that the address lies in.
 */
#ifndef PROFINJECT_LOAD_LOCK_NAMES_H
#define PROFINJECT_LOAD_LOCK_NAMES_H

#include "analyzer/load/code_places.h"
#include "analyzer/model/profile.h"
#include "analyzer/symbols/symbol_archive.h"

/* Names objects of the profile that have an address, no name, and an image: by a symbol, else by
 * where they are. `debug_dirs`: see data_symbols.h. What archives know is asked first; `collect` takes in what was found (NULL: nobody wants
 * it). */
void lock_names_find(struct profile *profile, const struct code_places *code,
                     const char *debug_dirs, const struct symbol_archive *archive,
                     struct symbol_archive *collect);

#endif
