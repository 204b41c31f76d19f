/*
 * `diff --format html`: two sides as one page. Its own file as one output: what it fills of the
 * document is what is true of both sides; neither has a common axis of time with the other.
 *
 * Threads of equal names of programs of equal names are one: the runs' own have no others to be
 * compared with.
 */
#include "analyzer/model/diff_changes.h"
#include "analyzer/model/diff_functions.h"
#include "analyzer/reports/html_page.h"
#include "analyzer/reports/html_tree.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/roots.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define ROWS_MOST 1000

struct page {
    struct html_document document;
    const struct diff *diff;
    const struct diff_changes *changes;
    struct labels labels;  /* of the document */
    struct profile joined; /* of the diff's, with the threads that are one as one; not freed */
    struct profile_process *processes;
    struct profile_thread *threads;
    struct profile_place *places;
    uint32_t *entry_of;
};

struct thread_key {
    const char *comm, *name;
};

static void join_threads(struct page *page)
{
    const struct profile *profile = page->diff->profile;
    struct key_table *comms = key_table_new(sizeof(const char *));
    struct key_table *names = key_table_new(sizeof(struct thread_key));
    uint32_t *number_of = memory_alloc((profile->thread_count + 1) * sizeof(*number_of));
    struct profile *joined = &page->joined;

    *joined = *profile;
    joined->process_count = joined->thread_count = 0;
    joined->processes = page->processes =
        memory_alloc((profile->process_count + 1) * sizeof(*page->processes));
    joined->threads = page->threads =
        memory_alloc((profile->thread_count + 1) * sizeof(*page->threads));
    joined->entries.places = page->places =
        memory_alloc((profile->entries.count + 1) * sizeof(*page->places));
    for (size_t i = 0; i < profile->thread_count; i++) {
        const struct profile_thread *thread = &profile->threads[i];
        const struct profile_process *process = &profile->processes[thread->process];
        struct thread_key key = {process->comm, thread->name};
        uint32_t at = key_table_add(comms, &key.comm, (uint32_t)joined->process_count);
        if (at == joined->process_count)
            page->processes[joined->process_count++] = *process;
        number_of[i] = key_table_add(names, &key, (uint32_t)joined->thread_count);
        if (number_of[i] == joined->thread_count) {
            page->threads[joined->thread_count] = *thread;
            page->threads[joined->thread_count++].process = at;
        }
    }
    for (size_t i = 0; i < profile->entries.count; i++) {
        page->places[i] = profile->entries.places[i];
        page->places[i].thread = number_of[page->places[i].thread];
    }
    key_table_free(comms);
    key_table_free(names);
    free(number_of);
}

static bool has_metric(const struct diff *diff, enum metric metric)
{
    bool has = true;

    for (size_t r = 0; r < diff->run_count; r++)
        has &= (diff->runs[r].present >> metric & 1) != 0;
    return has;
}

/* Both columns of a metric. */
static void fill_metric(struct page *page, enum metric metric)
{
    const struct metric_info *info = metric_info(metric);
    char *twin = memory_printf("%s:before", info->name);
    int64_t *columns[DIFF_SIDES];
    int64_t total = 0;

    columns[DIFF_BEFORE] = html_document_column(&page->document, twin);
    columns[DIFF_AFTER] = html_document_column(&page->document, info->name);
    for (int side = 0; side < DIFF_SIDES; side++) {
        int64_t *values = diff_values(page->diff, metric, (enum diff_side)side);
        for (size_t i = 0; i < page->joined.entries.count; i++) {
            columns[side][page->entry_of[i]] += values[i];
            total += side == DIFF_AFTER ? values[i] : 0;
        }
        free(values);
    }
    html_document_metric(&page->document,
                         &(struct html_metric){info->name, info->title, info->label, info->unit,
                                               info->is_signed, false, total});
    free(twin);
}

/* The one that was asked for is what the page begins with. */
static void fill_metrics(struct page *page)
{
    fill_metric(page, page->diff->metric);
    for (int metric = 0; metric < METRIC_COUNT; metric++)
        if (metric != (int)page->diff->metric && has_metric(page->diff, (enum metric)metric))
            fill_metric(page, (enum metric)metric);
}

static void number_or_none(struct html_table *table, double number, bool known)
{
    if (known)
        html_table_number(table, number);
    else
        html_table_unavailable(table);
}

