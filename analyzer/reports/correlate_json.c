/* correlate_json.h. Its own file because a document is neither sentences nor tables. */
#include "analyzer/reports/correlate_json.h"

#include "analyzer/reports/facts_json.h"
#include "analyzer/reports/judgement_json.h"
#include "analyzer/util/json.h"
#include "analyzer/util/utf8.h"

#include <math.h>
#include <stdlib.h>

#define LINE_DEPTH 4

static void put_relation(struct json *json, const struct relation *relation)
{
    bool known = relation->insufficient == NULL;

    json_object_begin(json, "relation");
    json_string(json, "insufficient", relation->insufficient);
    json_uint(json, "cells", relation->cells);
    json_double(json, "effective", known ? relation->effective : NAN);
    json_double(json, "pearson", relation->pearson);
    json_double(json, "spearman", relation->spearman);
    json_double(json, "strength", relation->strength);
    json_double(json, "low", known ? relation->low : NAN);
    json_double(json, "high", known ? relation->high : NAN);
    json_double(json, "lag_s", isnan(relation->strength) ? NAN : relation->lag_s);
    json_double(json, "lag_low_s", known ? relation->lag_low_s : NAN);
    json_double(json, "lag_high_s", known ? relation->lag_high_s : NAN);
    json_double(json, "p", known ? relation->p : NAN);
    json_double(json, "q", known ? relation->q : NAN);
    json_bool(json, "significant", relation->significant);
    json_object_end(json);
}

static void put_named(struct json *json, const struct relations *relations)
{
    json_array_begin(json, "named");
    for (size_t i = 0; i < NAMED_RELATIONS; i++) {
        json_object_begin(json, NULL);
        json_string(json, "name", relations->named[i].name);
        json_string(json, "first", relations->named[i].first);
        json_string(json, "second", relations->named[i].second);
        put_relation(json, &relations->named[i].relation);
        json_object_end(json);
    }
    json_array_end(json);
}

static void put_cause(struct json *json, const struct relation_cause *cause,
                      const struct profile *profile)
{
    const struct frame *frame = &profile->frames[cause->frame];

    json_object_begin(json, NULL);
    json_text(json, "function", frame->function);
    facts_json_place(json, frame->file, frame->decl_line, frame->module);
    json_string(json, "activity", relation_activity_name(cause->activity));
    json_double(json, "amount", cause->amount);
    json_double(json, "share", cause->share);
    json_double(json, "share_of_time", cause->share_of_time);
    json_double(json, "explained", cause->explained);
    facts_json_stack(json, "frames", profile, cause->stack);
    put_relation(json, &cause->relation);
    json_object_end(json);
}

static void put_summary(struct json *json, const struct relation_series *series, size_t cells)
{
    struct relation_range range = relation_series_range(series, cells);

    json_double(json, "mean", range.mean);
    json_double(json, "least", range.least);
    json_double(json, "most", range.most);
    json_double(json, "total", series->total);
}

static void put_series(struct json *json, const struct relation_series *series,
                       const struct profile *profile, size_t cells)
{
    bool has_process = series->process < profile->process_count;

    json_object_begin(json, NULL);
    json_text(json, "name", series->name);
    json_text(json, "subject", series->subject);
    json_text(json, "unit", series->unit);
    json_string(json, "scope", resource_scope_name(series->scope));
    if (has_process)
        json_int(json, "pid", profile->processes[series->process].pid);
    else
        json_null(json, "pid");
    json_text(json, "comm", has_process ? profile->processes[series->process].comm : NULL);
    json_string(json, "related", series->form == RELATION_OF_CHANGES ? "changes" : "values");
    json_uint(json, "parts", series->parts);
    json_uint(json, "cells", series->known);
    put_summary(json, series, cells);
    json_text(json, "insufficient", series->insufficient);
    json_array_begin(json, "functions");
    for (size_t i = 0; i < series->cause_count; i++)
        put_cause(json, &series->causes[i], profile);
    json_array_end(json);
    json_object_end(json);
}

static void put_pairs(struct json *json, const struct relations *relations)
{
    json_array_begin(json, "pairs");
    for (size_t i = 0; i < relations->pair_count; i++) {
        json_object_begin(json, NULL);
        json_uint(json, "first", relations->pairs[i].first);
        json_uint(json, "second", relations->pairs[i].second);
        put_relation(json, &relations->pairs[i].relation);
        json_object_end(json);
    }
    json_array_end(json);
}

void correlate_json_write(const struct relations *relations, const struct judgement *judgement,
                          const struct profile *profile, FILE *out)
{
    struct json json;

    json_init(&json, out, LINE_DEPTH);
    json_object_begin(&json, NULL);
    json_string(&json, "schema", "profinject-correlate-1");
    judgement_json(&json, profile, judgement);
    json_string(&json, "insufficient", relations->insufficient);
    json_object_begin(&json, "grid");
    json_uint(&json, "start_monotonic_ns", relations->grid.start_ns);
    json_double(&json, "width_s", (double)relations->grid.width_ns * 1e-9);
    json_uint(&json, "cells", relations->grid.cells);
    json_uint(&json, "cells_least", RELATIONS_CELLS_LEAST);
    json_object_end(&json);
    json_uint(&json, "functions", relations->functions);
    json_uint(&json, "functions_left", relations->functions_left);
    json_uint(&json, "series_left", relations->series_left);
    json_uint(&json, "tested", relations->tested);
    json_uint(&json, "significant", relations->significant);
    put_named(&json, relations);
    json_array_begin(&json, "series");
    for (size_t i = 0; i < relations->series_count; i++)
        put_series(&json, &relations->series[i], profile, relations->grid.cells);
    json_array_end(&json);
    put_pairs(&json, relations);
    json_array_begin(&json, "messages");
    for (size_t i = 0; i < profile->message_count; i++)
        json_string(&json, NULL, profile->messages[i]);
    json_array_end(&json);
    json_object_end(&json);
    json_finish(&json);
}
