/*
 * Which source text a user means: that of a file, by its path or the end of one ("dict.c",
 * "src/dict.c"), or else that of a function (function_match.h).
 *
 * Read only once made; owns its memory. Profile and labels must outlive it.
 */
#ifndef PROFINJECT_MODEL_SOURCE_CHOICE_H
#define PROFINJECT_MODEL_SOURCE_CHOICE_H

#include "analyzer/model/function_match.h"

struct source_choice {
    const char **files; /* the profile's; where the function's lines are. None: nothing found, or
                         * a function of which no line is known */
    size_t file_count, file_capacity;
    bool *is_wanted; /* by frame: it is in one of the files, or the function's */
    bool is_file;    /* else `match` says which function, or how many there are */
    struct function_match match;
    const char *decl_file; /* of a function: where it begins, */
    uint32_t decl_line;    /* 0: not known */
};

/* True of one file or function: any other choice is to be told of only. */
static inline bool source_choice_is_clear(const struct source_choice *choice)
{
    return choice->is_file ? choice->file_count == 1 : choice->match.count == 1;
}

/* `labels` are LABEL_BY_FUNCTION ones. */
void source_choice_init(struct source_choice *choice, const struct profile *profile,
                        const struct labels *labels, const char *pattern);
void source_choice_release(struct source_choice *choice);

#endif
