/*
 * Filling a document. Its own file beside html_document_json.c, which writes it.
 */
#include "analyzer/reports/html_document.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *html_document_text(struct html_document *document, const char *text)
{
    char *clean = utf8_clean(text != NULL ? text : "");
    const char *taken = strings_intern(document->strings, clean);

    free(clean);
    return taken;
}

void html_document_init(struct html_document *document)
{
    memset(document, 0, sizeof(*document));
    document->strings = strings_new();
    document->title = "";
    html_document_region(document, "");
}

static void release_columns(struct html_entries *entries)
{
    for (size_t i = 0; i < entries->column_count; i++)
        free(entries->columns[i].values);
    free(entries->columns);
    free(entries->node);
    free(entries->thread);
    free(entries->region);
}

void html_document_release(struct html_document *document)
{
    release_columns(&document->entries);
    html_relations_release(&document->relations);
    html_resources_release(&document->resources);
    for (size_t i = 0; i < document->series_count; i++) {
        free(document->series[i].time_s);
        free(document->series[i].value);
    }
    for (size_t i = 0; i < document->table_count; i++)
        free(document->tables[i].cells);
    free(document->series);
    free(document->tables);
    free(document->facts);
    free(document->messages);
    free(document->metrics);
    free(document->processes);
    free(document->threads);
    free(document->regions);
    free(document->nodes.parent);
    free(document->nodes.label);
    free(document->slices.slice);
    free(document->slices.entry);
    free(document->slices.cpu_ns);
    free(document->slices.off_ns);
    strings_free(document->strings);
}

void html_document_fact(struct html_document *document, const char *name, const char *text)
{
    document->facts = memory_grow(document->facts, document->fact_count, &document->fact_capacity,
                                  sizeof(*document->facts));
    document->facts[document->fact_count][0] = html_document_text(document, name);
    document->facts[document->fact_count++][1] = html_document_text(document, text);
}

void html_document_message(struct html_document *document, const char *text)
{
    document->messages = memory_grow(document->messages, document->message_count,
                                     &document->message_capacity, sizeof(*document->messages));
    document->messages[document->message_count++] = html_document_text(document, text);
}

void html_document_metric(struct html_document *document, const struct html_metric *metric)
{
    struct html_metric copy = *metric;

    copy.name = html_document_text(document, metric->name);
    copy.title = html_document_text(document, metric->title);
    copy.label = html_document_text(document, metric->label);
    document->metrics = memory_grow(document->metrics, document->metric_count,
                                    &document->metric_capacity, sizeof(*document->metrics));
    document->metrics[document->metric_count++] = copy;
}

void html_document_process(struct html_document *document, const char *comm, int32_t pid)
{
    document->processes = memory_grow(document->processes, document->process_count,
                                      &document->process_capacity, sizeof(*document->processes));
    document->processes[document->process_count++] =
        (struct html_process){html_document_text(document, comm), pid};
}

void html_document_thread(struct html_document *document, const char *name, int32_t tid,
                          uint32_t process)
{
    document->threads = memory_grow(document->threads, document->thread_count,
                                    &document->thread_capacity, sizeof(*document->threads));
    document->threads[document->thread_count++] =
        (struct html_thread){html_document_text(document, name), tid, process};
}

void html_document_region(struct html_document *document, const char *path)
{
    document->regions = memory_grow(document->regions, document->region_count,
                                    &document->region_capacity, sizeof(*document->regions));
    document->regions[document->region_count++] = html_document_text(document, path);
}

int64_t *html_document_column(struct html_document *document, const char *name)
{
    struct html_entries *entries = &document->entries;
    int64_t *values = memory_alloc(entries->count * sizeof(*values));

    entries->columns = memory_grow(entries->columns, entries->column_count,
                                   &entries->column_capacity, sizeof(*entries->columns));
    entries->columns[entries->column_count++] =
        (struct html_column){html_document_text(document, name), values};
    return values;
}

struct html_series *html_document_series(struct html_document *document,
                                         const struct html_series *about, size_t count)
{
    document->series = memory_grow(document->series, document->series_count,
                                   &document->series_capacity, sizeof(*document->series));
    struct html_series *series = &document->series[document->series_count++];
    *series = (struct html_series){
        .name = html_document_text(document, about->name),
        .title = html_document_text(document, about->title),
        .unit = html_document_text(document, about->unit),
        .group = html_document_text(document, about->group),
        .label = html_document_text(document, about->label),
        .time_s = memory_alloc(count * sizeof(double)),
        .value = memory_alloc(count * sizeof(double)),
        .count = count,
    };
    return series;
}

struct html_table *html_document_table(struct html_document *document,
                                       const struct html_table *about)
{
    document->tables = memory_grow(document->tables, document->table_count,
                                   &document->table_capacity, sizeof(*document->tables));
    struct html_table *table = &document->tables[document->table_count++];
    *table = *about;
    table->name = html_document_text(document, about->name);
    table->title = html_document_text(document, about->title);
    table->note = html_document_text(document, about->note);
    table->column_count = 0;
    while (table->column_count < HTML_COLUMNS && about->columns[table->column_count].title != NULL)
        table->column_count++;
    return table;
}

static void add_cell(struct html_table *table, struct html_cell cell)
{
    table->cells = memory_grow(table->cells, table->count, &table->capacity, sizeof(cell));
    table->cells[table->count++] = cell;
}

void html_table_number(struct html_table *table, double number)
{
    add_cell(table, (struct html_cell){.number = number});
}

void html_table_cut(struct html_document *document, struct html_table *table, size_t count)
{
    if (count <= HTML_ROWS)
        return;
    char *note = memory_printf("%s; the first %u of %zu", table->note, HTML_ROWS, count);
    table->note = html_document_text(document, note);
    free(note);
}

void html_table_unavailable(struct html_table *table)
{
    html_table_number(table, NAN);
}

void html_table_text(struct html_document *document, struct html_table *table, const char *text)
{
    add_cell(table, (struct html_cell){.text = html_document_text(document, text)});
}
