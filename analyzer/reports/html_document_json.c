/*
 * A document as JSON. Its own file beside html_document.c, which fills it: form here, contents there.
 */
#include "analyzer/reports/html_document.h"

#include "analyzer/util/json.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/utf8.h"
#include "preload/contract/identity.h"

#include <stdlib.h>
#include <string.h>

#define LINE_DEPTH 1
#define NONE (-1)

/* --- columns -------------------------------------------------------------------- */

enum column_form { PLAIN, DELTA };

static void write_numbers(struct json *json, const char *key, const uint32_t *numbers, size_t count,
                          enum column_form form)
{
    int64_t *values = memory_alloc((count + 1) * sizeof(*values));

    for (size_t i = 0; i < count; i++)
        values[i] = (int64_t)numbers[i] - (form == DELTA && i > 0 ? (int64_t)numbers[i - 1] : 0);
    json_column(json, key, values, count);
    free(values);
}

static void write_lengths(struct json *json, const char *key, const uint64_t *lengths, size_t count)
{
    int64_t *values = memory_alloc((count + 1) * sizeof(*values));

    for (size_t i = 0; i < count; i++)
        values[i] = (int64_t)lengths[i];
    json_column(json, key, values, count);
    free(values);
}

/* As one value each, or, where most are 0, as numbers of entries with their values. */
static void write_values(struct json *json, const struct html_column *column, size_t count)
{
    uint32_t *index = memory_alloc((count + 1) * sizeof(*index));
    size_t filled = 0;

    for (uint32_t i = 0; i < count; i++)
        if (column->values[i] != 0)
            index[filled++] = i;
    if (filled * 2 > count) {
        json_column(json, column->name, column->values, count);
    } else {
        int64_t *values = memory_alloc((filled + 1) * sizeof(*values));
        for (size_t i = 0; i < filled; i++)
            values[i] = column->values[index[i]];
        json_object_begin(json, column->name);
        write_numbers(json, "index", index, filled, DELTA);
        json_column(json, "value", values, filled);
        json_object_end(json);
        free(values);
    }
    free(index);
}

/* --- what there is --------------------------------------------------------------- */

static void write_facts(struct json *json, const struct html_document *document)
{
    json_array_begin(json, "facts");
    for (size_t i = 0; i < document->fact_count; i++) {
        json_array_begin(json, NULL);
        json_string(json, NULL, document->facts[i][0]);
        json_string(json, NULL, document->facts[i][1]);
        json_array_end(json);
    }
    json_array_end(json);
    json_string(json, "why", document->why);
    json_string(json, "end", document->end);
    json_string(json, "part", document->part);
    json_array_begin(json, "messages");
    for (size_t i = 0; i < document->message_count; i++)
        json_string(json, NULL, document->messages[i]);
    json_array_end(json);
    json_double(json, "start_s", document->start_s);
    json_double(json, "end_s", document->end_s);
}

