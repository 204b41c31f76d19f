/*
 * diff_json.h.
 */
#include "analyzer/reports/diff_json.h"

#include "analyzer/util/json.h"

#include <math.h>

static void write_change(struct json *json, const char *key, const struct change *change)
{
    json_object_begin(json, key);
    json_double(json, "before", change->before);
    json_double(json, "after", change->after);
    json_double(json, "difference", change_difference(change));
    json_double(json, "low", change->known ? change->low : NAN);
    json_double(json, "high", change->known ? change->high : NAN);
    json_double(json, "p", change->known ? change->p : NAN);
    json_bool(json, "tested", change->tested);
    json_bool(json, "significant", change->significant);
    json_object_end(json);
}

static void write_runs(struct json *json, const char *key, const struct diff *diff,
                       enum diff_side side)
{
    json_array_begin(json, key);
    for (size_t r = 0; r < diff->run_count; r++) {
        if (diff->runs[r].side != side)
            continue;
        json_object_begin(json, NULL);
        json_string(json, "path", diff->runs[r].name);
        json_int(json, "total", diff->runs[r].totals[diff->metric]);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_function(struct json *json, const struct function_change *item,
                           const struct label *label)
{
    json_object_begin(json, NULL);
    json_string(json, "function", label->name);
    json_string(json, "file", label->file);
    json_uint(json, "line", label->line);
    json_string(json, "module", label->module);
    write_change(json, "self", &item->self);
    write_change(json, "total", &item->total);
    json_object_end(json);
}

void diff_json_write(const struct diff *diff, const struct diff_changes *changes,
                     const struct labels *labels, FILE *out)
{
    const struct metric_info *info = metric_info(diff->metric);
    struct json json;

    json_init(&json, out, 2);
    json_object_begin(&json, NULL);
    json_string(&json, "schema", "profinject-diff-1");
    json_string(&json, "metric", info->name);
    json_string(&json, "unit", metric_unit_name(info->unit));
    json_string(&json, "label", info->label);
    json_bool(&json, "absolute", changes->absolute);
    json_string(&json, "basis", changes->from_runs ? "runs" : changes->judged ? "sampling" : NULL);
    json_string(&json, "part", diff->profile->part);
    write_runs(&json, "before", diff, DIFF_BEFORE);
    write_runs(&json, "after", diff, DIFF_AFTER);
    write_change(&json, "total", &changes->whole);
    json_uint(&json, "tested", changes->tested);
    json_uint(&json, "significant", changes->significant);

    json_double(&json, "detectable", changes->detectable > 0 ? changes->detectable : NAN);
    json_array_begin(&json, "functions");
    for (size_t i = 0; i < changes->count; i++)
        write_function(&json, &changes->items[i], &labels->items[changes->items[i].function]);
    json_array_end(&json);
    json_object_end(&json);
    json_finish(&json);
}
