/*
 * The resources of a process whose ring the keeper drains: its collector, as the process's settings
 * want it. One thread, the keeper's.
 */
#ifndef PROFINJECT_RECORD_KEPT_RESOURCES_H
#define PROFINJECT_RECORD_KEPT_RESOURCES_H

#include "preload/contract/drain.h"
#include "preload/contract/settings.h"
#include "preload/resources/collector.h"

#include <sys/types.h>

struct kept_resources {
    struct collector *collector; /* NULL: not yet, or nothing is looked at */
    unsigned rate;               /* as properties say, 0: never */
    char root[SETTING_TEXT_MAX];
    struct election *election;
    struct drain *drain;
    pid_t pid;
    int directory;
    uint64_t begins_ns; /* to be looked at */
};

/* A property of the process: what it says of resources is remembered. */
void kept_resources_note(struct kept_resources *resources, const char *name, const char *value,
                         size_t size);

/* Process `pid` is to be looked at, for `drain`, when it has lived for a period from now on;
 * `directory`: of the recording. All stay the caller's. */
void kept_resources_begin(struct kept_resources *resources, struct election *election, pid_t pid,
                          int directory, struct drain *drain);
void kept_resources_end(struct kept_resources *resources);

/* A round: looks, if it is time, unless the process is paused. */
void kept_resources_serve(struct kept_resources *resources, const struct ring_file *ring,
                          uint64_t now_ns);

/* The process, or its image, ends, or has ended. */
void kept_resources_finish(struct kept_resources *resources);

/* How long until the next round, at most `rest_ns`. */
uint64_t kept_resources_rest_ns(const struct kept_resources *resources,
                                const struct ring_file *ring, uint64_t rest_ns);

#endif
