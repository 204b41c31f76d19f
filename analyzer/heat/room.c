/*
 * MemAvailable and the limits of control groups. Its own file because it is about the machine, not
 * about the load.
 */
#include "analyzer/heat/room.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHORT_OF (64ULL << 20)

static bool read_number(const char *path, uint64_t *value)
{
    FILE *file = fopen(path, "re");
    char line[64];
    char *end;

    if (file == NULL)
        return false;
    bool there = fgets(line, sizeof(line), file) != NULL;
    fclose(file);
    if (!there || line[0] < '0' || line[0] > '9') /* "max": no limit */
        return false;
    *value = strtoull(line, &end, 10);
    return end != line;
}

/* Of one group: version 2 says memory.max, version 1 memory.limit_in_bytes. */
static uint64_t left_of(const char *directory, const char *limit_name, const char *used_name)
{
    char path[PATH_MAX + 64];
    uint64_t limit, used;

    snprintf(path, sizeof(path), "%s/%s", directory, limit_name);
    if (!read_number(path, &limit) || limit >= (1ULL << 60))
        return UINT64_MAX;
    snprintf(path, sizeof(path), "%s/%s", directory, used_name);
    if (!read_number(path, &used))
        return UINT64_MAX;
    return used < limit ? limit - used : 0;
}

static void tighten(uint64_t *left, uint64_t by)
{
    *left = by < *left ? by : *left;
}

/* From the group up to the root of its tree: the tightest counts. In a container the path may be
 * one that only the host has; the tree's root is the container's own then. */
static void walk_up(uint64_t *left, const char *tree, const char *group, const char *limit_name,
                    const char *used_name)
{
    char path[PATH_MAX];
    size_t root = strlen(tree);

    if ((size_t)snprintf(path, sizeof(path), "%s%s", tree, group) >= sizeof(path))
        return;
    for (;;) {
        tighten(left, left_of(path, limit_name, used_name));
        char *slash = strrchr(path, '/');
        if (slash == NULL || slash < path + root)
            return;
        *slash = '\0';
    }
}

static uint64_t group_left(const char *root)
{
    char path[PATH_MAX], line[PATH_MAX];
    uint64_t left = UINT64_MAX;

    snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        const char *controllers = strchr(line, ':');
        const char *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
        if (group == NULL)
            continue;
        bool second = controllers[1] == ':', memory = strstr(controllers, ":memory:") != NULL;
        snprintf(path, sizeof(path), "%s/sys/fs/cgroup%s", root, second ? "" : "/memory");
        if (second)
            walk_up(&left, path, group + 1, "memory.max", "memory.current");
        else if (memory)
            walk_up(&left, path, group + 1, "memory.limit_in_bytes", "memory.usage_in_bytes");
    }
    if (file != NULL)
        fclose(file);
    return left;
}

struct room room_look(const char *root)
{
    struct room room = {.group_left = group_left(root)};
    char path[PATH_MAX], line[128];
    uint64_t kib;

    snprintf(path, sizeof(path), "%s/proc/meminfo", root);
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        if (sscanf(line, "MemTotal: %" SCNu64, &kib) == 1)
            room.total = kib << 10;
        else if (sscanf(line, "MemAvailable: %" SCNu64, &kib) == 1)
            room.available = kib << 10;
    }
    if (file != NULL)
        fclose(file);
    return room;
}

static uint64_t left(const struct room *room)
{
    if (room->total == 0 || room->group_left < room->available)
        return room->group_left == UINT64_MAX ? 0 : room->group_left;
    return room->available;
}

uint64_t room_usable(const struct room *room)
{
    return left(room) / 2;
}

double room_used_percent(const struct room *room)
{
    if (room->total == 0 || room->available > room->total)
        return NAN;
    return 100.0 * (double)(room->total - room->available) / (double)room->total;
}

bool room_is_short(const struct room *room)
{
    if (room->total == 0)
        return false;
    return left(room) < room->total / 20 || left(room) < SHORT_OF;
}
