/*
 * Disks, by /proc/diskstats. Its own file because of what must not be counted twice: partitions,
 * and devices that lie on others (dm, md, loop): only what nothing else lies below is followed.
 */
#include "preload/resources/machine_parts.h"
#include "preload/resources/number_text.h"

#include <stdio.h>
#include <string.h>

#define SECTOR 512 /* of diskstats, whatever the device has */

static const enum resource resource_of[DISK_COUNTS] = {
    [DISK_READS] = RESOURCE_DISK_READS,   [DISK_READ] = RESOURCE_DISK_READ,
    [DISK_WRITES] = RESOURCE_DISK_WRITES, [DISK_WRITTEN] = RESOURCE_DISK_WRITTEN,
    [DISK_BUSY] = RESOURCE_DISK_BUSY,
};

static void fail_all(struct machine_base *base, const char *reason)
{
    for (unsigned i = 0; i < DISK_COUNTS; i++)
        machine_series_none(base->log, resource_of[i], reason);
}

void machine_disks_open(struct machine_base *base, struct machine_disks *disks)
{
    char reason[96];
    int error = kernel_file_open(&base->files, &disks->diskstats, "/proc/diskstats");
    disks->has_sysfs = kernel_file_exists(&base->files, "/sys/block");
    if (!error)
        return;
    snprintf(reason, sizeof reason, "/proc/diskstats: %s", kernel_error_text(error));
    fail_all(base, reason);
}

static bool begins(const char *name, const char *with)
{
    return number_text_after(name, with) != NULL;
}

/* By its name, where /sys tells nothing: "sda1", "nvme0n1p2", "mmcblk0p1". */
static bool looks_like_part(const char *name)
{
    size_t length = strlen(name);
    size_t digits = 0;
    while (digits < length && name[length - 1 - digits] >= '0' && name[length - 1 - digits] <= '9')
        digits++;
    if (!digits || digits == length)
        return false;
    bool numbered = begins(name, "nvme") || begins(name, "mmcblk") || begins(name, "nbd");
    if (numbered)
        return name[length - 1 - digits] == 'p';
    return begins(name, "sd") || begins(name, "hd") || begins(name, "vd") || begins(name, "xvd");
}

static bool stop(void *context, const char *name)
{
    (void)name;
    *(bool *)context = true;
    return false;
}

static bool is_disk(struct machine_base *base, const struct machine_disks *disks, const char *name)
{
    bool stacked = false;
    if (begins(name, "loop") || begins(name, "ram") || begins(name, "zram") ||
        begins(name, "dm-") || begins(name, "md"))
        return false;
    if (!disks->has_sysfs)
        return !looks_like_part(name);
    if (!kernel_file_exists(&base->files, "/sys/block/%s", name))
        return false; /* a partition */
    kernel_directory_each(&base->files, stop, &stacked, "/sys/block/%s/slaves", name);
    return !stacked;
}

/* NULL: there is no room for one more. */
static struct machine_disk *disk_of(struct machine_base *base, struct machine_disks *disks,
                                    const char *name)
{
    for (unsigned i = 0; i < disks->count; i++)
        if (strcmp(disks->disks[i].name, name) == 0)
            return &disks->disks[i];
    if (disks->count == MACHINE_DISKS_MAX)
        return NULL;
    struct machine_disk *disk = &disks->disks[disks->count++];
    snprintf(disk->name, sizeof disk->name, "%s", name);
    disk->followed = is_disk(base, disks, name);
    for (unsigned i = 0; disk->followed && i < DISK_COUNTS; i++)
        machine_series_add(&disk->series[i], base->log, resource_of[i], name);
    return disk;
}

/* Behind the name: reads, merged, sectors, ms; the same of writes; under way, ms busy. */
static void look_at_disk(struct machine_base *base, struct machine_disk *disk, const char *at)
{
    static const struct {
        unsigned field, unit;
    } fields[DISK_COUNTS] = {
        [DISK_READS] = {0, 1},        [DISK_READ] = {2, SECTOR},  [DISK_WRITES] = {4, 1},
        [DISK_WRITTEN] = {6, SECTOR}, [DISK_BUSY] = {9, 1000000},
    };
    uint64_t values[10];
    for (unsigned i = 0; i < 10; i++)
        if (!number_text_next(&at, &values[i]))
            return;
    for (unsigned i = 0; i < DISK_COUNTS; i++)
        machine_series_count(&disk->series[i], base->log, &disk->counts[i], values[fields[i].field],
                             fields[i].unit);
}

static void look_at_line(struct machine_base *base, struct machine_disks *disks, const char *at)
{
    char name[MACHINE_NAME_MAX];
    uint64_t number;
    if (!number_text_next(&at, &number) || !number_text_next(&at, &number))
        return;
    size_t length = number_text_word(&at);
    if (length == 0 || length >= sizeof name)
        return;
    memcpy(name, at, length);
    name[length] = '\0';
    struct machine_disk *disk = disk_of(base, disks, name);
    disks->many |= !disk;
    if (!disk)
        return;
    disk->seen = true;
    if (disk->followed)
        look_at_disk(base, disk, at + length);
}

static void tell(struct machine_base *base, struct machine_disks *disks)
{
    static const char many[] = "there are more than 128 disks and parts of disks";
    struct machine_series others;
    bool any = false;
    for (unsigned i = 0; i < disks->count; i++) {
        struct machine_disk *disk = &disks->disks[i];
        for (unsigned k = 0; disk->followed && !disk->seen && k < DISK_COUNTS; k++)
            machine_series_silence(&disk->series[k], base->log, "it was taken out");
        any |= disk->followed;
        disk->seen = false;
    }
    if (!any && !disks->empty)
        fail_all(base, "there is no disk here");
    disks->empty |= !any;
    if (!disks->many || disks->told)
        return;
    disks->told = true;
    for (unsigned i = 0; i < DISK_COUNTS; i++) {
        machine_series_add(&others, base->log, resource_of[i], "others");
        machine_series_silence(&others, base->log, many);
    }
}

void machine_disks_look(struct machine_base *base, struct machine_disks *disks)
{
    if (!kernel_file_is_due(&base->files, &disks->diskstats))
        return;
    ssize_t size = kernel_file_read(&base->files, &disks->diskstats);
    const char *line = size > 0 ? base->files.text : NULL;
    for (; line; line = number_text_line(line))
        look_at_line(base, disks, line);
    tell(base, disks);
}
