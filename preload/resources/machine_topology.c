/* Reading them. Its own file because it is read once, where all else of processors is followed. */
#include "preload/resources/machine_topology.h"

#include "preload/resources/number_text.h"
#include "preload/resources/processor_set.h"

#include <stdio.h>

#define GROUPS_MAX 16u

static const char processors[] = "/sys/devices/system/cpu";

struct groups {
    struct {
        unsigned number;
        struct processor_set set;
    } of[GROUPS_MAX];
    unsigned count;
    bool too_many;
};

static struct processor_set *group_of(struct groups *groups, unsigned number)
{
    for (unsigned i = 0; i < groups->count; i++)
        if (groups->of[i].number == number)
            return &groups->of[i].set;
    groups->too_many |= groups->count == GROUPS_MAX;
    if (groups->too_many)
        return NULL;
    groups->of[groups->count].number = number;
    return &groups->of[groups->count++].set;
}

static void put(struct groups *groups, unsigned number, unsigned processor)
{
    struct processor_set *set = group_of(groups, number);
    if (set)
        processor_set_put(set, processor);
}

/* All or nothing: a processor that is left out would be one that is not slowed down. */
static size_t write_groups(const struct groups *groups, char *to, size_t size)
{
    size_t used = 0;
    for (unsigned i = 0; i < groups->count && !groups->too_many; i++) {
        int head =
            snprintf(to + used, size - used, "%s%u: ", used ? "; " : "", groups->of[i].number);
        if (head < 0 || (size_t)head >= size - used)
            return 0;
        used += (size_t)head;
        size_t length = processor_set_write(&groups->of[i].set, to + used, size - used);
        if (!length)
            return 0;
        used += length;
    }
    return used;
}

static bool read_online(struct kernel_files *files, struct processor_set *online)
{
    return kernel_file_once(files, "%s/online", processors) > 0 &&
           processor_set_read(online, files->text);
}

/* Of processor `number`, itself too. */
static bool read_list(struct kernel_files *files, unsigned number, const char *name,
                      struct processor_set *set)
{
    *set = (struct processor_set){0};
    return kernel_file_once(files, "%s/cpu%u/topology/%s", processors, number, name) > 0 &&
           processor_set_read(set, files->text) && processor_set_has(set, number);
}

static bool read_package(struct kernel_files *files, unsigned number, int64_t *package)
{
    return kernel_file_once(files, "%s/cpu%u/topology/physical_package_id", processors, number) >
               0 &&
           number_text_whole(files->text, package) && *package >= 0 && *package < 65536;
}

size_t machine_topology_packages(struct kernel_files *files, char *to, size_t size)
{
    struct groups groups = {.count = 0};
    struct processor_set left = {0}, same;
    int64_t package;
    if (!read_online(files, &left))
        return 0;
    for (unsigned i; (i = processor_set_next(&left, 0)) < PROCESSOR_SET_MAX;) {
        if (!read_package(files, i, &package) || !read_list(files, i, "core_siblings_list", &same))
            return 0;
        for (unsigned in = i; in < PROCESSOR_SET_MAX; in = processor_set_next(&same, in + 1))
            put(&groups, (unsigned)package, in);
        processor_set_remove(&left, &same);
    }
    return groups.count > 1 ? write_groups(&groups, to, size) : 0;
}

size_t machine_topology_threads(struct kernel_files *files, char *to, size_t size)
{
    struct groups groups = {.count = 0};
    struct processor_set left = {0}, same;
    if (!read_online(files, &left))
        return 0;
    for (unsigned i; (i = processor_set_next(&left, 0)) < PROCESSOR_SET_MAX;) {
        if (!read_list(files, i, "thread_siblings_list", &same))
            return 0;
        for (unsigned other = processor_set_next(&same, i + 1); other < PROCESSOR_SET_MAX;
             other = processor_set_next(&same, other + 1))
            put(&groups, other - i, i);
        processor_set_remove(&left, &same);
    }
    return write_groups(&groups, to, size);
}
