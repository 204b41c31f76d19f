/*
 * What is left of recordings that rotate, in words.
 */
#ifndef PROFINJECT_LOAD_KEPT_PART_H
#define PROFINJECT_LOAD_KEPT_PART_H

#include "analyzer/model/profile.h"

/* Fills in profile->kept, where older chunks of any process were dropped. */
void kept_part_tell(struct profile *profile);

#endif
