/* Rows about resources. Its own file because what becomes one row has nothing to do with columns. */
#include "analyzer/reports/resource_rows.h"

#include "analyzer/model/resource_text.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "preload/resources/catalogue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct resource_axis resource_axis_of(const struct profile *profile, size_t cells)
{
    uint64_t start_ns = profile_start_ns(profile), length_ns = profile_wall_ns(profile);
    struct resource_axis axis = {.cells = cells};

    if (start_ns == UINT64_MAX)
        return axis;
    uint64_t end_ns = start_ns + length_ns;
    if (profile->is_window && profile->from_ns > start_ns)
        start_ns = profile->from_ns;
    if (profile->is_window && profile->to_ns < end_ns)
        end_ns = profile->to_ns;
    axis.start_ns = start_ns;
    axis.width_ns = end_ns > start_ns ? (end_ns - start_ns) / cells + 1 : 1;
    return axis;
}

static bool is_collectors(const struct resource_series *series)
{
    return strncmp(series->name, "collector.", 10) == 0;
}

static bool is_same(const struct resource_series *one, const struct resource_series *other)
{
    return one->name == other->name && one->unit == other->unit && one->process == other->process &&
           one->thread == other->thread && one->recording == other->recording;
}

static void start(struct resource_row *row, const struct resource_series *series,
                  const struct resource_summary *sum, const struct resource_axis *axis)
{
    *row = (struct resource_row){.first = series,
                                 .highest = series,
                                 .count = 1,
                                 .mean = sum->mean,
                                 .least = sum->least,
                                 .most = sum->most};
    resource_resample(series, axis->start_ns, axis->width_ns, axis->cells, row->line);
}

static void add(struct resource_rows *rows, const struct resource_series *series,
                const struct resource_axis *axis)
{
    struct resource_summary sum = resource_summarise(series, 0, UINT64_MAX);

    if (sum.known_s <= 0)
        return;
    rows->items = memory_grow(rows->items, rows->count, &rows->capacity, sizeof(*rows->items));
    start(&rows->items[rows->count++], series, &sum, axis);
}

/* `row` takes `other` in. */
static void join(struct resource_row *row, const struct resource_row *other, double *highest,
                 size_t cells)
{
    if (other->mean > *highest) {
        *highest = other->mean;
        row->highest = other->first;
    }
    row->mean += (other->mean - row->mean) / (double)++row->count;
    row->least = fmin(row->least, other->least);
    row->most = fmax(row->most, other->most);
    for (size_t i = 0; i < cells; i++) {
        if (isnan(row->line[i]))
            row->line[i] = other->line[i];
        else if (!isnan(other->line[i]))
            row->line[i] += (other->line[i] - row->line[i]) / (double)row->count;
    }
}

/* Many of one resource become one. */
static void gather(struct resource_rows *rows, size_t cells)
{
    size_t kept = 0;

    for (size_t i = 0, end; i < rows->count; i = end) {
        for (end = i + 1; end < rows->count; end++)
            if (!is_same(rows->items[i].first, rows->items[end].first))
                break;
        double highest = rows->items[i].mean;
        struct resource_row row = rows->items[i];
        for (size_t other = i + 1; other < end && end - i > RESOURCE_ROWS_EACH; other++)
            join(&row, &rows->items[other], &highest, cells);
        rows->items[kept++] = row;
        for (size_t other = i + 1; other < end && end - i <= RESOURCE_ROWS_EACH; other++)
            rows->items[kept++] = rows->items[other];
    }
    rows->count = kept;
}

/* Series come as collectors found them: processor by processor. */
static int compare_resources(const void *left, const void *right)
{
    const struct resource_row *a = left, *b = right;
    enum resource x = resource_by_name(a->first->name), y = resource_by_name(b->first->name);

    if (x != y)
        return x < y ? -1 : 1;
    if (a->first->name != b->first->name)
        return strcmp(a->first->name, b->first->name);
    return (a->first > b->first) - (a->first < b->first);
}

static void bring_together(struct resource_rows *rows, const struct resource_axis *axis)
{
    if (rows->count > 0)
        qsort(rows->items, rows->count, sizeof(*rows->items), compare_resources);
    gather(rows, axis->cells);
}

bool resource_rows_begin(const struct profile *profile, size_t number)
{
    const struct resource_series *series = &profile->resources.series[number];

    if (series->scope != RESOURCE_OF_MACHINE)
        return false;
    for (const struct resource_series *other = profile->resources.series; other < series; other++)
        if (other->scope == RESOURCE_OF_MACHINE)
            if (other->recording == series->recording)
                return false;
    return true;
}

void resource_rows_machine(struct resource_rows *rows, const struct profile *profile,
                           const struct resource_axis *axis, const char *recording)
{
    *rows = (struct resource_rows){.count = 0};
    for (size_t i = 0; i < profile->resources.count; i++) {
        const struct resource_series *series = &profile->resources.series[i];
        if (series->scope == RESOURCE_OF_MACHINE && series->recording == recording &&
            !is_collectors(series))
            add(rows, series, axis);
    }
    bring_together(rows, axis);
}

