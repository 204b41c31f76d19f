/*
 * Resources over time: what the machine, processes and threads used and had, as series of points.
 *
 * Loaders fill it (resources_add, resource_series_add), everybody else reads. Names and units are
 * those of preload/resources/catalogue.def, or a later version's; texts belong to the profile's
 * strings. Not thread-safe while it is filled.
 */
#ifndef PROFINJECT_MODEL_RESOURCES_H
#define PROFINJECT_MODEL_RESOURCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESOURCE_NOBODY UINT32_MAX

enum resource_scope { RESOURCE_OF_MACHINE, RESOURCE_OF_PROCESS, RESOURCE_OF_THREAD };

/* "machine", "process", "thread": in documents. */
const char *resource_scope_name(enum resource_scope scope);

/* Of a gauge: its value then, which holds until the next point. Of a rate: the mean of the time
 * between the point before and this one. NAN: nothing is known of that time; a rate's first point
 * is one. */
struct resource_point {
    uint64_t time_ns; /* CLOCK_MONOTONIC */
    double value;
};

struct resource_series {
    const char *name;      /* "disk.written" */
    const char *subject;   /* which of several: "sda"; NULL: there is one */
    const char *unit;      /* "bytes/s" */
    const char *recording; /* whose machine, where several recordings are one profile; else NULL */
    const char *reason;    /* why there are no values, or no more; NULL: there are */
    enum resource_scope scope;
    bool is_rate;
    uint32_t process, thread;      /* numbers of the profile; RESOURCE_NOBODY: of no single one */
    struct resource_point *points; /* in order of time */
    size_t count, capacity;
};

struct resources {
    struct resource_series *series;
    size_t count, capacity;
};

/* Adds a series without points, and returns it: valid until the next is added. */
struct resource_series *resources_add(struct resources *resources,
                                      const struct resource_series *series);
void resource_series_add(struct resource_series *series, uint64_t time_ns, double value);
void resources_release(struct resources *resources);

/* The first that has this name and, where it is not NULL, subject, and is of that process and thread
 * (RESOURCE_NOBODY: of any); NULL when there is none. */
const struct resource_series *resources_find(const struct resources *resources, const char *name,
                                             const char *subject, uint32_t process,
                                             uint32_t thread);

/* No value can be above it: 100 of a share of a machine's or a thread's time, else INFINITY. Points may:
 * the kernel counts some times in ticks, of which one more may fall between two looks. */
double resource_at_most(const char *unit, enum resource_scope scope);

/* What a series is between two moments: weighted by time, over what is known of it; `mean` and `most`
 * no more than can be. */
struct resource_summary {
    double known_s; /* so much of the time is known; 0: then the others mean nothing */
    double mean, least, most;
    double total; /* of a rate: mean times known_s, as bytes of bytes/s */
    double last;  /* the newest value */
};

struct resource_summary resource_summarise(const struct resource_series *series, uint64_t from_ns,
                                           uint64_t to_ns);

/* The series in `count` cells of equal width from `start_ns` on, as means weighted by time; NAN in
 * cells of which less than half is known. */
void resource_resample(const struct resource_series *series, uint64_t start_ns, uint64_t width_ns,
                       size_t count, double *cells);

#endif
