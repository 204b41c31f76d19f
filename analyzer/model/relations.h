/*
 * What goes with what, as values: series of resources with each other, and with what functions of the
 * program did. insight/ makes them (insight/correlation.h says how), reports show them.
 *
 * Read only once made. Texts are the profile's or constant; arrays belong to whoever made them, and
 * relations_release() frees them. The profile must outlive them.
 */
#ifndef PROFINJECT_MODEL_RELATIONS_H
#define PROFINJECT_MODEL_RELATIONS_H

#include "analyzer/model/profile.h"

#define RELATIONS_CELLS_LEAST 30 /* cells in which both are known: of fewer nothing is said */

/* Weaker ones explain less than a tenth of what varies: whatever q says, they help nobody. */
#define RELATION_STRENGTH_LEAST 0.3

/* What all series are brought to: `cells` parts of equal width. */
struct relations_grid {
    uint64_t start_ns, width_ns; /* CLOCK_MONOTONIC */
    size_t cells;
};

/* Two series, or a series and an activity. `first` is the cause where one is meant: a function, or
 * what the pair is named after first. */
struct relation {
    const char *insufficient; /* why nothing can be said, in words; NULL: all that follows holds */
    size_t cells;             /* n: in which both are known */
    double effective;         /* so many independent ones tell as much */
    double pearson, spearman; /* of the same moments */
    double lag_s;             /* > 0: the second follows the first by so much */
    double lag_low_s, lag_high_s; /* 95 % interval; lag_s where it was not worked out */
    double strength;              /* Pearson at that lag */
    double low, high;             /* 95 % interval of it; -1 and 1 where not worked out */
    double p;                     /* of one as strong where there is none, whichever lag is best */
    double q;                     /* of all called so at this p, at most this part are false */
    bool significant;             /* q <= 0.05, |strength| >= RELATION_STRENGTH_LEAST, and the
                               * interval does not hold 0 */
};

enum relation_form {
    RELATION_OF_VALUES, /* rates, and gauges that follow what happens now: MHz */
    RELATION_OF_CHANGES /* gauges that sum up what happened: resident memory, per second */
};

/* What a function did, over time. */
enum relation_activity {
    ACTIVITY_CPU,        /* CPU time, seconds per second */
    ACTIVITY_IO_WAIT,    /* time off the processor in input and output */
    ACTIVITY_LOCK_WAIT,  /* for locks */
    ACTIVITY_OTHER_WAIT, /* else off the processor, but for being ready to run */
    ACTIVITY_ALLOCATION, /* bytes allocated, per second */
    ACTIVITIES
};

/* A function or allocation site that goes with a series. */
struct relation_cause {
    enum relation_activity activity;
    uint32_t frame; /* of the profile: the function, at one of its places, or the allocation site */
    uint32_t stack; /* of the profile, ends in that function: where most of the activity was */
    double amount;  /* of the activity in all: seconds, bytes */
    struct relation relation;
    /* Of what the series came to (bytes written, growth of memory, CPU seconds) so much fell into
     * cells in which the function was active, and of the time that is known so much. NAN where sums
     * of the series mean nothing (MHz). */
    double share, share_of_time;
    double explained; /* share of it in the series' own unit, times seconds of rates: bytes */
};

/* A series of a resource, brought to the grid. Of a resource with many subjects, or of all threads of
 * a process, one series is made: rates are added, gauges averaged. */
struct relation_series {
    const char *name, *unit;   /* as of a resource_series */
    const char *subject;       /* likewise; NULL: the only one, or all */
    enum resource_scope scope; /* of those it was made of */
    uint32_t process;          /* number of the profile, RESOURCE_NOBODY: the machine's */
    bool is_rate;
    enum relation_form form;
    size_t first, parts;      /* the first in profile->resources it is made of, and how many are */
    double *cells;            /* means of cells as they are, not their changes; NAN: not known */
    size_t known;             /* of them */
    double total;             /* of what sums mean something: in all, bytes, %s; NAN else */
    const char *insufficient; /* why it was related to nothing: "constant"; NULL: it was */
    struct relation_cause *causes; /* strongest first, significant ones before others; at most
                                    * RELATION_CAUSES_MOST */
    size_t cause_count;
};

#define RELATION_CAUSES_MOST 8

/* The pairs that are always told. */
enum named_relation {
    NAMED_MEMORY_CPU,
    NAMED_MEMORY_GPU,
    NAMED_MEMORY_IO,
    NAMED_ALLOCATION_CPU,
    NAMED_FREE_PRESSURE,
    NAMED_RELATIONS
};

struct relation_named {
    const char *name;           /* "memory-CPU" */
    const char *first, *second; /* what was compared, in words: "growth of resident memory" */
    struct relation relation;
};

/* Two of the series by their numbers, first < second. */
struct relation_pair {
    uint32_t first, second;
    struct relation relation;
};

struct relations {
    struct relations_grid grid;
    const char *insufficient; /* why there is nothing at all: "the run lasted 0.5 s", "no resources
                               * were recorded"; NULL: there is */
    struct relation_named named[NAMED_RELATIONS];
    struct relation_series *series;
    size_t series_count, series_capacity;
    size_t series_left;          /* for which there was no room: of small processes */
    struct relation_pair *pairs; /* of series that are not insufficient, all; by first, second */
    size_t pair_count, pair_capacity;
    size_t functions, functions_left; /* looked at; too little of them to look at */
    size_t tested, significant; /* pairs of a series and an activity; of these, named as causes */
};

/* Of the cells that are known; NAN: of none. */
struct relation_range {
    double mean, least, most;
};

struct relation_range relation_series_range(const struct relation_series *series, size_t cells);

/* "CPU time", "I/O waits", "lock waits", "other waits", "allocations". */
const char *relation_activity_name(enum relation_activity activity);

void relations_release(struct relations *relations);

#endif
