/*
 * The series of a profile's resources, brought to one grid and made ready to be related: those of
 * many subjects and of threads put together, gauges that add up turned into their changes, and those
 * left out of which nothing is to be learnt.
 *
 * Read only once made; owns what it made beside relations->series.
 */
#ifndef PROFINJECT_INSIGHT_FOLLOWED_SERIES_H
#define PROFINJECT_INSIGHT_FOLLOWED_SERIES_H

#include "analyzer/insight/relation_judge.h"
#include "analyzer/insight/resource_traits.h"

#define FOLLOWED_PROCESSES_MOST 4   /* with the most CPU time */
#define FOLLOWED_SUBJECTS_MOST 8    /* of one resource; more are one series */
#define FOLLOWED_MOST 96            /* of which something can be learnt */
#define FOLLOWED_TOLD 384           /* with those of which it is told why not */
#define FOLLOWED_CELL_NS 100000000u /* as often as resources are looked at, or a multiple of it: */
#define FOLLOWED_CELLS_MOST 1024u   /* so that there are no more cells than that */

/* Beside relations->series[i]. */
struct followed {
    const struct resource_trait *trait;
    double *asked; /* its values or changes per second, by cell; NAN: not known */
    struct judged_series judged;
};

struct followed_series {
    struct followed *items;
    size_t count, capacity;
};

/* The grid of a profile; `insufficient` is set where there is too little time. */
void followed_grid(struct relations *relations, const struct profile *profile);

/* Fills relations->series, after the grid. */
void followed_series_init(struct followed_series *followed, struct relations *relations,
                          const struct profile *profile);
void followed_series_release(struct followed_series *followed);

/* Whether series of that process are looked at. */
bool followed_process(const struct profile *profile, uint32_t process);

/* Adds a series to `relations` whose cells are given (malloc), per second; returns its number. */
size_t followed_series_add(struct followed_series *followed, struct relations *relations,
                           const struct relation_series *series, double *asked);

/* The changes of a gauge per second, by cell of the grid. */
void followed_changes(const struct resource_series *gauge, const struct relations_grid *grid,
                      double *cells);

#endif
