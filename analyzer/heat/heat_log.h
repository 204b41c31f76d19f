/*
 * The log of a load: a line for each interval, as CSV with a head or as JSON objects, complete at
 * any moment. One thread; the log owns its file.
 */
#ifndef PROFINJECT_HEAT_HEAT_LOG_H
#define PROFINJECT_HEAT_HEAT_LOG_H

#include "analyzer/heat/heat_state.h"
#include "analyzer/util/problem.h"

#include <stdbool.h>
#include <stdio.h>

struct heat_log {
    FILE *file; /* NULL: there is none */
    bool json;
};

/* `path` NULL: no log. "-" is standard output. */
int heat_log_init(struct heat_log *log, const char *path, bool json, struct problem *problem);
int heat_log_write(struct heat_log *log, const struct heat_state *state, struct problem *problem);
int heat_log_close(struct heat_log *log, struct problem *problem);

#endif
