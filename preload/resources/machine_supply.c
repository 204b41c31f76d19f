/*
 * Batteries and mains, by /sys/class/power_supply. Its own file because batteries tell their
 * power, or current and voltage, mostly without its direction, and mice have batteries too.
 */
#include "preload/resources/machine_parts.h"
#include "preload/resources/number_text.h"

#include <stdio.h>
#include <string.h>

#define MICROWATTS_MAX INT64_C(1000000000) /* a kilowatt is no battery's */
#define MICROVOLTS_MAX INT64_C(1000000000)

static const char supplies_path[] = "/sys/class/power_supply";

struct opening {
    struct machine_base *base;
    struct machine_supplies *supplies;
};

static bool is_text(struct machine_base *base, const char *supply, const char *file,
                    const char *value)
{
    return kernel_file_once(&base->files, "%s/%s/%s", supplies_path, supply, file) > 0 &&
           strcmp(base->files.text, value) == 0;
}

static int open_file(struct machine_base *base, struct kernel_file *file, const char *supply,
                     const char *name)
{
    int error = kernel_file_open(&base->files, file, "%s/%s/%s", supplies_path, supply, name);
    file->sensor = true; /* of an embedded controller, which may take 100 ms */
    return error;
}

static void open_battery(struct machine_base *base, struct machine_supply *supply, const char *name)
{
    machine_series_add(&supply->watts, base->log, RESOURCE_POWER_BATTERY, name);
    machine_series_add(&supply->charge, base->log, RESOURCE_POWER_CHARGE, name);
    open_file(base, &supply->status, name, "status");
    if (open_file(base, &supply->power, name, "power_now") != 0 &&
        (open_file(base, &supply->current, name, "current_now") != 0 ||
         open_file(base, &supply->voltage, name, "voltage_now") != 0))
        machine_series_silence(&supply->watts, base->log, "this battery does not tell its power");
    int error = open_file(base, &supply->capacity, name, "capacity");
    if (error)
        machine_series_fail(&supply->charge, base->log, "capacity", error);
}

static bool visit_supply(void *context, const char *name)
{
    struct opening *opening = context;
    struct machine_base *base = opening->base;
    struct machine_supplies *supplies = opening->supplies;
    if (supplies->count == MACHINE_SUPPLIES_MAX)
        return false;
    struct machine_supply *supply = &supplies->supplies[supplies->count];
    if (is_text(base, name, "scope", "Device"))
        return true; /* of a mouse, a headset */
    if (is_text(base, name, "type", "Battery")) {
        open_battery(base, supply, name);
        supplies->batteries++;
    } else if (is_text(base, name, "type", "Mains")) {
        machine_series_add(&supply->ac, base->log, RESOURCE_POWER_AC, name);
        int error = open_file(base, &supply->online, name, "online");
        if (error)
            machine_series_fail(&supply->ac, base->log, "online", error);
        supplies->mains++;
    } else {
        return true;
    }
    supplies->count++;
    return true;
}

void machine_supplies_open(struct machine_base *base, struct machine_supplies *supplies)
{
    struct opening opening = {base, supplies};
    kernel_directory_each(&base->files, visit_supply, &opening, "%s", supplies_path);
    if (!supplies->batteries) {
        machine_series_none(base->log, RESOURCE_POWER_BATTERY, "there is no battery");
        machine_series_none(base->log, RESOURCE_POWER_CHARGE, "there is no battery");
    }
    if (!supplies->mains)
        machine_series_none(base->log, RESOURCE_POWER_AC, "this machine does not tell it");
}

/* Out of the battery: more than 0. Some drivers have signs of their own. */
static bool is_charging(struct machine_base *base, struct machine_supply *supply)
{
    return kernel_file_read(&base->files, &supply->status) > 0 &&
           number_text_after(base->files.text, "Charging") != NULL;
}

static void look_at_power(struct machine_base *base, struct machine_supply *supply)
{
    int64_t value, volts;
    int error;
    if (!kernel_file_is_due(&base->files, &supply->power) &&
        !(kernel_file_is_due(&base->files, &supply->current) &&
          kernel_file_is_due(&base->files, &supply->voltage)))
        return;
    if (supply->power.there) {
        error = machine_number_read(base, &supply->power, -MICROWATTS_MAX, MICROWATTS_MAX, &value);
    } else {
        error =
            machine_number_read(base, &supply->current, -MICROWATTS_MAX, MICROWATTS_MAX, &value);
        if (!error)
            error = machine_number_read(base, &supply->voltage, 0, MICROVOLTS_MAX, &volts);
        if (!error)
            value = value * volts / 1000000; /* at most 10^18 before the division */
    }
    if (error) {
        machine_series_fail(&supply->watts, base->log, "its power", error);
        return;
    }
    value = value < 0 ? -value : value;
    machine_series_put(&supply->watts, base->log, is_charging(base, supply) ? -value : value);
}

void machine_supplies_look(struct machine_base *base, struct machine_supplies *supplies)
{
    for (unsigned i = 0; i < supplies->count; i++) {
        struct machine_supply *supply = &supplies->supplies[i];
        look_at_power(base, supply);
        machine_number_look(base, &supply->capacity, &supply->charge, 1, 0, 100);
        machine_number_look(base, &supply->online, &supply->ac, 1, 0, 2);
    }
}
