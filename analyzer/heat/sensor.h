/*
 * Temperature sensors: hwmon and thermal zones of the kernel, files that are written like those,
 * the graphics card's (see nvml.h). What a reading is worth is judged in sensor_check.h.
 *
 * One thread at a time. A sensor's file is opened anew for every reading: one that was removed, or
 * replaced, must not go on answering.
 */
#ifndef PROFINJECT_HEAT_SENSOR_H
#define PROFINJECT_HEAT_SENSOR_H

#include "analyzer/util/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SENSORS_MOST 64

/* Better ones first: what `auto` takes is the best kind there is, the hottest of it. */
enum sensor_kind {
    SENSOR_PROCESSOR, /* made for the processor as a whole */
    SENSOR_CORE,      /* of a part of it */
    SENSOR_BOARD,     /* firmware's, near the processor */
    SENSOR_GRAPHICS,
    SENSOR_OTHER, /* disks, network cards, batteries: taken only by name */
};

struct sensor {
    char path[256]; /* "nvml:0" for graphics cards */
    char name[96];  /* as the driver says: "coretemp Package id 0" */
    enum sensor_kind kind;
    double critical; /* degrees at which the hardware itself gives up; NAN: not told */
};

struct sensors {
    struct sensor list[SENSORS_MOST];
    size_t count;
};

enum sensor_fault {
    SENSOR_SOUND,
    SENSOR_MISSING,      /* no file, not to be read, empty */
    SENSOR_NOT_A_NUMBER, /* something else stands there */
    SENSOR_ABSURD,       /* no temperature of a processor at work */
    SENSOR_JUMPING,
    SENSOR_STALE,  /* its file is not written any more */
    SENSOR_FROZEN, /* its value does not follow the load any more */
};

struct sensor_reading {
    enum sensor_fault fault; /* up to SENSOR_ABSURD: what one reading can tell */
    int error;               /* errno of SENSOR_MISSING, 0: it was empty */
    double celsius;          /* NAN without a number */
    bool stamped;  /* the file has a time at which it was written; the kernel's have none */
    int64_t stamp; /* nanoseconds */
};

/* Everything below `root` ("" for the real one). */
void sensors_find(struct sensors *sensors, const char *root);

/* NVIDIA's graphics cards, too: opens the driver's library, which may take its time. */
void sensors_add_graphics(struct sensors *sensors);

/*
 * Leaves those that `choice` names: "auto", a file's path (anything with '/'), or what stands in
 * `name` or at the end of `path`; what begins with "nvml" is looked for among graphics cards. A
 * problem says what there is.
 */
int sensors_choose(struct sensors *sensors, const char *root, const char *choice,
                   struct problem *problem);

struct sensor_reading sensor_read(const struct sensor *sensor);

/* The hottest of all; a fault when one of them has one. `*which`: whose reading it is. */
struct sensor_reading sensors_read(const struct sensors *sensors, size_t *which);

/* Lowest of what the hardware tells, NAN: nothing. */
double sensors_critical(const struct sensors *sensors);

/* "missing", "frozen": for sentences. */
const char *sensor_fault_text(enum sensor_fault fault);

#endif
