/*
 * Rows of tables about resources: one for each series, or for one that there are many of (processors,
 * say) one for all. For the text report; owns its memory, not thread-safe.
 */
#ifndef PROFINJECT_REPORTS_RESOURCE_ROWS_H
#define PROFINJECT_REPORTS_RESOURCE_ROWS_H

#include "analyzer/model/profile.h"

#define RESOURCE_ROWS_EACH 3 /* of one resource: of more they are one row */
#define RESOURCE_CELLS_MOST 64

/* The time that lines are drawn over. */
struct resource_axis {
    uint64_t start_ns, width_ns; /* of a cell */
    size_t cells;
};

struct resource_row {
    const struct resource_series *first, *highest; /* highest: of the largest mean */
    size_t count;                                  /* series in it */
    double mean, least, most;                      /* mean of their means; of all */
    double line[RESOURCE_CELLS_MOST];              /* mean over the series; NAN: not known */
};

struct resource_rows {
    struct resource_row *items;
    size_t count, capacity;
};

struct resource_axis resource_axis_of(const struct profile *profile, size_t cells);

/* True of the first series of a machine: of the next recording's. */
bool resource_rows_begin(const struct profile *profile, size_t number);

/* Rows of what has values: of a recording's machine but for the collector's own (NULL: there is one),
 * of a process, of threads by their CPU time alone. */
void resource_rows_machine(struct resource_rows *rows, const struct profile *profile,
                           const struct resource_axis *axis, const char *recording);
void resource_rows_process(struct resource_rows *rows, const struct profile *profile,
                           const struct resource_axis *axis, uint32_t process);
void resource_rows_threads(struct resource_rows *rows, const struct profile *profile,
                           const struct resource_axis *axis);
void resource_rows_release(struct resource_rows *rows);

/* By falling mean. */
void resource_rows_rank(struct resource_rows *rows);

/* "disk.written sda", "16 cpu.core (most: 3)"; free(). */
char *resource_row_name(const struct resource_row *row);

/* What is unavailable, by why. */
struct resource_reason {
    const char *reason;
    char *names; /* "cpu.temperature, power.battery" */
};

struct resource_reasons {
    struct resource_reason *items;
    size_t count, capacity;
};

void resource_reasons_init(struct resource_reasons *reasons, const struct profile *profile);
void resource_reasons_release(struct resource_reasons *reasons);

/* What collecting was like: the mean; 0 and -1 where that is not known. */
struct resource_collector {
    double per_second, cpu_percent;
};

struct resource_collector resource_collector_of(const struct profile *profile);

#endif
