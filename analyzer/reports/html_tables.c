/*
 * html_tables.h: the tables about code, threads and the program. Rows are in falling order of their
 * first column; the page sorts them again as it is asked to.
 */
#include "analyzer/reports/html_tables.h"

#include "analyzer/model/functions.h"
#include "analyzer/model/program.h"
#include "analyzer/reports/facts.h"
#include "analyzer/reports/heap_cells.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>

/* What rows are sorted by. */
struct ranked {
    double value;
    uint32_t number;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;

    if (left->value != right->value)
        return left->value > right->value ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

static size_t rank(struct ranked *order, size_t count)
{
    qsort(order, count, sizeof(*order), compare_ranked);
    return count < HTML_ROWS ? count : HTML_ROWS;
}

static void put_known(struct html_table *table, bool is_known, double number)
{
    if (is_known)
        html_table_number(table, number);
    else
        html_table_unavailable(table);
}

/* --- heap ------------------------------------------------------------------------- */

static const enum metric heap_metrics[] = {METRIC_LIVE_BYTES, METRIC_PEAK_BYTES, METRIC_ALLOC_BYTES,
                                           METRIC_ALLOC_COUNT, METRIC_TEMPORARY_COUNT};
#define HEAP_METRICS (sizeof(heap_metrics) / sizeof(heap_metrics[0]))

static void add_heap_function(struct html_document *document, struct html_table *table,
                              const struct function *function, const struct label *label)
{
    html_table_number(table, (double)function->self[METRIC_LIVE_BYTES]);
    html_table_number(table, (double)function->total[METRIC_LIVE_BYTES]);
    for (size_t i = 1; i < HEAP_METRICS; i++)
        html_table_number(table, (double)function->self[heap_metrics[i]]);
    html_table_text(document, table, label->name);
    const char *place = label->file != NULL ? label->file : label->module;
    char *text = label->file != NULL && label->line != 0
                     ? memory_printf("%s:%u", label->file, label->line)
                     : memory_strdup(place != NULL ? place : "");
    html_table_text(document, table, text);
    free(text);
}

/* Functions that allocated something themselves, most live first, then most allocated. */
static size_t rank_heap(const struct functions *functions, struct ranked *order)
{
    size_t count = 0;

    for (size_t i = 0; i < functions->count; i++) {
        const struct function *function = &functions->items[i];
        if (function->self[METRIC_ALLOC_BYTES] > 0 || function->self[METRIC_LIVE_BYTES] > 0)
            order[count++] = (struct ranked){(double)function->self[METRIC_LIVE_BYTES] +
                                                 1e-6 * (double)function->self[METRIC_ALLOC_BYTES],
                                             (uint32_t)i};
    }
    (void)rank(order, count);
    return count;
}

static void add_heap(struct html_document *document, const struct profile *profile)
{
    struct html_table about = {.name = "heap",
                               .title = "Heap by function",
                               .columns = {{"live", "bytes"},
                                           {"live, total", "bytes"},
                                           {"at the peak", "bytes"},
                                           {"allocated", "bytes"},
                                           {"allocations", "count"},
                                           {"temporary", "count"},
                                           {"function", "function"},
                                           {"place", "text"}}};
    struct functions functions;

    if (!profile_has_metric(profile, METRIC_ALLOC_BYTES))
        return;
    functions_init(&functions, profile);
    struct ranked *order = memory_alloc((functions.count + 1) * sizeof(*order));
    size_t count = rank_heap(&functions, order);
    char *note = memory_printf("%s; %s", heap_quality(profile, false).text,
                               profile->is_window
                                   ? "live: allocated in this part, and at its end still there"
                                   : "live: at the end; temporary: freed before the next one");
    about.note = note;
    struct html_table *table = html_document_table(document, &about);
    html_table_cut(document, table, count);
    for (size_t i = 0; i < count && i < HTML_ROWS; i++) {
        const struct function *function = &functions.items[order[i].number];
        add_heap_function(document, table, function, &functions.labels.items[function->label]);
    }
    free(note);
    free(order);
    functions_release(&functions);
}

/* --- threads and processes -------------------------------------------------------- */

static void put_named(struct html_document *document, struct html_table *table, const char *name,
                      int id)
{
    char *text = memory_printf("%s (%d)", name, id);

    html_table_text(document, table, text);
    free(text);
}

static void add_thread(struct html_document *document, struct html_table *table,
                       const struct profile *profile, const struct profile_thread *thread)
{
    const struct thread_time *time = &thread->time;
    bool has_memory = profile->processes[thread->process].has_memory && !thread->foreign;

    html_table_number(table, (double)thread->cpu_ns);
    put_known(table, time->known, (double)time->wall_ns);
    put_known(table, time->known && time->has_runnable, (double)time->runnable_ns);
    put_known(table, time->known, (double)time->blocked_ns);
    put_known(table, has_memory, (double)thread->memory.alloc_count);
    put_known(table, has_memory, (double)thread->memory.alloc_bytes);
    put_known(table, has_memory, (double)thread->memory.free_bytes);
    put_named(document, table, thread->name, thread->tid);
    put_named(document, table, profile->processes[thread->process].comm,
              profile->processes[thread->process].pid);
}

static void add_threads(struct html_document *document, const struct profile *profile)
{
    static const struct html_table about = {
        .name = "threads",
        .title = "Threads",
        .note = "exact: clocks, counters and the kernel's count, of the whole run",
        .columns = {{"CPU", "nanoseconds"},
                    {"wall", "nanoseconds"},
                    {"runnable", "nanoseconds"},
                    {"blocked", "nanoseconds"},
                    {"allocations", "count"},
                    {"allocated", "bytes"},
                    {"freed", "bytes"},
                    {"thread", "text"},
                    {"process", "text"}}};
    struct ranked *order = memory_alloc((profile->thread_count + 1) * sizeof(*order));
    struct html_table *table = html_document_table(document, &about);

    for (size_t i = 0; i < profile->thread_count; i++)
        order[i] = (struct ranked){(double)profile->threads[i].cpu_ns, (uint32_t)i};
    size_t count = rank(order, profile->thread_count);
    html_table_cut(document, table, profile->thread_count);
    for (size_t i = 0; i < count; i++)
        add_thread(document, table, profile, &profile->threads[order[i].number]);
    free(order);
}

static void add_processes(struct html_document *document, const struct profile *profile)
{
    static const struct html_table about = {.name = "processes",
                                            .title = "Processes",
                                            .note = "by each process's own clock",
                                            .columns = {{"CPU", "nanoseconds"},
                                                        {"wall", "nanoseconds"},
                                                        {"threads", "count"},
                                                        {"samples", "count"},
                                                        {"end", "text"},
                                                        {"process", "text"}}};
    size_t process_count = profile->process_count;

    if (process_count < 2)
        return;
    struct facts *facts = facts_of_processes(profile);
    struct ranked *order = memory_alloc(process_count * sizeof(*order));
    struct html_table *table = html_document_table(document, &about);
    for (size_t i = 0; i < process_count; i++)
        order[i] = (struct ranked){(double)facts[i].cpu_ns, (uint32_t)i};
    size_t count = rank(order, process_count);
    html_table_cut(document, table, process_count);
    for (size_t i = 0; i < count; i++) {
        const struct facts *one = &facts[order[i].number];
        html_table_number(table, (double)one->cpu_ns);
        html_table_number(table, (double)one->wall_ns);
        html_table_number(table, (double)one->threads);
        html_table_number(table, (double)one->samples);
        html_table_text(document, table, facts_end(one->root).text);
        put_named(document, table, one->root->comm, one->root->pid);
    }
    free(order);
    free(facts);
}

/* --- what the program says of itself ------------------------------------------------ */

/* CPU time by region, with that of regions inside: in one pass, there may be as many of them as
 * rows. free(). */
static int64_t *region_cpu(const struct profile *profile)
{
    int64_t *own = memory_alloc(profile->region_count * sizeof(*own));
    int64_t *all = memory_alloc(profile->region_count * sizeof(*all));

    for (size_t i = 0; i < profile->entries.count; i++) {
        int64_t *sum = &own[profile->entries.places[i].region];
        *sum = sum_signed(*sum, entries_value(&profile->entries, i, METRIC_CPU));
    }
    for (uint32_t i = 1; i < profile->region_count; i++)
        for (uint32_t at = i; at != REGION_NONE; at = profile->regions[at].parent)
            all[at] = sum_signed(all[at], own[i]);
    free(own);
    return all;
}

static void add_region(struct html_document *document, struct html_table *table,
                       const struct profile_region *region, int64_t cpu_ns)
{
    double left = (double)region->count;

    html_table_number(table, (double)cpu_ns);
    html_table_number(table, (double)region->total_ns);
    put_known(table, left > 0, (double)region->total_ns / (left > 0 ? left : 1));
    html_table_number(table, (double)region->longest_ns);
    html_table_number(table, left);
    html_table_text(document, table, region->path);
}

static void add_regions(struct html_document *document, const struct profile *profile)
{
    static const struct html_table about = {
        .name = "regions",
        .title = "Regions",
        .note = "wall time exact, of those left; CPU time sampled inside",
        .columns = {{"CPU", "nanoseconds"},
                    {"wall", "nanoseconds"},
                    {"mean", "nanoseconds"},
                    {"longest", "nanoseconds"},
                    {"left", "count"},
                    {"region", "text"}}};

    if (profile->region_count < 2)
        return;
    int64_t *cpu_ns = region_cpu(profile);
    size_t count = profile->region_count - 1;
    struct ranked *order = memory_alloc(count * sizeof(*order));
    struct html_table *table = html_document_table(document, &about);
    for (uint32_t i = 0; i < count; i++)
        order[i] = (struct ranked){(double)cpu_ns[i + 1], i + 1};
    html_table_cut(document, table, count);
    count = rank(order, count);
    for (size_t i = 0; i < count; i++)
        add_region(document, table, &profile->regions[order[i].number], cpu_ns[order[i].number]);
    free(order);
    free(cpu_ns);
}

static void add_counters(struct html_document *document, const struct profile *profile)
{
    static const char *const kinds[] = {[COUNTER_PROGRAM] = "the program's",
                                        [COUNTER_HARDWARE] = "hardware",
                                        [COUNTER_PER_THREAD] = "hardware, per thread"};
    static const struct html_table about = {
        .name = "counters",
        .title = "Counters",
        .note = "exact at the end of each process",
        .columns = {{"total", "count"}, {"counter", "text"}, {"kind", "text"}}};

    if (profile->counter_count == 0)
        return;
    struct ranked *order = memory_alloc(profile->counter_count * sizeof(*order));
    struct html_table *table = html_document_table(document, &about);
    for (size_t i = 0; i < profile->counter_count; i++)
        order[i] = (struct ranked){(double)profile->counters[i].total, (uint32_t)i};
    html_table_cut(document, table, profile->counter_count);
    size_t count = rank(order, profile->counter_count);
    for (size_t i = 0; i < count; i++) {
        const struct profile_counter *counter = &profile->counters[order[i].number];
        html_table_number(table, (double)counter->total);
        html_table_text(document, table, counter->name);
        html_table_text(document, table, kinds[counter->kind]);
    }
    free(order);
}

void html_tables_fill(struct html_document *document, const struct profile *profile)
{
    add_heap(document, profile);
    html_tables_waits(document, profile);
    add_threads(document, profile);
    add_processes(document, profile);
    add_regions(document, profile);
    add_counters(document, profile);
}