static void write_metrics(struct json *json, const struct html_document *document)
{
    json_array_begin(json, "metrics");
    for (size_t i = 0; i < document->metric_count; i++) {
        const struct html_metric *metric = &document->metrics[i];
        json_object_begin(json, NULL);
        json_string(json, "name", metric->name);
        json_string(json, "title", metric->title);
        json_string(json, "label", metric->label);
        json_string(json, "unit", metric_unit_name(metric->unit));
        json_bool(json, "signed", metric->is_signed);
        json_bool(json, "over_time", metric->over_time);
        json_int(json, "total", metric->total);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_threads(struct json *json, const struct html_document *document)
{
    json_array_begin(json, "processes");
    for (size_t i = 0; i < document->process_count; i++) {
        json_object_begin(json, NULL);
        json_string(json, "comm", document->processes[i].comm);
        json_int(json, "pid", document->processes[i].pid);
        json_object_end(json);
    }
    json_array_end(json);
    json_array_begin(json, "threads");
    for (size_t i = 0; i < document->thread_count; i++) {
        json_object_begin(json, NULL);
        json_string(json, "name", document->threads[i].name);
        json_int(json, "tid", document->threads[i].tid);
        json_uint(json, "process", document->threads[i].process);
        json_object_end(json);
    }
    json_array_end(json);
    json_array_begin(json, "regions");
    for (size_t i = 0; i < document->region_count; i++)
        json_string(json, NULL, document->regions[i]);
    json_array_end(json);
}

/* --- labels ----------------------------------------------------------------------- */

/* Names many labels share, once each: the array of that key; numbers into `column`. */
static void write_shared(struct json *json, const char *key, const struct html_document *document,
                         size_t offset, int64_t *column)
{
    struct key_table *numbers = key_table_new(sizeof(const char *));
    uint32_t count = 0;

    json_array_begin(json, key);
    for (size_t i = 0; i < document->label_count; i++) {
        const char *const *name =
            (const char *const *)((const char *)&document->labels[i] + offset);
        column[i] = NONE;
        if (*name == NULL)
            continue;
        column[i] = key_table_add(numbers, name, count);
        if (column[i] == count) {
            char *clean = utf8_clean(*name);
            json_string(json, NULL, clean);
            free(clean);
            count++;
        }
    }
    json_array_end(json);
    key_table_free(numbers);
}

static void write_labels(struct json *json, const struct html_document *document)
{
    size_t count = document->label_count;
    int64_t *files = memory_alloc((count + 1) * sizeof(*files));
    int64_t *modules = memory_alloc((count + 1) * sizeof(*modules));
    uint32_t *column = memory_alloc((count + 1) * sizeof(*column));

    write_shared(json, "files", document, offsetof(struct label, file), files);
    write_shared(json, "modules", document, offsetof(struct label, module), modules);
    json_object_begin(json, "labels");
    json_array_begin(json, "name");
    for (size_t i = 0; i < count; i++)
        json_string(json, NULL, document->labels[i].name);
    json_array_end(json);
    json_column(json, "file", files, count);
    json_column(json, "module", modules, count);
    for (size_t i = 0; i < count; i++)
        column[i] = document->labels[i].line;
    write_numbers(json, "line", column, count, PLAIN);
    for (size_t i = 0; i < count; i++)
        column[i] = document->labels[i].kind;
    write_numbers(json, "kind", column, count, PLAIN);
    for (size_t i = 0; i < count; i++)
        column[i] =
            document->labels[i].kind == FRAME_MARK && profile_is_off_mark(document->labels[i].name);
    write_numbers(json, "off", column, count, PLAIN);
    json_object_end(json);
    free(column);
    free(modules);
    free(files);
}

/* --- what threads did -------------------------------------------------------------- */

static void write_nodes(struct json *json, const struct html_nodes *nodes)
{
    uint32_t *up = memory_alloc((nodes->count + 1) * sizeof(*up));

    for (uint32_t i = 1; i < nodes->count; i++)
        up[i] = i - nodes->parent[i];
    json_object_begin(json, "nodes");
    write_numbers(json, "parent", up, nodes->count, PLAIN);
    write_numbers(json, "label", nodes->label, nodes->count, PLAIN);
    json_object_end(json);
    free(up);
}

static void write_entries(struct json *json, const struct html_entries *entries)
{
    json_object_begin(json, "entries");
    write_numbers(json, "node", entries->node, entries->count, DELTA);
    write_numbers(json, "thread", entries->thread, entries->count, PLAIN);
    write_numbers(json, "region", entries->region, entries->count, PLAIN);
    json_object_begin(json, "values");
    for (size_t i = 0; i < entries->column_count; i++)
        write_values(json, &entries->columns[i], entries->count);
    json_object_end(json);
    json_object_end(json);
}

static void write_slices(struct json *json, const struct html_slices *slices)
{
    if (slices->slices == 0) {
        json_null(json, "slices");
        return;
    }
    json_object_begin(json, "slices");
    json_double(json, "width_s", (double)slices->width_ns / 1e9);
    json_uint(json, "count", slices->slices);
    write_numbers(json, "slice", slices->slice, slices->count, DELTA);
    write_numbers(json, "entry", slices->entry, slices->count, PLAIN);
    write_lengths(json, "cpu", slices->cpu_ns, slices->count);
    write_lengths(json, "off", slices->off_ns, slices->count);
    json_object_end(json);
}

static void write_series(struct json *json, const struct html_series *series)
{
    json_object_begin(json, NULL);
    json_string(json, "name", series->name);
    json_string(json, "title", series->title);
    json_string(json, "unit", series->unit);
    json_string(json, "group", series->group);
    json_string(json, "label", series->label);
    json_array_begin(json, "time");
    for (size_t i = 0; i < series->count; i++)
        json_double(json, NULL, series->time_s[i]);
    json_array_end(json);
    json_array_begin(json, "value");
    for (size_t i = 0; i < series->count; i++)
        json_double(json, NULL, series->value[i]);
    json_array_end(json);
    json_object_end(json);
}

static void write_rows(struct json *json, const struct html_table *table)
{
    size_t width = table->column_count;

    json_array_begin(json, "rows");
    for (size_t row = 0; width > 0 && (row + 1) * width <= table->count; row++) {
        json_array_begin(json, NULL);
        for (size_t i = row * width; i < (row + 1) * width; i++)
            if (table->cells[i].text != NULL)
                json_string(json, NULL, table->cells[i].text);
            else
                json_double(json, NULL, table->cells[i].number);
        json_array_end(json);
    }
    json_array_end(json);
}

static void write_table(struct json *json, const struct html_table *table)
{
    json_object_begin(json, NULL);
    json_string(json, "name", table->name);
    json_string(json, "title", table->title);
    json_string(json, "note", table->note);
    json_array_begin(json, "columns");
    for (size_t i = 0; i < table->column_count; i++) {
        json_object_begin(json, NULL);
        json_string(json, "title", table->columns[i].title);
        json_string(json, "unit", table->columns[i].unit);
        json_object_end(json);
    }
    json_array_end(json);
    write_rows(json, table);
    json_object_end(json);
}

static void write_diff(struct json *json, const struct html_diff *diff)
{
    if (diff->after == NULL) {
        json_null(json, "diff");
        return;
    }
    json_object_begin(json, "diff");
    json_string(json, "before", diff->before);
    json_string(json, "after", diff->after);
    json_bool(json, "normalised", diff->normalised);
    json_array_begin(json, "runs");
    json_uint(json, NULL, diff->runs[0]);
    json_uint(json, NULL, diff->runs[1]);
    json_array_end(json);
    json_object_end(json);
}

void html_document_write(const struct html_document *document, FILE *out)
{
    struct json json;

    json_init(&json, out, LINE_DEPTH);
    json_object_begin(&json, NULL);
    json_string(&json, "schema", "profinject-html-1");
    json_string(&json, "generator", "profinject " PROFINJECT_VERSION);
    json_string(&json, "title", document->title);
    write_facts(&json, document);
    write_metrics(&json, document);
    write_threads(&json, document);
    write_labels(&json, document);
    write_nodes(&json, &document->nodes);
    write_entries(&json, &document->entries);
    write_slices(&json, &document->slices);
    json_array_begin(&json, "series");
    for (size_t i = 0; i < document->series_count; i++)
        write_series(&json, &document->series[i]);
    json_array_end(&json);
    html_resources_write(&json, &document->resources);
    html_relations_write(&json, &document->relations);
    html_judgement_write(&json, &document->findings);
    json_array_begin(&json, "tables");
    for (size_t i = 0; i < document->table_count; i++)
        write_table(&json, &document->tables[i]);
    json_array_end(&json);
    write_diff(&json, &document->diff);
    json_object_end(&json);
    json_finish(&json);
}
