/* Waits in `info`. Its own file as one of its subjects. */
#include "analyzer/reports/info_waits.h"

#include "analyzer/model/wait_coverage.h"
#include "analyzer/util/sum.h"
#include "analyzer/util/units.h"

#include <stdlib.h>
#include <string.h>

static uint64_t number_of(const struct profile_process *process, const char *name)
{
    const char *text = profile_property(process, name);

    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

/* Of all processes: where one recorded waits, they are on. */
struct recorded {
    bool told, on;
    uint64_t threshold_ns, lost, waits;
};

static struct recorded recorded_of(const struct profile *profile)
{
    struct recorded recorded = {.told = false};

    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_process *process = &profile->processes[i];
        uint64_t threshold_ns = number_of(process, "wait_threshold_ns");
        recorded.told |= profile_property(process, "waits") != NULL || process->has_waits;
        recorded.on |= process->has_waits;
        recorded.lost = sum_unsigned(recorded.lost, number_of(process, "waits_lost"));
        if (threshold_ns > recorded.threshold_ns)
            recorded.threshold_ns = threshold_ns;
    }
    for (size_t i = 0; i < profile->wait_count; i++)
        recorded.waits += profile->waits[i].sums.count + profile->waits[i].sums.open;
    return recorded;
}

static void write_coverage(FILE *out, const struct wait_coverage *coverage)
{
    double blocked = (double)coverage->blocked;

    if (coverage->blocked == 0)
        return;
    fprintf(out, "  %-20s %s by the kernel's count: %s in hooked calls, ", "blocked",
            units_duration((int64_t)coverage->blocked).text,
            units_percent((double)coverage->hooked, blocked).text);
    if (coverage->looked > 0)
        fprintf(out, "%s found by looks, ", units_percent((double)coverage->looked, blocked).text);
    fprintf(out, "%s of no known place\n", units_percent((double)coverage->unplaced, blocked).text);
}

void info_waits_text(FILE *out, const struct profile *profile)
{
    struct recorded recorded = recorded_of(profile);
    struct wait_coverage coverage = wait_coverage_of(profile);

    if (!recorded.told)
        fprintf(out, "  %-20s unavailable (not in the trace: record with --waits on)\n", "waits");
    else if (!recorded.on)
        fprintf(out, "  %-20s off\n", "waits");
    else
        fprintf(out, "  %-20s %s, in calls of %s and more; %s lost\n", "waits",
                units_exact((int64_t)recorded.waits).text,
                units_duration((int64_t)recorded.threshold_ns).text,
                units_exact((int64_t)recorded.lost).text);
    if (profile->singles_left > 0)
        fprintf(out,
                "  %-20s %s more are in the sums only: not in convoys, chains and lock order\n",
                "single waits", units_exact((int64_t)profile->singles_left).text);
    write_coverage(out, &coverage);
}

void info_waits_json(struct json *json, const struct profile *profile)
{
    struct recorded recorded = recorded_of(profile);
    struct wait_coverage coverage = wait_coverage_of(profile);

    if (!recorded.told) {
        json_null(json, "waits");
        return;
    }
    json_object_begin(json, "waits");
    json_bool(json, "on", recorded.on);
    json_uint(json, "threshold_ns", recorded.threshold_ns);
    json_uint(json, "count", recorded.waits);
    json_uint(json, "lost", recorded.lost);
    if (coverage.blocked > 0) {
        json_uint(json, "blocked_ns", coverage.blocked);
        json_uint(json, "hooked_ns", coverage.hooked);
        json_uint(json, "looked_ns", coverage.looked);
        json_uint(json, "unplaced_ns", coverage.unplaced);
    } else {
        json_null(json, "blocked_ns");
    }
    json_object_end(json);
}