void resource_rows_process(struct resource_rows *rows, const struct profile *profile,
                           const struct resource_axis *axis, uint32_t process)
{
    *rows = (struct resource_rows){.count = 0};
    for (size_t i = 0; i < profile->resources.count; i++) {
        const struct resource_series *series = &profile->resources.series[i];
        if (series->scope == RESOURCE_OF_PROCESS && series->process == process)
            add(rows, series, axis);
    }
    bring_together(rows, axis);
}

void resource_rows_threads(struct resource_rows *rows, const struct profile *profile,
                           const struct resource_axis *axis)
{
    *rows = (struct resource_rows){.count = 0};
    for (size_t i = 0; i < profile->resources.count; i++) {
        const struct resource_series *series = &profile->resources.series[i];
        if (series->scope == RESOURCE_OF_THREAD && series->thread != RESOURCE_NOBODY &&
            strcmp(series->name, "thread.cpu") == 0)
            add(rows, series, axis);
    }
}

void resource_rows_release(struct resource_rows *rows)
{
    free(rows->items);
}

static int compare_means(const void *left, const void *right)
{
    const struct resource_row *a = left, *b = right;

    if (a->mean != b->mean)
        return a->mean > b->mean ? -1 : 1;
    return (a->first->thread > b->first->thread) - (a->first->thread < b->first->thread);
}

void resource_rows_rank(struct resource_rows *rows)
{
    if (rows->count > 0)
        qsort(rows->items, rows->count, sizeof(*rows->items), compare_means);
}

char *resource_row_name(const struct resource_row *row)
{
    const char *subject = row->highest->subject;

    if (row->count == 1)
        return resource_name(row->first);
    return memory_printf("%zu %s (most: %s)", row->count, row->first->name,
                         subject != NULL ? subject : "-");
}

static struct resource_reason *reason_of(struct resource_reasons *reasons, const char *reason)
{
    for (size_t i = 0; i < reasons->count; i++)
        if (reasons->items[i].reason == reason)
            return &reasons->items[i];
    reasons->items =
        memory_grow(reasons->items, reasons->count, &reasons->capacity, sizeof(*reasons->items));
    reasons->items[reasons->count] = (struct resource_reason){reason, memory_strdup("")};
    return &reasons->items[reasons->count++];
}

/* Keys hold no padding: key_table compares bytes. */
struct lack {
    const char *name, *subject, *reason;
};

void resource_reasons_init(struct resource_reasons *reasons, const struct profile *profile)
{
    const struct resources *resources = &profile->resources;
    struct key_table *known = key_table_new(sizeof(struct lack));

    *reasons = (struct resource_reasons){.count = 0};
    for (size_t i = 0; i < resources->count; i++) {
        const struct resource_series *series = &resources->series[i];
        const char *subject = series->scope == RESOURCE_OF_MACHINE ? series->subject : NULL;
        struct lack lack = {series->name, subject, series->reason};
        if (series->reason == NULL || series->count > 0 ||
            key_table_add(known, &lack, (uint32_t)i) != i)
            continue;
        struct resource_reason *reason = reason_of(reasons, series->reason);
        char *names =
            memory_printf("%s%s%s%s%s", reason->names, *reason->names != '\0' ? ", " : "",
                          series->name, subject != NULL ? " " : "", subject != NULL ? subject : "");
        free(reason->names);
        reason->names = names;
    }
    key_table_free(known);
}

void resource_reasons_release(struct resource_reasons *reasons)
{
    for (size_t i = 0; i < reasons->count; i++)
        free(reasons->items[i].names);
    free(reasons->items);
}

/* Of a period that changes the mean is no measure of how often: that is the mean of its reciprocal. */
static double looks_of(const struct resource_series *period)
{
    double looks = 0, seconds = 0;

    for (size_t i = 0; i + 1 < period->count; i++) {
        double length = (double)(period->points[i + 1].time_ns - period->points[i].time_ns) / 1e9;
        if (!(period->points[i].value > 0))
            continue;
        looks += length / period->points[i].value;
        seconds += length;
    }
    return seconds > 0 ? looks / seconds : 0;
}

struct resource_collector resource_collector_of(const struct profile *profile)
{
    const struct resources *resources = &profile->resources;
    struct resource_collector collector = {0, -1};
    const struct resource_series *period =
        resources_find(resources, "collector.period", NULL, RESOURCE_NOBODY, RESOURCE_NOBODY);
    const struct resource_series *cpu =
        resources_find(resources, "collector.cpu", NULL, RESOURCE_NOBODY, RESOURCE_NOBODY);

    if (period != NULL)
        collector.per_second = looks_of(period);
    if (cpu != NULL) {
        struct resource_summary sum = resource_summarise(cpu, 0, UINT64_MAX);
        collector.cpu_percent = sum.known_s > 0 ? sum.mean : -1;
    }
    return collector;
}
