/*
 * The same function on both sides of a comparison: another checkout or another name of the
 * program puts it into another file, which makes two of what a reader takes for one.
 *
 * Changes frames of a profile that is being built. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_DIFF_NAMES_H
#define PROFINJECT_MODEL_DIFF_NAMES_H

#include "analyzer/model/profile.h"

/*
 * Gives frames of one function one file, line and module: those of the side that has something to
 * show of it, of afterwards where both have. They are one function when name and last part of the
 * path are equal, and by the name alone when each side has but one function of that name.
 *
 * Bit s of sides[frame]: the frame is of side s, enum diff_side; bit DIFF_NAMES_VALUE_SHIFT + s:
 * and has, with what it calls, something of what is compared.
 */
#define DIFF_NAMES_VALUE_SHIFT 2
void diff_names_match(struct profile *profile, const uint8_t *sides);

#endif
