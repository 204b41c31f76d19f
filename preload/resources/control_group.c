/*
 * Reading a control group. Its own file because the versions differ in names and units, and
 * because a limit, and how often it held anybody back, may be those of a group above.
 */
#include "preload/resources/control_group.h"

#include "preload/resources/number_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TEXT_SIZE 8192
#define LEVELS_MAX 64
#define LOOKS_BETWEEN 10 /* looks at limits, and at where it is */
/* What version 1 has for "no limit": pages of half the address space. */
#define MEMORY_ENDLESS (INT64_MAX / 4096 * 4096)

static const char no_limit[] = "no limit is set";
static const char root_group[] = "the topmost group has none";

/* In a group of `place`, or above it. */
static int open_in(struct control_group *group, struct kernel_file *file, const char *path,
                   const char *name)
{
    return kernel_file_open(&group->files, file, "%s/%s", path, name);
}

static const char *behind(const char *text, const char *key)
{
    for (const char *line = text; line; line = number_text_line(line)) {
        const char *at = number_text_after(line, key);
        if (at && *at == ' ')
            return at;
    }
    return NULL;
}

/* In thousandths of a processor, 0: no limit. */
static int64_t quota_at(struct control_group *group, bool unified, const char *path)
{
    int64_t quota = -1, period = 0;
    const char *at = group->files.text;
    if (unified) {
        if (kernel_file_once(&group->files, "%s/cpu.max", path) < 0 ||
            !number_text_decimal(&at, 0, &quota) || !number_text_decimal(&at, 0, &period))
            return 0; /* "max 100000" */
    } else {
        if (kernel_file_once(&group->files, "%s/cpu.cfs_quota_us", path) < 0 ||
            !number_text_whole(at, &quota) || quota <= 0 ||
            kernel_file_once(&group->files, "%s/cpu.cfs_period_us", path) < 0 ||
            !number_text_whole(at, &period))
            return 0;
    }
    bool sound = quota > 0 && period > 0 && quota < INT64_MAX / 2000;
    return sound ? (quota * 1000 + period / 2) / period : 0;
}

static int64_t memory_at(struct control_group *group, bool unified, const char *path)
{
    int64_t value;
    const char *name = unified ? "memory.max" : "memory.limit_in_bytes";
    if (kernel_file_once(&group->files, "%s/%s", path, name) < 0 ||
        !number_text_whole(group->files.text, &value))
        return 0; /* "max" */
    return value > 0 && value < MEMORY_ENDLESS ? value : 0;
}

static int64_t pids_at(struct control_group *group, bool unified, const char *path)
{
    int64_t value;
    (void)unified;
    if (kernel_file_once(&group->files, "%s/pids.max", path) < 0 ||
        !number_text_whole(group->files.text, &value))
        return 0;
    return value > 0 ? value : 0;
}

/* The least of all levels, 0: none has one; `path` becomes that of the level. */
static int64_t least(struct control_group *group, enum group_controller controller,
                     int64_t (*limit_at)(struct control_group *, bool, const char *), char *path)
{
    const struct group_place *place = &group->places.of[controller];
    char level[GROUP_PATH_MAX];
    int64_t found = 0;
    unsigned levels = 0;
    memcpy(path, place->path, GROUP_PATH_MAX);
    memcpy(level, place->path, GROUP_PATH_MAX);
    if (!place->there)
        return 0;
    do {
        int64_t limit = limit_at(group, place->unified, level);
        if (limit && (!found || limit < found)) {
            found = limit;
            memcpy(path, level, GROUP_PATH_MAX);
        }
    } while (++levels < LEVELS_MAX && group_place_up(place, level));
    return found;
}

static void put_limit(struct control_group *group, struct machine_series *series,
                      enum group_controller controller, int64_t value)
{
    if (!group->places.of[controller].there)
        return; /* told by open_files() */
    if (value)
        machine_series_put(series, group->log, value);
    else
        machine_series_silence(series, group->log, no_limit);
}

