/*
 * Names of locks that the program did not name: by the variable that the address lies in.
 */
#ifndef PROFINJECT_LOAD_LOCK_NAMES_H
#define PROFINJECT_LOAD_LOCK_NAMES_H

#include "analyzer/load/code_places.h"
#include "analyzer/model/profile.h"

/* Names objects of the profile that have an address, no name, and an image: by a symbol, else by
 * where they are. */
void lock_names_find(struct profile *profile, const struct code_places *code);

#endif
