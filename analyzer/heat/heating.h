/*
 * `profinject heat` from beginning to end: finds a sensor, starts workers, follows the temperature,
 * shows and logs, and takes the load off. Nothing survives it: no worker, no memory.
 *
 * One thread; blocks SIGINT, SIGTERM, SIGHUP and SIGCHLD while it runs and takes them itself.
 */
#ifndef PROFINJECT_HEAT_HEATING_H
#define PROFINJECT_HEAT_HEATING_H

#include "analyzer/util/problem.h"

#include <stdbool.h>
#include <stdint.h>

/* Exit statuses of `profinject heat`, beside 1 and 2. */
enum heat_exit {
    HEAT_DONE = 0,        /* the time is up, the work is done, or it was asked to end */
    HEAT_FAILED = 1,      /* no workers, no memory, no log; products that were wrong */
    HEAT_CRITICAL = 3,    /* the critical temperature was reached */
    HEAT_NO_SENSOR = 4,   /* there was no sensor to be trusted at the start: no load was made */
    HEAT_SENSOR_LOST = 5, /* it was lost on the way: the load is off */
};

struct heat_options {
    double target, max, critical; /* degrees Celsius */
    double max_jump;              /* from one look to the next */
    double duration;              /* seconds, 0: until asked to end */
    double interval;              /* seconds between lines */
    double duty;                  /* fixed, 0 to 1; NAN: what the temperature allows */
    unsigned period_ms;
    unsigned workers;          /* 0: one a processor, twice as many when the temperature allows */
    unsigned size;             /* fixed; 0: the ladder */
    uint64_t memory;           /* bytes for matrices, 0: half of what is left */
    int64_t products;          /* 0: no end */
    unsigned split, contend;   /* see worker.h */
    const char *sensor, *root; /* see sensor.h; "none" for `sensor` is allowed */
    const char *log;           /* NULL: none */
    bool json, quiet;
};

/* Returns the exit status; `problem` says why where it is not HEAT_DONE. */
enum heat_exit heating_run(const struct heat_options *options, struct problem *problem);

#endif
