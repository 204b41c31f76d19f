/*
 * Power of processor packages, by RAPL (/sys/class/powercap). Its own file because of its rules:
 * a count of microjoules that begins anew at a range of its own; zones within zones; the same
 * zone again by another way to the hardware (intel-rapl-mmio), which is left out.
 */
#include "preload/resources/machine_parts.h"
#include "preload/resources/number_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct opening {
    struct machine_base *base;
    struct machine_power *power;
};

/* "package-0"; of a part of it "package-0 dram", as all packages' parts have the same names. */
static bool name_of(struct machine_base *base, const char *zone, char *name, size_t size)
{
    char parent[64];
    snprintf(parent, sizeof parent, "%s", zone);
    char *last = strrchr(parent, ':');
    size_t used = 0;
    name[0] = '\0';
    if (last && strchr(parent, ':') != last) {
        *last = '\0';
        if (kernel_file_once(&base->files, "/sys/class/powercap/%s/name", parent) > 0)
            used = (size_t)snprintf(name, size, "%.24s ", base->files.text);
    }
    if (kernel_file_once(&base->files, "/sys/class/powercap/%s/name", zone) < 0)
        return false;
    snprintf(name + used, size - used, "%.24s", base->files.text);
    return true;
}

static bool visit_zone(void *context, const char *zone)
{
    struct opening *opening = context;
    struct machine_base *base = opening->base;
    struct machine_power *power = opening->power;
    char name[64];
    const char *number = number_text_after(zone, "intel-rapl:");
    int64_t range;
    if (!number || !name_of(base, zone, name, sizeof name))
        return true;
    if (power->count == MACHINE_ZONES_MAX)
        return false;
    struct machine_zone *to = &power->zones[power->count++];
    if (kernel_file_once(&base->files, "/sys/class/powercap/%s/max_energy_range_uj", zone) > 0 &&
        number_text_whole(base->files.text, &range) && range > 0)
        to->range = (uint64_t)range;
    machine_series_add(&to->watts, base->log, RESOURCE_POWER_PACKAGE, name);
    int error =
        kernel_file_open(&base->files, &to->energy, "/sys/class/powercap/%s/energy_uj", zone);
    if (error == -EACCES)
        machine_series_silence(&to->watts, base->log, "energy_uj: only root may read it");
    else if (error)
        machine_series_fail(&to->watts, base->log, "energy_uj", error);
    return true;
}

void machine_power_open(struct machine_base *base, struct machine_power *power)
{
    struct opening opening = {base, power};
    kernel_directory_each(&base->files, visit_zone, &opening, "/sys/class/powercap");
    if (!power->count)
        machine_series_none(base->log, RESOURCE_POWER_PACKAGE,
                            "no RAPL: this processor, or its host, does not show it");
}

void machine_power_look(struct machine_base *base, struct machine_power *power)
{
    for (unsigned i = 0; i < power->count; i++) {
        struct machine_zone *zone = &power->zones[i];
        int64_t value;
        if (!kernel_file_is_due(&base->files, &zone->energy))
            continue;
        int error = machine_number_read(base, &zone->energy, 0, INT64_MAX, &value);
        if (error)
            machine_series_fail(&zone->watts, base->log, "energy_uj", error);
        else if (rising_count_step(&zone->count, (uint64_t)value, zone->range))
            machine_series_put(&zone->watts, base->log, (int64_t)zone->count.sum);
    }
}
