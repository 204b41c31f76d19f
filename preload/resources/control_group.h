/*
 * The control group of a process, of version 1 or 2 or both: what it may use, what it does, how
 * often it is held back. What counts is the least limit of the group and of all above it, as far
 * as they are shown here; a container sees no more than its own.
 *
 * One thread at a time, that of the log. Memory is the caller's; six descriptors are kept open.
 */
#ifndef PROFINJECT_RESOURCES_CONTROL_GROUP_H
#define PROFINJECT_RESOURCES_CONTROL_GROUP_H

#include "preload/resources/group_place.h"
#include "preload/resources/kernel_files.h"
#include "preload/resources/machine_series.h"

#define CONTROL_GROUP_FILES 6u

struct control_group {
    struct kernel_files files;
    struct resource_log *log;
    int pid, descriptors[CONTROL_GROUP_FILES];
    struct group_places places;
    struct kernel_file usage, throttling, memory, events, pids;
    unsigned looks;
    struct machine_series cpu_limit, cpu, throttled, throttles;
    struct machine_series memory_used, memory_limit, oom_kills, pids_used, pids_limit;
    struct rising_count used, held, periods, kills;
};

/* Of process `pid`, 0: this one; `root` and `log` as for machine_new(), both to outlive it. */
void control_group_open(struct control_group *group, const char *root, int pid,
                        struct resource_log *log);
void control_group_close(struct control_group *group);

/* Puts values into the moment that the log has begun; about once a second will do. */
void control_group_look(struct control_group *group);

/* Of this process: the processors that its quota allows at most, in thousandths, and the bytes of
 * memory; 0: no limit. */
void control_group_limits(const char *root, int64_t *processors, int64_t *memory);

#endif
