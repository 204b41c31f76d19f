/*
 * Which function a user means: the names a pattern picks out of a profile.
 *
 * The first of these that finds any decides: names equal to the pattern; names it is a whole part of
 * ("rehash" of "dict::rehash(int)"); names that contain it; names it matches as a POSIX extended
 * expression. Functions of one name are one, wherever their code is.
 *
 * Read only once made; owns its memory. `labels` must outlive it.
 */
#ifndef PROFINJECT_MODEL_FUNCTION_MATCH_H
#define PROFINJECT_MODEL_FUNCTION_MATCH_H

#include "analyzer/model/labels.h"

struct function_match {
    bool *is_in;     /* by label */
    uint32_t *found; /* labels of the pattern, those of one name once, in the labels' order */
    size_t count;    /* 1: that is the function; more: any of them may be meant */
};

/* The labels are LABEL_BY_FUNCTION ones. Marks ("[truncated]") are found by their whole name only. */
void function_match_init(struct function_match *match, const struct labels *labels,
                         const char *pattern);
void function_match_release(struct function_match *match);

#endif
