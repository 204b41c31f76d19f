/*
 * Where stacks could not be followed exactly, gathered by module for the profile.
 */
#ifndef PROFINJECT_LOAD_TROUBLES_H
#define PROFINJECT_LOAD_TROUBLES_H

#include "analyzer/load/code_places.h"
#include "analyzer/model/profile.h"

/* Fills profile->troubles from the places' trouble_samples. */
void troubles_tell(const struct code_places *code, struct profile *profile);

#endif
