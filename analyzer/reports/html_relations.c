/*
 * html_relations.h. Its own file because insight's numbers of series, frames and marks become those
 * of the document here.
 */
#include "analyzer/reports/html_relations.h"

#include "analyzer/model/labels.h"
#include "analyzer/model/relations.h"
#include "analyzer/model/wait_kind.h"
#include "analyzer/reports/html_document.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE (-1)

/* --- numbers of the document --------------------------------------------------------- */

/* The document's row of a series: itself, or the one about all where there is one, or its first. */
static int64_t find_resource(const struct html_document *document, const struct profile *profile,
                             const struct relation_series *series)
{
    const struct html_resources *rows = &document->resources;
    int64_t first = NONE;

    if (series->first >= profile->resources.count)
        return NONE;
    const struct resource_series *source = &profile->resources.series[series->first];
    const char *subject =
        source->subject != NULL
            ? html_document_text((struct html_document *)document, source->subject)
            : NULL;
    for (size_t i = 0; i < rows->count && first == NONE; i++) {
        const struct html_resource *row = &rows->series[i];
        bool is_mine = row->process == NONE || row->process == (int64_t)source->process;
        if (strcmp(row->name, series->name) != 0)
            continue;
        if (row->of > 0 && series->parts > 1)
            first = (int64_t)i;
        else if (row->of == 0 && is_mine && (subject == NULL || row->subject == subject) &&
                 (row->thread == NONE || row->thread == (int64_t)source->thread ||
                  series->parts > 1))
            first = (int64_t)i;
    }
    return first;
}

static enum relation_activity activity_of_mark(const char *name)
{
    for (uint32_t kind = 1; kind < WAIT_KIND_COUNT; kind++) {
        if (strcmp(wait_kind_mark(kind), name) != 0)
            continue;
        enum metric metric = wait_kind_metric(kind);
        return metric == METRIC_IO_WAIT     ? ACTIVITY_IO_WAIT
               : metric == METRIC_LOCK_WAIT ? ACTIVITY_LOCK_WAIT
                                            : ACTIVITY_OTHER_WAIT;
    }
    return ACTIVITY_OTHER_WAIT;
}

void html_relations_fill(struct html_document *document, const struct profile *profile,
                         const struct relations *found, const struct labels *labels)
{
    struct html_relations *relations = &document->relations;

    if (found == NULL)
        return;
    relations->found = found;
    relations->labels = labels;
    relations->whose = memory_alloc((found->series_count + 1) * sizeof(*relations->whose));
    relations->resource = memory_alloc((found->series_count + 1) * sizeof(*relations->resource));
    relations->activity = memory_alloc((labels->count + 1) * sizeof(*relations->activity));
    for (size_t i = 0; i < found->series_count; i++) {
        const struct relation_series *series = &found->series[i];
        relations->resource[i] = find_resource(document, profile, series);
        if (series->process >= profile->process_count)
            continue;
        const struct profile_process *process = &profile->processes[series->process];
        char *text = memory_printf("%s (%d)", process->comm, process->pid);
        relations->whose[i] = html_document_text(document, text);
        free(text);
    }
    for (size_t i = 0; i < labels->count; i++) {
        const char *name = labels->items[i].name;
        bool waits = labels->items[i].kind == FRAME_MARK && profile_is_off_mark(name) &&
                     strcmp(name, PROFILE_MARK_RUNNABLE) != 0;
        relations->activity[i] = waits ? (int64_t)activity_of_mark(name) : NONE;
    }
}

void html_relations_release(struct html_relations *relations)
{
    free(relations->whose);
    free(relations->resource);
    free(relations->activity);
}

/* --- JSON ------------------------------------------------------------------------------ */

/* Three digits behind the point: strengths are not known better. */
static double rounded(double value)
{
    return round(value * 1000) / 1000;
}

static double digits(double value)
{
    if (!isfinite(value) || value == 0)
        return value;
    double unit = pow(10, floor(log10(fabs(value))) - 2);
    return round(value / unit) * unit;
}

static void write_relation(struct json *json, const struct relation *relation)
{
    json_object_begin(json, "relation");
    json_string(json, "reason", relation->insufficient);
    json_uint(json, "cells", relation->cells);
    if (relation->insufficient == NULL) {
        json_double(json, "effective", rounded(relation->effective));
        json_double(json, "pearson", rounded(relation->pearson));
        json_double(json, "spearman", rounded(relation->spearman));
        json_double(json, "lag_s", rounded(relation->lag_s));
        json_double(json, "lag_low_s", rounded(relation->lag_low_s));
        json_double(json, "lag_high_s", rounded(relation->lag_high_s));
        json_double(json, "strength", rounded(relation->strength));
        json_double(json, "low", rounded(relation->low));
        json_double(json, "high", rounded(relation->high));
        json_double(json, "p", digits(relation->p));
        json_double(json, "q", digits(relation->q));
        json_bool(json, "significant", relation->significant);
    }
    json_object_end(json);
}

