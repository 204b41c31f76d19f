/* A temperature. Its own file because processors and graphics cards have the same sensors, and a
 * sensor that fails must never pass for a cold one. */
#include "preload/resources/machine_parts.h"
#include "preload/resources/number_text.h"

#include <errno.h>
#include <stdio.h>

/* In thousandths of a degree. Below and above are what drivers give when they have nothing:
 * -273, -128, 127, 255 degrees. No chip that works has the temperature of freezing water: about 0
 * is what is there before a first measurement, and -1 is an error. */
#define LEAST (-40000)
#define MOST 126000
#define NOTHING 1000

static bool has_fault(struct machine_base *base, struct machine_sensor *sensor)
{
    int64_t value;
    return sensor->fault.there && machine_number_read(base, &sensor->fault, 0, 1, &value) == 0 &&
           value == 1;
}

static bool is_disabled(struct machine_base *base, struct machine_sensor *sensor)
{
    return sensor->mode.there && kernel_file_read(&base->files, &sensor->mode) > 0 &&
           number_text_after(base->files.text, "disabled") != NULL;
}

void machine_sensor_look(struct machine_base *base, struct machine_sensor *sensor)
{
    char reason[96];
    int64_t value = 0;
    if (!kernel_file_is_due(&base->files, &sensor->input))
        return;
    if (is_disabled(base, sensor)) {
        machine_series_silence(&sensor->degrees, base->log, "the sensor is disabled");
        return;
    }
    int error = machine_number_read(base, &sensor->input, LEAST, MOST, &value);
    if (error == -ETIME)
        snprintf(reason, sizeof reason, "reading takes %u ms", sensor->input.last_ns / 1000000);
    else if (error && error != -ERANGE)
        snprintf(reason, sizeof reason, "%s", kernel_error_text(error));
    else if (has_fault(base, sensor))
        snprintf(reason, sizeof reason, "the sensor reports a fault");
    else if (error || (value > -NOTHING && value < NOTHING))
        snprintf(reason, sizeof reason, "it says %lld thousandths of a degree, which cannot be",
                 (long long)value);
    else
        reason[0] = '\0';
    if (reason[0])
        machine_series_silence(&sensor->degrees, base->log, reason);
    else
        machine_series_put(&sensor->degrees, base->log, value);
}
