/*
 * A series of the machine: its id in the log, and whether it has values just now. For the parts
 * of machine.c; threading as there.
 */
#ifndef PROFINJECT_RESOURCES_MACHINE_SERIES_H
#define PROFINJECT_RESOURCES_MACHINE_SERIES_H

#include "preload/resources/resource_log.h"
#include "preload/resources/rising_count.h"

struct machine_series {
    uint32_t id; /* 0: not added, nothing is done with it */
    bool silent; /* unavailable, and that was told */
};

void machine_series_add(struct machine_series *series, struct resource_log *log,
                        enum resource resource, const char *subject);

void machine_series_put(struct machine_series *series, struct resource_log *log, int64_t value);

/* The sum of a count, times `unit`; nothing where its increase is not known. */
void machine_series_count(struct machine_series *series, struct resource_log *log,
                          struct rising_count *count, uint64_t raw, uint64_t unit);

/* Has no values until the next one is put. The reason is told once. */
void machine_series_silence(struct machine_series *series, struct resource_log *log,
                            const char *reason);

/* Likewise "PATH: what `error`, a negative errno, means". */
void machine_series_fail(struct machine_series *series, struct resource_log *log, const char *path,
                         int error);

/* A resource that this machine does not have at all: a series that never has values. */
void machine_series_none(struct resource_log *log, enum resource resource, const char *reason);

#endif
