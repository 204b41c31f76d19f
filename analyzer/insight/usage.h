/*
 * What a resource was over the run, or over the part of it that was asked for: one figure of all its
 * series. For judgement and rules; reads a finished profile only, and allocates nothing.
 */
#ifndef PROFINJECT_INSIGHT_USAGE_H
#define PROFINJECT_INSIGHT_USAGE_H

#include "analyzer/model/profile.h"

struct usage {
    bool known;          /* for half of the time at least; of processes for any of theirs */
    const char *reason;  /* why not */
    const char *subject; /* of the busiest; NULL: it has none */
    double mean, most;   /* in the series' unit */
    double total;        /* of a rate: what it adds up to, as bytes; of per cent: seconds * 100 */
    double last;
    /* Of per cent: as much of the whole time, had it been so where it is not known. */
    double whole_ns;
};

/* Of a resource of the machine: the series with the highest mean, of several disks, cards. */
struct usage usage_busiest(const struct profile *profile, const char *name);

/* Of all series together: of processes, interfaces. A mean is that of the whole time: of a process
 * that lived for half of it, half of its own. `most` is the highest of any one. */
struct usage usage_sum(const struct profile *profile, const char *name);

/* As sum, divided by the number of series: of processors. */
struct usage usage_mean(const struct profile *profile, const char *name);

#endif
