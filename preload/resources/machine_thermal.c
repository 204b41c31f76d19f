/*
 * Temperatures of processors: the chips of hwmon that measure them, and thermal zones. Its own
 * file because of which: names, not places, tell a processor's sensors from those of disks, radios
 * and boards, which are slow to read and no concern of ours. Where nothing has such a name,
 * whatever thermal zones there are.
 */
#include "preload/resources/machine_parts.h"
#include "preload/resources/number_text.h"

#include <stdio.h>
#include <string.h>

struct opening {
    struct machine_base *base;
    struct machine_thermal *thermal;
    const char *directory; /* hwmon3 */
    const char *chip;      /* coretemp */
    bool all;              /* zones of any type */
};

/* NULL: there is no room, or its file cannot be opened, which was told. */
static struct machine_sensor *add(struct opening *opening, const char *subject, const char *path)
{
    struct machine_thermal *thermal = opening->thermal;
    struct machine_base *base = opening->base;
    if (thermal->count == MACHINE_SENSORS_MAX) {
        thermal->left_out++;
        return NULL;
    }
    struct machine_sensor *sensor = &thermal->sensors[thermal->count++];
    machine_series_add(&sensor->degrees, base->log, RESOURCE_CPU_TEMPERATURE, subject);
    int error = kernel_file_open(&base->files, &sensor->input, "%s", path);
    sensor->input.sensor = true;
    if (error)
        machine_series_fail(&sensor->degrees, base->log, "sensor", error);
    return sensor;
}

/* "temp1_input" */
static bool visit_input(void *context, const char *name)
{
    struct opening *opening = context;
    struct machine_base *base = opening->base;
    uint64_t number;
    char path[192], subject[80], label[40];
    const char *at = number_text_after(name, "temp");
    if (!at || !number_text_next(&at, &number) || strcmp(at, "_input") != 0)
        return true;
    unsigned index = (unsigned)number;
    snprintf(label, sizeof label, "temp%u", index);
    if (kernel_file_once(&base->files, "/sys/class/hwmon/%s/temp%u_label", opening->directory,
                         index) > 0)
        snprintf(label, sizeof label, "%.39s", base->files.text);
    snprintf(subject, sizeof subject, "%.8s %.15s %s", opening->directory, opening->chip, label);
    snprintf(path, sizeof path, "/sys/class/hwmon/%.64s/temp%u_input", opening->directory, index);
    struct machine_sensor *sensor = add(opening, subject, path);
    if (sensor)
        kernel_file_open(&base->files, &sensor->fault, "/sys/class/hwmon/%s/temp%u_fault",
                         opening->directory, index);
    return true;
}

static bool is_processor_chip(const char *chip)
{
    static const char *const names[] = {"coretemp",     "k10temp",     "k8temp",      "zenpower",
                                        "fam15h_power", "via_cputemp", "cpu_thermal", "soc_thermal",
                                        "scpi_sensors", "bigcore"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (number_text_after(chip, names[i]))
            return true;
    return false;
}

static bool visit_chip(void *context, const char *directory)
{
    struct opening *opening = context;
    char chip[32];
    if (strlen(directory) > 64 ||
        kernel_file_once(&opening->base->files, "/sys/class/hwmon/%s/name", directory) < 0)
        return true;
    snprintf(chip, sizeof chip, "%.31s", opening->base->files.text);
    if (!is_processor_chip(chip))
        return true;
    opening->directory = directory;
    opening->chip = chip;
    kernel_directory_each(&opening->base->files, visit_input, opening, "/sys/class/hwmon/%s",
                          directory);
    return true;
}

static bool is_processor_zone(const char *type)
{
    static const char *const names[] = {"x86_pkg_temp", "TCPU", "cpu", "CPU", "soc", "SoC", "SOC"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (number_text_after(type, names[i]))
            return true;
    return false;
}

static bool visit_zone(void *context, const char *directory)
{
    struct opening *opening = context;
    struct machine_base *base = opening->base;
    char type[40], subject[64], path[192];
    if (!number_text_after(directory, "thermal_zone") || strlen(directory) > 64 ||
        kernel_file_once(&base->files, "/sys/class/thermal/%s/type", directory) < 0)
        return true;
    snprintf(type, sizeof type, "%.39s", base->files.text);
    if (!opening->all && !is_processor_zone(type))
        return true;
    snprintf(subject, sizeof subject, "zone%.6s %s", directory + strlen("thermal_zone"), type);
    snprintf(path, sizeof path, "/sys/class/thermal/%s/temp", directory);
    struct machine_sensor *sensor = add(opening, subject, path);
    if (sensor)
        kernel_file_open(&base->files, &sensor->mode, "/sys/class/thermal/%s/mode", directory);
    return true;
}

void machine_thermal_open(struct machine_base *base, struct machine_thermal *thermal)
{
    struct opening opening = {.base = base, .thermal = thermal};
    kernel_directory_each(&base->files, visit_chip, &opening, "/sys/class/hwmon");
    kernel_directory_each(&base->files, visit_zone, &opening, "/sys/class/thermal");
    opening.all = thermal->count == 0;
    if (opening.all)
        kernel_directory_each(&base->files, visit_zone, &opening, "/sys/class/thermal");
    if (thermal->count == 0)
        machine_series_none(base->log, RESOURCE_CPU_TEMPERATURE,
                            "this machine shows no sensor of it");
    if (thermal->left_out) {
        struct machine_series others;
        machine_series_add(&others, base->log, RESOURCE_CPU_TEMPERATURE, "others");
        machine_series_silence(&others, base->log, "there are more than 256 sensors");
    }
}

void machine_thermal_look(struct machine_base *base, struct machine_thermal *thermal)
{
    for (unsigned i = 0; i < thermal->count; i++)
        machine_sensor_look(base, &thermal->sensors[i]);
}
