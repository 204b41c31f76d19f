/*
 * The frequency of processors. Its own file because kernels tell it in several ways: cpufreq, one
 * file for each, or /proc/cpuinfo, which is long, and all of a virtual machine.
 */
#include "preload/resources/machine_parts.h"
#include "preload/resources/number_text.h"

#include <stdio.h>
#include <string.h>

#define KHZ_MAX 100000000 /* 100 GHz is no frequency */

static const char processors[] = "/sys/devices/system/cpu";

static int64_t number_once(struct machine_base *base, unsigned number, const char *file)
{
    int64_t value;
    ssize_t size = kernel_file_once(&base->files, "%s/cpu%u/%s", processors, number, file);
    return size > 0 && number_text_whole(base->files.text, &value) && value > 0 && value <= KHZ_MAX
               ? value
               : 0;
}

/* intel_pstate has base_frequency; where ACPI's CPPC tells it, as of AMD, that is in MHz. The
 * limit of cpufreq is with turbo on some drivers: better than nothing, as the catalogue says. */
static int64_t nominal_khz(struct machine_base *base, unsigned number)
{
    int64_t khz = number_once(base, number, "cpufreq/base_frequency");
    int64_t mhz = khz ? 0 : number_once(base, number, "acpi_cppc/nominal_freq");
    if (khz || (mhz && mhz <= KHZ_MAX / 1000))
        return khz ? khz : mhz * 1000;
    return number_once(base, number, "cpufreq/cpuinfo_max_freq");
}

static void add(struct machine_base *base, struct machine_frequency *frequency, unsigned number)
{
    struct machine_clock *clock = &frequency->clocks[number];
    char name[16];
    if (clock->mhz.id)
        return;
    snprintf(name, sizeof name, "cpu%u", number);
    machine_series_add(&clock->mhz, base->log, RESOURCE_CPU_MHZ, name);
    machine_series_add(&clock->nominal, base->log, RESOURCE_CPU_MHZ_NOMINAL, name);
    clock->nominal_khz = nominal_khz(base, number);
    if (!clock->nominal_khz)
        machine_series_silence(&clock->nominal, base->log, "cpufreq does not tell it here");
    if (number >= frequency->count)
        frequency->count = number + 1;
}

void machine_frequency_open(struct machine_base *base, struct machine_frequency *frequency)
{
    bool any = false;
    for (unsigned i = 0; i < base->cores; i++) {
        if (!kernel_file_exists(&base->files, "%s/cpu%u/cpufreq", processors, i))
            continue;
        struct kernel_file *current = &frequency->clocks[i].current;
        if (kernel_file_open(&base->files, current, "%s/cpu%u/cpufreq/scaling_cur_freq", processors,
                             i) != 0)
            continue;
        current->sensor = true; /* kernels of 4.x wait 20 ms there for a measurement */
        any = true;
        add(base, frequency, i);
    }
    if (any || kernel_file_open(&base->files, &frequency->cpuinfo, "/proc/cpuinfo") == 0)
        return;
    machine_series_none(base->log, RESOURCE_CPU_MHZ, "neither cpufreq nor /proc/cpuinfo tells it");
    machine_series_none(base->log, RESOURCE_CPU_MHZ_NOMINAL, "cpufreq does not tell it here");
}

/* "processor : 3", then "cpu MHz : 2596.120". */
static bool value_behind(const char *line, const char *key, unsigned digits, int64_t *value)
{
    const char *at = number_text_after(line, key);
    if (!at)
        return false;
    at += strspn(at, " \t");
    if (*at != ':')
        return false;
    at++;
    return number_text_decimal(&at, digits, value);
}

static void look_at_cpuinfo(struct machine_base *base, struct machine_frequency *frequency)
{
    int64_t number = -1, value;
    bool any = false;
    if (kernel_file_read(&base->files, &frequency->cpuinfo) < 0)
        return;
    for (const char *line = base->files.text; line; line = number_text_line(line)) {
        if (value_behind(line, "processor", 0, &value)) {
            number = value;
        } else if (value_behind(line, "cpu MHz", 3, &value) && value > 0 && value <= KHZ_MAX &&
                   number >= 0 && number < MACHINE_CORES_MAX) {
            any = true;
            frequency->clocks[number].seen_khz = value;
        }
    }
    /* What adds series reads other files: not while the text is looked at. */
    for (unsigned i = 0; i < MACHINE_CORES_MAX; i++) {
        struct machine_clock *clock = &frequency->clocks[i];
        if (!clock->seen_khz)
            continue;
        add(base, frequency, i);
        machine_series_put(&clock->mhz, base->log, clock->seen_khz);
        clock->seen_khz = 0;
    }
    if (!any && !frequency->told) {
        frequency->told = true;
        machine_series_none(base->log, RESOURCE_CPU_MHZ, "/proc/cpuinfo does not tell it here");
        machine_series_none(base->log, RESOURCE_CPU_MHZ_NOMINAL, "cpufreq does not tell it here");
    }
}

void machine_frequency_look(struct machine_base *base, struct machine_frequency *frequency)
{
    if (base->slow && kernel_file_is_due(&base->files, &frequency->cpuinfo))
        look_at_cpuinfo(base, frequency);
    if (!base->slow && frequency->count > MACHINE_CORES_FAST)
        return;
    for (unsigned i = 0; i < frequency->count; i++) {
        struct machine_clock *clock = &frequency->clocks[i];
        machine_number_look(base, &clock->current, &clock->mhz, 1, 1, KHZ_MAX);
        if (base->slow && clock->nominal_khz)
            machine_series_put(&clock->nominal, base->log, clock->nominal_khz);
    }
}
