/*
 * The sensor of a load and whether it can be believed: choice, proof at the start, looks. Between
 * sensor.h, which reads, and sensor_check.h, which judges.
 *
 * One thread at a time. Sleeps only in guard_prove().
 */
#ifndef PROFINJECT_HEAT_GUARD_H
#define PROFINJECT_HEAT_GUARD_H

#include "analyzer/heat/sensor_check.h"

struct guard {
    struct sensors sensors;
    struct sensor_check check;
    bool present; /* false: nothing is watched */
    size_t which; /* of `sensors`: whose the reading is */
    struct sensor_reading reading;
    enum sensor_fault fault; /* of the reading or the check */
};

/* Finds what `choice` names below `root` ("none": nothing) and takes readings until it is proven,
 * up to two seconds; a problem says what is wrong with it. */
int guard_prove(struct guard *guard, const char *root, const char *choice, double max_jump,
                struct problem *problem);

/* One look; `load` as for sensor_check_look(). False: the sensor is lost. */
bool guard_look(struct guard *guard, double load, double now);

/* The load is to be off for the moment. */
bool guard_is_resting(const struct guard *guard);

/* "sensor 'PATH' lost: frozen at 71.0 degC" */
void guard_explain(const struct guard *guard, const char *outcome, struct problem *problem);

#endif