static void silence_missing(struct control_group *group, const struct kernel_file *file,
                            enum group_controller controller, struct machine_series *series)
{
    const struct group_place *place = &group->places.of[controller];
    if (file && file->there)
        return;
    if (!place->there)
        machine_series_silence(series, group->log,
                               group->places.reason ? group->places.reason
                                                    : "this controller is not mounted here");
    else if (file)
        machine_series_silence(series, group->log,
                               strlen(place->path) == place->mount_length
                                   ? root_group
                                   : "this controller is not on for its group");
}

static void open_files(struct control_group *group)
{
    const struct group_place *cpu = &group->places.of[GROUP_CPU];
    const struct group_place *acct = &group->places.of[GROUP_CPUACCT];
    const struct group_place *memory = &group->places.of[GROUP_MEMORY];
    const struct group_place *pids = &group->places.of[GROUP_PIDS];
    char path[GROUP_PATH_MAX];
    if (acct->there)
        open_in(group, &group->usage, acct->path, acct->unified ? "cpu.stat" : "cpuacct.usage");
    least(group, GROUP_CPU, quota_at, path);
    if (cpu->there)
        open_in(group, &group->throttling, path, "cpu.stat");
    if (memory->there) {
        open_in(group, &group->memory, memory->path,
                memory->unified ? "memory.current" : "memory.usage_in_bytes");
        open_in(group, &group->events, memory->path,
                memory->unified ? "memory.events" : "memory.oom_control");
    }
    if (pids->there)
        open_in(group, &group->pids, pids->path, "pids.current");

    silence_missing(group, &group->usage, GROUP_CPUACCT, &group->cpu);
    silence_missing(group, &group->throttling, GROUP_CPU, &group->throttled);
    silence_missing(group, &group->throttling, GROUP_CPU, &group->throttles);
    silence_missing(group, &group->memory, GROUP_MEMORY, &group->memory_used);
    silence_missing(group, &group->events, GROUP_MEMORY, &group->oom_kills);
    silence_missing(group, &group->pids, GROUP_PIDS, &group->pids_used);
    silence_missing(group, NULL, GROUP_CPU, &group->cpu_limit);
    silence_missing(group, NULL, GROUP_MEMORY, &group->memory_limit);
    silence_missing(group, NULL, GROUP_PIDS, &group->pids_limit);
}

void control_group_open(struct control_group *group, const char *root, int pid,
                        struct resource_log *log)
{
    char text[TEXT_SIZE];
    memset(group, 0, sizeof *group);
    group->log = log;
    group->pid = pid;
    group->files = (struct kernel_files){.root = strcmp(root, "/") == 0 ? "" : root,
                                         .text = text,
                                         .text_size = sizeof text,
                                         .descriptors = group->descriptors,
                                         .descriptors_max = CONTROL_GROUP_FILES};
    machine_series_add(&group->cpu_limit, log, RESOURCE_CGROUP_CPU_LIMIT, NULL);
    machine_series_add(&group->cpu, log, RESOURCE_CGROUP_CPU, NULL);
    machine_series_add(&group->throttled, log, RESOURCE_CGROUP_THROTTLED, NULL);
    machine_series_add(&group->throttles, log, RESOURCE_CGROUP_THROTTLES, NULL);
    machine_series_add(&group->memory_used, log, RESOURCE_CGROUP_MEMORY, NULL);
    machine_series_add(&group->memory_limit, log, RESOURCE_CGROUP_MEMORY_LIMIT, NULL);
    machine_series_add(&group->oom_kills, log, RESOURCE_CGROUP_OOM_KILLS, NULL);
    machine_series_add(&group->pids_used, log, RESOURCE_CGROUP_PIDS, NULL);
    machine_series_add(&group->pids_limit, log, RESOURCE_CGROUP_PIDS_LIMIT, NULL);
    group_places_find(&group->places, &group->files, pid);
    open_files(group);
    group->files.text = NULL;
}

