/*
 * Frames of code that was made at run time: by its runtime's names, or one place-holder for all of
 * it. For symbol_frames.c.
 */
#ifndef PROFINJECT_LOAD_MADE_FRAMES_H
#define PROFINJECT_LOAD_MADE_FRAMES_H

#include "analyzer/load/code_places.h"
#include "analyzer/model/profile.h"

/* What code that nobody named is called, wherever it is: addresses would be thousands of names. */
#define MADE_FRAMES_ANONYMOUS "[anonymous code]"

/* True when the place is named here. */
bool made_frames_are_of(const struct code_image *image, const struct code_place *place);

/* The frame of a place of that image; `named`: names are wanted. */
struct frame made_frames_name(const struct code_image *image, const struct code_place *place,
                              bool named, struct strings *strings);

/* Says in profile->messages how names are to be had, where those that lack cost much of all
 * `samples`. */
void made_frames_tell(const struct code_places *code, uint64_t samples, struct profile *profile);

#endif
