/* Pressure stall information. Its own file because each of its texts has two lines of its own kind:
 * Documentation/accounting/psi.rst; `total` is in microseconds and exact. */
#include "preload/resources/machine_parts.h"
#include "preload/resources/number_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* That all wait for a processor cannot be: of it there is no second series. */
static const struct {
    const char *name;
    enum resource some, full;
} kinds[3] = {
    {"cpu", RESOURCE_PRESSURE_CPU, RESOURCE_COUNT},
    {"memory", RESOURCE_PRESSURE_MEMORY, RESOURCE_PRESSURE_MEMORY_FULL},
    {"io", RESOURCE_PRESSURE_IO, RESOURCE_PRESSURE_IO_FULL},
};

static void fail(struct machine_base *base, struct machine_pressure *pressure, unsigned i,
                 int error)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/pressure/%s", kinds[i].name);
    machine_series_fail(&pressure->some[i], base->log, path, error);
    machine_series_fail(&pressure->full[i], base->log, path, error);
}

void machine_pressure_open(struct machine_base *base, struct machine_pressure *pressure)
{
    for (unsigned i = 0; i < 3; i++) {
        machine_series_add(&pressure->some[i], base->log, kinds[i].some, NULL);
        if (kinds[i].full != RESOURCE_COUNT)
            machine_series_add(&pressure->full[i], base->log, kinds[i].full, NULL);
        int error =
            kernel_file_open(&base->files, &pressure->files[i], "/proc/pressure/%s", kinds[i].name);
        if (error)
            fail(base, pressure, i, error);
    }
}

/* "some avg10=0.02 avg60=0.37 avg300=0.56 total=375972015" */
static bool find_total(const char *text, const char *kind, uint64_t *value)
{
    for (const char *line = text; line; line = number_text_line(line)) {
        if (!number_text_after(line, kind))
            continue;
        const char *end = line + strcspn(line, "\n"), *at = strstr(line, "total=");
        if (!at || at > end)
            return false;
        at += strlen("total=");
        return number_text_next(&at, value);
    }
    return false;
}

static void look(struct machine_base *base, struct machine_series *series,
                 struct rising_count *count, const char *kind)
{
    uint64_t value;
    if (find_total(base->files.text, kind, &value))
        machine_series_count(series, base->log, count, value, 1000);
    else
        machine_series_silence(series, base->log, kernel_error_text(EINVAL));
}

void machine_pressure_look(struct machine_base *base, struct machine_pressure *pressure)
{
    for (unsigned i = 0; i < 3; i++) {
        if (!kernel_file_is_due(&base->files, &pressure->files[i]))
            continue;
        ssize_t size = kernel_file_read(&base->files, &pressure->files[i]);
        if (size < 0) {
            fail(base, pressure, i, (int)size);
            continue;
        }
        look(base, &pressure->some[i], &pressure->some_counts[i], "some ");
        look(base, &pressure->full[i], &pressure->full_counts[i], "full ");
    }
}