static void write_causes(struct json *json, const struct html_relations *relations,
                         const struct relation_series *series)
{
    json_array_begin(json, "causes");
    for (size_t i = 0; i < series->cause_count; i++) {
        const struct relation_cause *cause = &series->causes[i];
        json_object_begin(json, NULL);
        json_uint(json, "label", relations->labels->of_frame[cause->frame]);
        json_int(json, "activity", cause->activity);
        json_double(json, "amount", digits(cause->amount));
        json_double(json, "share", digits(cause->share));
        json_double(json, "share_of_time", digits(cause->share_of_time));
        json_double(json, "explained", digits(cause->explained));
        write_relation(json, &cause->relation);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_series(struct json *json, const struct html_relations *relations)
{
    json_array_begin(json, "series");
    for (size_t i = 0; i < relations->found->series_count; i++) {
        const struct relation_series *series = &relations->found->series[i];
        json_object_begin(json, NULL);
        json_text(json, "name", series->name);
        json_text(json, "subject", series->subject);
        json_string(json, "whose", relations->whose[i]);
        json_text(json, "unit", series->unit);
        json_bool(json, "changes", series->form == RELATION_OF_CHANGES);
        json_uint(json, "parts", series->parts);
        json_int(json, "resource", relations->resource[i]);
        json_double(json, "total", digits(series->total));
        json_text(json, "reason", series->insufficient);
        write_causes(json, relations, series);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_named(struct json *json, const struct relations *found)
{
    json_array_begin(json, "named");
    for (size_t i = 0; i < NAMED_RELATIONS; i++) {
        if (found->named[i].name == NULL)
            continue;
        json_object_begin(json, NULL);
        json_text(json, "name", found->named[i].name);
        json_text(json, "first", found->named[i].first);
        json_text(json, "second", found->named[i].second);
        write_relation(json, &found->named[i].relation);
        json_object_end(json);
    }
    json_array_end(json);
}

struct pair_column {
    const char *key;
    double (*value)(const struct relation_pair *pair);
    bool always; /* known of pairs of which nothing can be said, too */
};

static double first_of(const struct relation_pair *pair)
{
    return pair->first;
}

static double second_of(const struct relation_pair *pair)
{
    return pair->second;
}

static double cells_of(const struct relation_pair *pair)
{
    return (double)pair->relation.cells;
}

static double strength_of(const struct relation_pair *pair)
{
    return rounded(pair->relation.strength);
}

static double lag_of(const struct relation_pair *pair)
{
    return rounded(pair->relation.lag_s);
}

static double low_of(const struct relation_pair *pair)
{
    return rounded(pair->relation.low);
}

static double high_of(const struct relation_pair *pair)
{
    return rounded(pair->relation.high);
}

static double q_of(const struct relation_pair *pair)
{
    return digits(pair->relation.q);
}

static double is_significant(const struct relation_pair *pair)
{
    return pair->relation.significant ? 1 : 0;
}

/* By columns: there are as many as half the square of the series. */
static void write_pairs(struct json *json, const struct relations *found)
{
    static const struct pair_column columns[] = {
        {"first", first_of, true},
        {"second", second_of, true},
        {"cells", cells_of, true},
        {"strength", strength_of, false},
        {"lag_s", lag_of, false},
        {"low", low_of, false},
        {"high", high_of, false},
        {"q", q_of, false},
        {"significant", is_significant, false},
    };

    json_object_begin(json, "pairs");
    for (size_t c = 0; c < sizeof(columns) / sizeof(columns[0]); c++) {
        json_array_begin(json, columns[c].key);
        for (size_t i = 0; i < found->pair_count; i++) {
            const struct relation_pair *pair = &found->pairs[i];
            bool is_known = columns[c].always || pair->relation.insufficient == NULL;
            json_double(json, NULL, is_known ? columns[c].value(pair) : NAN);
        }
        json_array_end(json);
    }
    json_array_begin(json, "reason");
    for (size_t i = 0; i < found->pair_count; i++)
        json_string(json, NULL, found->pairs[i].relation.insufficient);
    json_array_end(json);
    json_object_end(json);
}

void html_relations_write(struct json *json, const struct html_relations *relations)
{
    const struct relations *found = relations->found;

    if (found == NULL) {
        json_null(json, "relations");
        return;
    }
    json_object_begin(json, "relations");
    json_string(json, "reason", found->insufficient);
    json_double(json, "cell_s", (double)found->grid.width_ns / 1e9);
    json_uint(json, "functions", found->functions);
    json_uint(json, "tested", found->tested);
    json_uint(json, "significant", found->significant);
    json_array_begin(json, "activities");
    for (int i = 0; i < ACTIVITIES; i++)
        json_string(json, NULL, relation_activity_name((enum relation_activity)i));
    json_array_end(json);
    json_column(json, "marks", relations->activity, relations->labels->count);
    write_named(json, found);
    write_series(json, relations);
    write_pairs(json, found);
    json_object_end(json);
}
