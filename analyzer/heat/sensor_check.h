/*
 * Whether a sensor can be believed, by its readings one after the other. Pure: no clock, no file.
 *
 * A bad reading makes the sensor *doubtful* at once, and the load is off while it is; what lasts
 * HEAT_DOUBT_S is a fault. Faults are final. What is one:
 *
 *   missing, not a number, absurd   what sensor_read() says of a single reading
 *   jumping   by more than `max_jump` from one look to the next (0.1 s) and not back within the
 *             doubt, or back so for the second time within 10 s; or six times by more than
 *             max_jump / 2, up and down in turn, within 2 s
 *   stale     a file (not the kernel's, whose files have no times) that was neither written nor
 *             changed for HEAT_STALE_S
 *   frozen    a value that stays exactly the same
 *             (a) for HEAT_STALE_S, after 20 readings that hardly ever did: noise as theirs, of 6
 *                 values or more, up and down, in parts of a degree, does not stop by chance;
 *             (b) for 10 s, while the load (mean of about 3 s) moved by 0.3 of the whole;
 *             (c) for 30 s at any load: then the load is taken off to see whether the sensor
 *                 follows (the probe), and it did not within 10 s.
 *             One in whole degrees at a steady temperature is none of these.
 *
 * After more than a second without a look everything but a doubt begins anew.
 */
#ifndef PROFINJECT_HEAT_SENSOR_CHECK_H
#define PROFINJECT_HEAT_SENSOR_CHECK_H

#include "analyzer/heat/sensor.h"

#define HEAT_DOUBT_S 0.5
#define HEAT_STALE_S 1.5
#define HEAT_NOISE 20 /* readings */

struct sensor_check {
    double max_jump;
    double now, first; /* of looks, seconds */
    /* Of the reading that is believed. */
    double value, written_at, changed_at;
    int64_t stamp;
    bool any;
    /* Doubts. */
    enum sensor_fault doubt, fault;
    double doubted_since, spiked_at;
    unsigned swings;
    double swing_began;
    int swing; /* direction of the last one */
    /* What (a) is told by: values before the run of equal ones, and how many looks that is long. */
    double noise[HEAT_NOISE];
    unsigned noise_count, run;
    /* (b), (c) */
    double load, load_at_change;
    bool probing;
};

void sensor_check_init(struct sensor_check *check, double max_jump);

/* After each look, at `now` seconds; `load`: the part of the whole that runs now, 0 to 1. Returns
 * SENSOR_SOUND or the fault. */
enum sensor_fault sensor_check_look(struct sensor_check *check,
                                    const struct sensor_reading *reading, double load, double now);

/* The load must be off for the time being: the sensor is doubtful. */
bool sensor_check_is_doubtful(const struct sensor_check *check);

/* Likewise to see whether the sensor follows. */
bool sensor_check_is_probing(const struct sensor_check *check);

/* Before there is any load: that a sensor with times of writing has been written twice. */
bool sensor_check_is_proven(const struct sensor_check *check);

#endif
