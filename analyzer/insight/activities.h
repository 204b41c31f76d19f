/*
 * What functions did, cell by cell of a grid: CPU time, waits by what for, bytes allocated; inclusive,
 * so that a function answers for what it had others do. Of the whole recording or of one process.
 *
 * Only functions with enough of an activity are kept: a series of a few samples follows nothing. Read
 * only once made; owns its memory; the profile and its labels must outlive it.
 */
#ifndef PROFINJECT_INSIGHT_ACTIVITIES_H
#define PROFINJECT_INSIGHT_ACTIVITIES_H

#include "analyzer/insight/relation_judge.h"
#include "analyzer/model/labels.h"

#define ACTIVITIES_MOST 64         /* functions of each activity: those with most of it */
#define ACTIVITIES_LEAST 0.005     /* of all of it */
#define ACTIVITIES_SAMPLES_LEAST 5 /* cells in which there is any */

struct activity {
    enum relation_activity kind;
    uint32_t label; /* of the function */
    double total;   /* seconds, bytes */
    double *cells;  /* per second */
    uint32_t stack; /* of the profile: ends in it, and most of it was there */
    bool is_own;    /* it is of the program, and no library's that programs are built on */
    struct judged_series judged;
};

struct activities {
    const struct profile *profile;
    const struct labels *labels;
    uint32_t process; /* RESOURCE_NOBODY: all */
    struct activity *items;
    size_t count, capacity;
    size_t left;                  /* functions with too little */
    size_t first[ACTIVITIES + 1]; /* items of each kind are together */
    uint32_t *slots;            /* [kind * labels + label]: number of the item, UINT32_MAX: none */
    double *inside[ACTIVITIES]; /* [inner * items of the kind + outer]: amounts */
};

void activities_init(struct activities *activities, const struct profile *profile,
                     const struct labels *labels, const struct relations_grid *grid,
                     uint32_t process);
void activities_release(struct activities *activities);

/* How much of what `inner` did was below the function of `outer`, 0 to 1; 1 of itself. */
double activities_inside(const struct activities *activities, const struct activity *inner,
                         const struct activity *outer);

#endif
