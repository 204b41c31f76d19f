/*
 * Names that a part of a profile does not need: what filters left out is not to be found in
 * tables that list all frames, as those of exports and of the HTML page do. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_UNUSED_FRAMES_H
#define PROFINJECT_MODEL_UNUSED_FRAMES_H

#include "analyzer/model/profile.h"

/* What a frame is called then; all of them are equal. */
#define UNUSED_FRAME "[left out]"

/* Of frames that are in no stack of an entry, sample, heap site, wait or other figure. They keep
 * their numbers. To be called once, when the profile is complete. */
void unused_frames_hide(struct profile *profile);

#endif
