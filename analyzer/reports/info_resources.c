/* Resources in `info`. Its own file as one of its subjects. */
#include "analyzer/reports/info_resources.h"

#include "analyzer/reports/resource_rows.h"
#include "analyzer/util/sum.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct counted {
    const char
        *state; /* of the first process that says it: "on", "off" or why not; NULL: none does */
    uint64_t asked, lost;
    size_t series, points, unavailable;
};

static uint64_t number_of(const struct profile_process *process, const char *name)
{
    const char *text = profile_property(process, name);

    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

static struct counted count(const struct profile *profile)
{
    struct counted counted = {.state = NULL};

    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_process *process = &profile->processes[i];
        const char *state = profile_property(process, "resources");
        uint64_t asked = number_of(process, "resources_asked");
        if (counted.state == NULL || (state != NULL && strcmp(state, "on") == 0))
            counted.state = state;
        counted.asked = asked > counted.asked ? asked : counted.asked;
        counted.lost = sum_unsigned(counted.lost, number_of(process, "resources_lost"));
    }
    for (size_t i = 0; i < profile->resources.count; i++) {
        const struct resource_series *series = &profile->resources.series[i];
        counted.series += series->count > 0;
        counted.points += series->count;
        counted.unavailable += series->count == 0;
    }
    return counted;
}

void info_resources_text(FILE *out, const struct profile *profile)
{
    struct counted counted = count(profile);
    struct resource_collector collector = resource_collector_of(profile);

    if (counted.series == 0) {
        char *state = utf8_clean(counted.state != NULL ? counted.state : "not in the trace");
        bool off = strcmp(state, "off") == 0, on = strcmp(state, "on") == 0;
        fprintf(out, "  %-20s %s%s%s\n", "resources", off ? "" : "unavailable (",
                on ? "nothing was looked at" : state, off ? "" : ")");
        free(state);
        return;
    }
    fprintf(out, "  %-20s %" PRIu64 " looks a second asked, ", "resources", counted.asked);
    if (collector.per_second > 0)
        fprintf(out, "%.3g made", collector.per_second);
    else
        fputs("unknown how many made", out);
    fprintf(out, ": %s series, %s points\n", units_exact((int64_t)counted.series).text,
            units_exact((int64_t)counted.points).text);
    fprintf(out, "  %-20s %s unavailable, %s values lost", "",
            units_exact((int64_t)counted.unavailable).text,
            units_exact((int64_t)counted.lost).text);
    if (collector.cpu_percent >= 0)
        fprintf(out, "; %.2g %% of one processor", collector.cpu_percent);
    fputc('\n', out);
}

static void write_unavailable(struct json *json, const struct profile *profile)
{
    struct resource_reasons reasons;

    resource_reasons_init(&reasons, profile);
    json_array_begin(json, "unavailable");
    for (size_t i = 0; i < reasons.count; i++) {
        json_object_begin(json, NULL);
        json_string(json, "reason", reasons.items[i].reason);
        json_string(json, "series", reasons.items[i].names);
        json_object_end(json);
    }
    json_array_end(json);
    resource_reasons_release(&reasons);
}

void info_resources_json(struct json *json, const struct profile *profile)
{
    struct counted counted = count(profile);
    struct resource_collector collector = resource_collector_of(profile);

    json_object_begin(json, "resources");
    json_string(json, "state", counted.state);
    json_uint(json, "looks_asked", counted.asked);
    if (collector.per_second > 0)
        json_double(json, "looks_delivered", collector.per_second);
    else
        json_null(json, "looks_delivered");
    if (collector.cpu_percent >= 0)
        json_double(json, "cpu_percent", collector.cpu_percent);
    else
        json_null(json, "cpu_percent");
    json_uint(json, "series", counted.series);
    json_uint(json, "points", counted.points);
    json_uint(json, "lost", counted.lost);
    write_unavailable(json, profile);
    json_object_end(json);
}
