/*
 * From paths to a profile: finds the traces a user means, reads them, resolves
 * symbols, and merges them into one profile.
 */
#ifndef PROFINJECT_LOAD_LOAD_H
#define PROFINJECT_LOAD_LOAD_H

#include "analyzer/load/time_window.h"
#include "analyzer/model/choice.h"
#include "analyzer/model/profile.h"
#include "analyzer/util/problem.h"

struct symbol_archive;
struct trace_copies;

struct load_options {
    bool no_inlines;                   /* leave inlined functions out */
    bool shorten;                      /* names without template arguments */
    const char *debug_dirs;            /* see symbolizer.h; NULL: the usual ones */
    bool debuginfod;                   /* see symbolizer.h */
    bool no_cache;                     /* of symbols on disk */
    const char *region;                /* keep only what was sampled inside; NULL: everything */
    const char *counter;               /* becomes METRIC_COUNTER; NULL: none */
    struct time_span time;             /* keep only what happened then */
    struct profile_choice choice;      /* keep only what it says */
    bool no_symbols;                   /* skip symbolisation: `info` needs counts only */
    const struct trace_copies *copies; /* of traces, to be read for them; NULL: none */
    struct symbol_archive
        *collect;        /* takes in all symbols that are found; NULL: nobody wants them */
    bool leaks;          /* for profile->leaks, which costs a look at every live block */
    bool samples;        /* for profile->samples, which cost memory for each */
    bool allocations;    /* for profile->allocations, which cost time for each */
    bool fold_recursion; /* frames of a function directly below itself are one */
};

/*
 * Loads trace files and recording directories; count 0 means the newest
 * recording in the current directory. Damage is survived, counted and told in
 * profile->messages; it is a failure only when nothing at all could be read.
 * On success *profile is the caller's, to be freed with profile_free().
 */
int load_profile(const char *const *paths, size_t count, const struct load_options *options,
                 struct profile **profile, struct problem *problem);

#endif
