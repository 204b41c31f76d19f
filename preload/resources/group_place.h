/*
 * Where the control groups of a process are among files: what /proc/PID/cgroup says, seen through
 * the mounts that this process, the one that asks, has.
 *
 * Pure but for reading these files; any thread, no allocation.
 */
#ifndef PROFINJECT_RESOURCES_GROUP_PLACE_H
#define PROFINJECT_RESOURCES_GROUP_PLACE_H

#include "preload/resources/kernel_files.h"

#define GROUP_PATH_MAX 384u

enum group_controller { GROUP_CPU, GROUP_CPUACCT, GROUP_MEMORY, GROUP_PIDS, GROUP_CONTROLLERS };

struct group_place {
    bool there;
    bool unified;          /* of version 2 */
    unsigned mount_length; /* of `path`: above that nothing is shown */
    char path[GROUP_PATH_MAX];
};

struct group_places {
    struct group_place of[GROUP_CONTROLLERS];
    const char *reason; /* why there are none; static */
};

/* Of process `pid`, 0: this one. Uses files->text. */
void group_places_find(struct group_places *places, struct kernel_files *files, int pid);

/* Goes up one level in `path`, which begins as that of the place; false: there is none. */
bool group_place_up(const struct group_place *place, char *path);

#endif