void control_group_close(struct control_group *group)
{
    kernel_files_close(&group->files);
}

static void put_count(struct control_group *group, struct machine_series *series,
                      struct rising_count *count, const char *key, uint64_t unit)
{
    const char *at = behind(group->files.text, key);
    uint64_t value;
    if (at && number_text_next(&at, &value))
        machine_series_count(series, group->log, count, value, unit);
    else
        machine_series_silence(series, group->log, "this kernel does not count it");
}

static void look_at_processors(struct control_group *group)
{
    const struct group_place *cpu = &group->places.of[GROUP_CPU];
    const char *at = group->files.text;
    uint64_t value;
    if (kernel_file_read(&group->files, &group->throttling) > 0) {
        put_count(group, &group->throttles, &group->periods, "nr_throttled", 1);
        if (cpu->unified)
            put_count(group, &group->throttled, &group->held, "throttled_usec", 1000);
        else
            put_count(group, &group->throttled, &group->held, "throttled_time", 1);
    }
    if (kernel_file_read(&group->files, &group->usage) < 0)
        return;
    if (group->places.of[GROUP_CPUACCT].unified)
        put_count(group, &group->cpu, &group->used, "usage_usec", 1000);
    else if (number_text_next(&at, &value))
        machine_series_count(&group->cpu, group->log, &group->used, value, 1);
}

static void put_number(struct control_group *group, struct kernel_file *file,
                       struct machine_series *series)
{
    int64_t value;
    ssize_t size = kernel_file_read(&group->files, file);
    if (size > 0 && number_text_whole(group->files.text, &value) && value >= 0)
        machine_series_put(series, group->log, value);
    else if (file->there)
        machine_series_silence(series, group->log,
                               kernel_error_text(size < 0 ? (int)size : -EINVAL));
}

static bool has_moved(const struct group_places *now, const struct group_places *before)
{
    for (unsigned i = 0; i < GROUP_CONTROLLERS; i++)
        if (now->of[i].there != before->of[i].there ||
            strcmp(now->of[i].path, before->of[i].path) != 0)
            return true;
    return false;
}

/* It may have been moved to another group, or that given other limits. */
static void look_around(struct control_group *group)
{
    struct group_places now;
    char path[GROUP_PATH_MAX];
    group_places_find(&now, &group->files, group->pid);
    if (!now.reason && has_moved(&now, &group->places)) {
        kernel_files_close(&group->files);
        group->places = now;
        group->used.known = group->held.known = false;
        group->periods.known = group->kills.known = false;
        open_files(group);
    }
    put_limit(group, &group->cpu_limit, GROUP_CPU, least(group, GROUP_CPU, quota_at, path));
    put_limit(group, &group->memory_limit, GROUP_MEMORY,
              least(group, GROUP_MEMORY, memory_at, path));
    put_limit(group, &group->pids_limit, GROUP_PIDS, least(group, GROUP_PIDS, pids_at, path));
}

void control_group_look(struct control_group *group)
{
    char text[TEXT_SIZE];
    group->files.text = text;
    text[0] = '\0';
    if (group->looks++ % LOOKS_BETWEEN == 0)
        look_around(group);
    look_at_processors(group);
    put_number(group, &group->memory, &group->memory_used);
    put_number(group, &group->pids, &group->pids_used);
    if (kernel_file_read(&group->files, &group->events) > 0)
        put_count(group, &group->oom_kills, &group->kills, "oom_kill", 1);
    group->files.text = NULL;
}

void control_group_limits(const char *root, int64_t *processors, int64_t *memory)
{
    char text[TEXT_SIZE], path[GROUP_PATH_MAX];
    struct control_group group = {
        .files = {.root = strcmp(root, "/") == 0 ? "" : root,
                  .text = text,
                  .text_size = sizeof text},
    };
    group_places_find(&group.places, &group.files, 0);
    *processors = least(&group, GROUP_CPU, quota_at, path);
    *memory = least(&group, GROUP_MEMORY, memory_at, path);
}
