/*
 * html_data.h. Its own file as the one that knows all parts of the document.
 */
#include "analyzer/reports/html_data.h"

#include "analyzer/reports/facts.h"
#include "analyzer/reports/html_counters.h"
#include "analyzer/reports/html_series.h"
#include "analyzer/reports/html_slices.h"
#include "analyzer/reports/html_tables.h"
#include "analyzer/reports/html_tree.h"
#include "analyzer/reports/report.h"

#include <stdlib.h>

static void fill_threads(struct html_document *document, const struct profile *profile)
{
    for (size_t i = 0; i < profile->process_count; i++)
        html_document_process(document, profile->processes[i].comm, profile->processes[i].pid);
    for (size_t i = 0; i < profile->thread_count; i++)
        html_document_thread(document, profile->threads[i].name, profile->threads[i].tid,
                             profile->threads[i].process);
    for (size_t i = 1; i < profile->region_count; i++)
        html_document_region(document, profile->regions[i].path);
}

/* Slices tell of CPU time and of time off the processor, and so of both. */
static bool is_over_time(const struct html_document *document, enum metric metric)
{
    return document->slices.slices > 0 &&
           (metric == METRIC_CPU || metric == METRIC_OFFCPU || metric == METRIC_WALL);
}

static void fill_metrics(struct html_document *document, const struct profile *profile,
                         const uint32_t *entry_of)
{
    for (int m = 0; m < METRIC_COUNT; m++) {
        enum metric metric = (enum metric)m;
        const struct metric_info *info = metric_info(metric);
        if (!profile_has_metric(profile, metric))
            continue;
        html_document_metric(document,
                             &(struct html_metric){info->name, info->title, info->label, info->unit,
                                                   info->is_signed, is_over_time(document, metric),
                                                   profile_total(profile, metric)});
        html_tree_metric(document, profile, entry_of, metric);
    }
}

/* What threads did: where, how much, and when. */
static void fill_entries(struct html_data *data, const struct profile *profile,
                         struct html_axis axis)
{
    struct html_document *document = &data->document;
    bool has_counters = profile->counter_count > 0;
    struct profile whole = *profile;

    if (has_counters)
        html_counters_places(&whole.entries, profile);
    uint32_t *entry_of = html_tree_fill(document, &whole, &data->labels);
    html_slices_fill(document, &whole, entry_of, axis);
    fill_metrics(document, &whole, entry_of);
    html_counters_fill(document, &whole, entry_of);
    if (has_counters)
        entries_release(&whole.entries);
    free(entry_of);
}

/* The whole run, or the part of it that was asked for, or is still there. */
static struct html_axis axis_of(const struct profile *profile)
{
    uint64_t start_ns = UINT64_MAX, end_ns = profile_start_ns(profile) + profile_wall_ns(profile);

    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_process *process = &profile->processes[i];
        uint64_t from_ns =
            process->start_ns > process->kept_from_ns ? process->start_ns : process->kept_from_ns;
        if (process->start_ns != 0 && from_ns < start_ns)
            start_ns = from_ns;
    }
    if (start_ns == UINT64_MAX)
        return (struct html_axis){0, 0};
    return (struct html_axis){start_ns > profile->from_ns ? start_ns : profile->from_ns,
                              end_ns < profile->to_ns ? end_ns : profile->to_ns};
}

void html_data_init(struct html_data *data, const struct profile *profile,
                    const struct report_options *options, enum label_root root)
{
    struct html_document *document = &data->document;
    struct html_axis axis = axis_of(profile);
    uint64_t origin_ns = profile_start_ns(profile);

    html_document_init(document);
    labels_init(&data->labels, profile, LABEL_BY_KIND, root);
    document->labels = data->labels.items;
    document->label_count = data->labels.count;
    if (profile->part != NULL)
        document->part = html_document_text(document, profile->part);
    if (axis.end_ns > axis.start_ns) {
        document->start_s = (double)(axis.start_ns - origin_ns) / 1e9;
        document->end_s = (double)(axis.end_ns - origin_ns) / 1e9;
    }
    html_data_facts(document, profile, options->judgement);
    fill_threads(document, profile);
    fill_entries(data, profile, axis);
    html_series_fill(document, profile, &data->labels, axis, origin_ns);
    html_resources_fill(document, profile, axis, origin_ns);
    html_relations_fill(document, profile, options->relations, &data->labels);
    document->findings = (struct html_findings){profile, &data->labels, options->judgement,
                                                options->recommendations};
    html_tables_fill(document, profile);
}

void html_data_release(struct html_data *data)
{
    html_document_release(&data->document);
    labels_release(&data->labels);
}