static void fill_changes(struct page *page, const struct labels *functions)
{
    const struct diff_changes *changes = page->changes;
    double scale = changes->absolute ? 1 : 100;
    const char *unit =
        changes->absolute ? metric_unit_name(metric_info(page->diff->metric)->unit) : "percent";
    struct html_table *table = html_document_table(
        &page->document,
        &(struct html_table){.name = "changes",
                             .title = "Changes by function",
                             .note = "of what the functions did themselves; 95 % intervals; "
                                     "significant among all functions",
                             .columns = {{"before", unit},
                                         {"after", unit},
                                         {"change", unit},
                                         {"at least", unit},
                                         {"at most", unit},
                                         {"", "text"},
                                         {"function", "text"}},
                             .column_count = 7});

    for (size_t i = 0; i < changes->count && i < ROWS_MOST; i++) {
        const struct change *self = &changes->items[i].self;
        const char *sure = !self->known        ? "unknown"
                           : !self->tested     ? "too little to tell"
                           : self->significant ? "significant"
                                               : "may be chance";
        html_table_number(table, scale * self->before);
        html_table_number(table, scale * self->after);
        html_table_number(table, scale * change_difference(self));
        number_or_none(table, scale * self->low, self->known);
        number_or_none(table, scale * self->high, self->known);
        html_table_text(&page->document, table, sure);
        html_table_text(&page->document, table, functions->items[changes->items[i].function].name);
    }
}

/* The path of a side's only recording, or how many there are. */
static const char *side_text(struct page *page, enum diff_side side)
{
    const struct diff *diff = page->diff;
    char *text = memory_printf("%zu recordings", diff->side_runs[side]);

    for (size_t r = 0; r < diff->run_count && diff->side_runs[side] == 1; r++)
        if (diff->runs[r].side == side) {
            free(text);
            text = memory_strdup(diff->runs[r].name);
        }
    const char *kept = strings_intern(page->document.strings, text);
    free(text);
    return kept;
}

static void fill_header(struct page *page, const struct report_options *options)
{
    struct html_document *document = &page->document;
    const struct diff *diff = page->diff;
    const struct metric_info *info = metric_info(diff->metric);

    document->title = options->title != NULL           ? options->title
                      : page->joined.process_count > 0 ? page->processes[0].comm
                                                       : "empty recordings";
    document->part = diff->profile->part;
    document->diff = (struct html_diff){
        side_text(page, DIFF_BEFORE),
        side_text(page, DIFF_AFTER),
        !diff->absolute,
        {(unsigned)diff->side_runs[DIFF_BEFORE], (unsigned)diff->side_runs[DIFF_AFTER]}};
    for (int side = 0; side < DIFF_SIDES; side++) {
        double total = diff_mean_total(diff, diff->metric, (enum diff_side)side);
        char *name = memory_printf("%s %s", info->title, side == DIFF_BEFORE ? "before" : "after");
        html_document_fact(document, name, metric_text(diff->metric, llround(total)).text);
        free(name);
    }
    html_document_fact(document, "changes",
                       !page->changes->judged ? "one recording a side: chance is not known"
                       : page->changes->significant > 0
                           ? units_exact((int64_t)page->changes->significant).text
                           : "none significant");
}

static int write_html(const struct profile *profile, const struct report_options *options,
                      FILE *out, struct problem *problem)
{
    struct page page = {.diff = options->diff, .changes = options->changes};
    struct labels functions;

    (void)problem;
    join_threads(&page);
    html_document_init(&page.document);
    labels_init(&functions, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    labels_init(&page.labels, &page.joined, LABEL_BY_KIND, report_root(profile, options));
    page.document.labels = page.labels.items;
    page.document.label_count = page.labels.count;
    fill_header(&page, options);
    for (size_t i = 0; i < page.joined.process_count; i++)
        html_document_process(&page.document, page.processes[i].comm, page.processes[i].pid);
    for (size_t i = 0; i < page.joined.thread_count; i++)
        html_document_thread(&page.document, page.threads[i].name, page.threads[i].tid,
                             page.threads[i].process);
    for (size_t i = 1; i < profile->region_count; i++)
        html_document_region(&page.document, profile->regions[i].path);
    page.entry_of = html_tree_fill(&page.document, &page.joined, &page.labels);
    fill_metrics(&page);
    fill_changes(&page, &functions);
    html_page_write(&page.document, out);
    html_document_release(&page.document);
    labels_release(&page.labels);
    labels_release(&functions);
    free(page.processes);
    free(page.threads);
    free(page.places);
    free(page.entry_of);
    return 0;
}

const struct report report_diff_html = {.name = "html", .write = write_html};
