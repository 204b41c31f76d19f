/* The handler's own cost in `info`. Its own file because it is there only when asked for. */
#include "analyzer/reports/info_handler.h"

#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <inttypes.h>
#include <stdlib.h>

#define ROW "  %-20s "

static double per_frame(const struct handler_cost *cost)
{
    return cost->frames > 0 ? histogram_sum(&cost->duration_ns) / (double)cost->frames : 0;
}

void info_handler_json(struct json *json, const struct handler_cost *cost)
{
    const struct histogram *ns = &cost->duration_ns;

    if (histogram_count(ns) == 0) {
        json_string(json, "handler", NULL);
        return;
    }
    json_object_begin(json, "handler");
    json_uint(json, "measured", histogram_count(ns));
    json_double(json, "p50_ns", histogram_quantile(ns, 0.5));
    json_double(json, "p90_ns", histogram_quantile(ns, 0.9));
    json_double(json, "p99_ns", histogram_quantile(ns, 0.99));
    json_uint(json, "longest_ns", cost->longest_ns);
    json_double(json, "total_ns", histogram_sum(ns));
    json_double(json, "ns_per_frame", per_frame(cost));
    json_double(json, "depth_p50", histogram_quantile(&cost->depth, 0.5));
    json_uint(json, "frames", cost->frames);
    json_uint(json, "frames_reused", cost->reused);
    json_uint(json, "rules_hit", cost->rules_hit);
    json_uint(json, "rules_made", cost->rules_made);
    json_object_end(json);
}

void info_handler_text(FILE *out, const struct handler_cost *cost)
{
    const struct histogram *ns = &cost->duration_ns;

    if (histogram_count(ns) == 0)
        return;
    fprintf(out, ROW "p50 %.0f, p90 %.0f, p99 %.0f, longest %" PRIu64 " ns\n", "handler",
            histogram_quantile(ns, 0.5), histogram_quantile(ns, 0.9), histogram_quantile(ns, 0.99),
            cost->longest_ns);
    fprintf(out, ROW "%.1f ns each, median depth %.0f, %s taken from the walk before\n", "frames",
            per_frame(cost), histogram_quantile(&cost->depth, 0.5),
            units_percent((double)cost->reused, (double)cost->frames).text);
    fprintf(
        out, ROW "%s made, %s of %s looked up were there\n", "unwind rules",
        units_exact((int64_t)cost->rules_made).text,
        units_percent((double)cost->rules_hit, (double)cost->rules_hit + (double)cost->rules_made)
            .text,
        units_exact((int64_t)(cost->rules_hit + cost->rules_made)).text);
}

void info_losses_json(struct json *json, const struct profile *profile)
{
    json_array_begin(json, "losses");
    for (size_t i = 0; i < profile->thread_count; i++) {
        const struct profile_thread *thread = &profile->threads[i];
        if (thread->lost == 0)
            continue;
        json_object_begin(json, NULL);
        json_int(json, "pid", profile->processes[thread->process].pid);
        json_int(json, "tid", thread->tid);
        json_string(json, "name", thread->name);
        json_uint(json, "samples", thread->samples);
        json_uint(json, "lost", thread->lost);
        json_object_end(json);
    }
    json_array_end(json);
}

void info_losses_text(FILE *out, const struct profile *profile)
{
    for (size_t i = 0; i < profile->thread_count; i++) {
        const struct profile_thread *thread = &profile->threads[i];
        if (thread->lost == 0)
            continue;
        char *name = utf8_clean(thread->name);
        fprintf(out, ROW "%s by thread %d (%s)\n", "", units_exact((int64_t)thread->lost).text,
                thread->tid, name);
        free(name);
    }
}
