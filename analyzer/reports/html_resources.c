/*
 * html_resources.h: which series, in which order, on which cells. Its own file beside
 * html_resources_json.c, which writes them.
 */
#include "analyzer/reports/html_resources.h"

#include "analyzer/model/profile.h"
#include "analyzer/reports/html_document.h"
#include "analyzer/util/memory.h"
#include "preload/resources/catalogue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CELLS_OF_POINT 4 /* so that steps are where they were, nearly */

/* By the beginning of names, the longer ones first; in this order on the page but for the marks. */
static const struct {
    const char *prefix, *title;
    unsigned rank;
} groups[] = {
    {"cpu.temperature", "Temperature and power", 6},
    {"cpu.throttle", "Temperature and power", 6},
    {"cpu.", "Processors", 1},
    {"load.", "Processors", 1},
    {"memory.", "Memory", 2},
    {"disk.", "Disks", 3},
    {"net.", "Network", 4},
    {"pressure.", "Pressure", 5},
    {"power.", "Temperature and power", 6},
    {"gpu.", "Graphics card", 7},
    {"process.", "Processes", 8},
    {"cgroup.", "Control group", 9},
    {"thread.", "Threads", 10},
    {"collector.", "The collector", 12},
    {"", "Others", 11},
};

struct filling {
    struct html_document *document;
    const struct profile *profile;
    struct html_axis axis;
    uint64_t width_ns;
    bool *process_told, *thread_told;
};

struct ranked {
    unsigned group, resource;
    size_t number; /* of the profile's series */
};

static size_t group_of(const char *name)
{
    size_t i = 0;

    while (strncmp(name, groups[i].prefix, strlen(groups[i].prefix)) != 0)
        i++;
    return i;
}

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;

    if (left->group != right->group)
        return left->group < right->group ? -1 : 1;
    if (left->resource != right->resource)
        return left->resource < right->resource ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

/* --- whose are told ------------------------------------------------------------------- */

struct used {
    double time;
    uint32_t number;
};

static int compare_used(const void *a, const void *b)
{
    const struct used *left = a, *right = b;

    if (left->time != right->time)
        return left->time > right->time ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

/* Those of `count` that have series and used most CPU time by the one called `name`, and no less than
 * a `part` of what the first used: a shell that lives for a moment would have as many charts as what
 * it starts. free(). */
static bool *choose(struct filling *filling, const char *name, size_t count, size_t most,
                    double part, bool threads)
{
    const struct resources *resources = &filling->profile->resources;
    struct used *used = memory_alloc((count + 1) * sizeof(*used));
    bool *told = memory_alloc((count + 1) * sizeof(*told));
    size_t seen = 0, taken = 0;

    for (uint32_t i = 0; i < count; i++)
        used[i] = (struct used){-1, i};
    for (size_t i = 0; i < resources->count; i++) {
        const struct resource_series *series = &resources->series[i];
        uint32_t number = threads ? series->thread : series->process;
        if (number >= count || (series->scope == RESOURCE_OF_THREAD) != threads)
            continue;
        seen += used[number].time < 0 ? 1 : 0;
        double time =
            resource_summarise(series, filling->axis.start_ns, filling->axis.end_ns).total;
        used[number].time =
            fmax(fmax(used[number].time, 0), strcmp(series->name, name) == 0 ? time : 0);
    }
    qsort(used, count, sizeof(*used), compare_used);
    while (taken < seen && taken < most && used[taken].time >= part * used[0].time)
        told[used[taken++].number] = true;
    filling->document->resources.left_out += seen - taken;
    free(used);
    return told;
}

static bool is_told(const struct filling *filling, const struct resource_series *series)
{
    const struct profile *profile = filling->profile;

    if (series->scope == RESOURCE_OF_THREAD)
        return series->thread < profile->thread_count && filling->thread_told[series->thread];
    return series->scope != RESOURCE_OF_PROCESS || series->process >= profile->process_count ||
           filling->process_told[series->process];
}

/* --- values --------------------------------------------------------------------------- */

static bool has_values(const struct resource_series *series)
{
    for (size_t i = 0; i < series->count; i++)
        if (isfinite(series->points[i].value))
            return true;
    return false;
}

static void reserve(struct html_resource *row, size_t count, bool bounds)
{
    row->count = count;
    row->value = memory_alloc((count + 1) * sizeof(double));
    row->least = bounds ? memory_alloc((count + 1) * sizeof(double)) : NULL;
    row->most = bounds ? memory_alloc((count + 1) * sizeof(double)) : NULL;
}

/* As resource_resample(), with bounds where cells hold more than one value. */
static void fill_values(const struct filling *filling, const struct resource_series *series,
                        struct html_resource *row)
{
    uint64_t width = filling->width_ns * row->every;
    size_t cells = (filling->axis.end_ns - filling->axis.start_ns - 1) / width + 1;

    reserve(row, cells, row->every == 1 && series->count > cells);
    for (size_t i = 0; i < cells; i++) {
        uint64_t from = filling->axis.start_ns + i * width, to = from + width;
        if (to > filling->axis.end_ns)
            to = filling->axis.end_ns;
        struct resource_summary sum = resource_summarise(series, from, to);
        bool is_known = sum.known_s >= 0.5e-9 * (double)(to - from);
        row->value[i] = is_known ? sum.mean : NAN;
        if (row->least != NULL)
            row->least[i] = is_known ? sum.least : NAN;
        if (row->most != NULL)
            row->most[i] = is_known ? sum.most : NAN;
    }
}

static const char *text_of(struct html_document *document, const char *text)
{
    return text != NULL ? html_document_text(document, text) : NULL;
}

static const char *whose(const struct filling *filling, const struct resource_series *series)
{
    const struct profile *profile = filling->profile;
    char *text = NULL;

    if (series->scope == RESOURCE_OF_THREAD && series->thread < profile->thread_count)
        text = memory_printf("%s (%d)", profile->threads[series->thread].name,
                             profile->threads[series->thread].tid);
    else if (series->scope == RESOURCE_OF_PROCESS && series->process < profile->process_count)
        text = memory_printf("%s (%d)", profile->processes[series->process].comm,
                             profile->processes[series->process].pid);
    const char *shown = text_of(filling->document, text);
    free(text);
    return shown;
}

static struct html_resource *add(struct filling *filling, const struct resource_series *series)
{
    struct html_document *document = filling->document;
    struct html_resources *resources = &document->resources;
    enum resource known = resource_by_name(series->name);

    resources->series = memory_grow(resources->series, resources->count, &resources->capacity,
                                    sizeof(*resources->series));
    struct html_resource *row = &resources->series[resources->count++];
    *row = (struct html_resource){
        .name = text_of(document, series->name),
        .subject = text_of(document, series->subject),
        .whose = whose(filling, series),
        .unit = text_of(document, series->unit),
        .group = groups[group_of(series->name)].title,
        .about = known < RESOURCE_COUNT ? resource_info(known)->meaning : NULL,
        .reason = text_of(document, series->reason),
        .scope = resource_scope_name(series->scope),
        .process =
            series->process < filling->profile->process_count ? (int64_t)series->process : -1,
        .thread = series->thread < filling->profile->thread_count ? (int64_t)series->thread : -1,
        .every = 1,
        .mean = NAN,
        .low = NAN,
        .high = NAN,
    };
    return row;
}

static void add_one(struct filling *filling, const struct resource_series *series, size_t every)
{
    struct html_resource *row = add(filling, series);
    struct resource_summary sum =
        resource_summarise(series, filling->axis.start_ns, filling->axis.end_ns);

    if (sum.known_s == 0 || !isfinite(sum.mean)) {
        if (row->reason == NULL)
            row->reason =
                has_values(series) ? "not looked at in this time" : "looked at less than twice";
        return;
    }
    row->mean = sum.mean;
    row->low = sum.least;
    row->high = sum.most;
    row->every = every;
    fill_values(filling, series, row);
}

/* Of each cell: the mean of all members whose value is known, the lowest and the highest of them. */
static void add_family(struct filling *filling, const struct ranked *members, size_t count)
{
    const struct resources *all = &filling->profile->resources;
    size_t cells = filling->document->resources.cells, known_cells = 0;
    double *cell = memory_alloc((cells + 1) * sizeof(*cell));
    size_t *known = memory_alloc((cells + 1) * sizeof(*known));
    struct html_resource *row = add(filling, &all->series[members[0].number]);

    row->subject = row->whose = row->reason = NULL;
    row->process = row->thread = -1;
    row->of = count;
    reserve(row, cells, true);
    for (size_t i = 0; i < count; i++) {
        resource_resample(&all->series[members[i].number], filling->axis.start_ns,
                          filling->width_ns, cells, cell);
        for (size_t c = 0; c < cells; c++) {
            if (!isfinite(cell[c]))
                continue;
            row->least[c] = known[c] > 0 ? fmin(row->least[c], cell[c]) : cell[c];
            row->most[c] = known[c] > 0 ? fmax(row->most[c], cell[c]) : cell[c];
            row->value[c] += cell[c];
            known[c]++;
        }
    }
    double sum = 0;
    for (size_t c = 0; c < cells; c++) {
        row->value[c] = known[c] > 0 ? row->value[c] / (double)known[c] : NAN;
        if (known[c] == 0) {
            row->least[c] = row->most[c] = NAN;
            continue;
        }
        row->low = fmin(row->low, row->least[c]); /* fmin() takes what is a number */
        row->high = fmax(row->high, row->most[c]);
        sum += row->value[c];
        known_cells++;
    }
    row->mean = known_cells > 0 ? sum / (double)known_cells : NAN;
    free(known);
    free(cell);
}

/* --- all ------------------------------------------------------------------------------ */

static size_t family_end(const struct filling *filling, const struct ranked *order, size_t first,
                         size_t count)
{
    const struct resource_series *all = filling->profile->resources.series;
    size_t end = first + 1;

    while (end < count && all[order[end].number].scope == all[order[first].number].scope &&
           strcmp(all[order[end].number].name, all[order[first].number].name) == 0)
        end++;
    return end;
}

static void add_all(struct filling *filling, const struct ranked *order, size_t count)
{
    const struct resource_series *all = filling->profile->resources.series;

    for (size_t first = 0; first < count;) {
        size_t end = family_end(filling, order, first, count), known = 0;
        for (size_t i = first; i < end; i++)
            known += has_values(&all[order[i].number]) ? 1 : 0;
        if (known > HTML_FAMILY)
            add_family(filling, order + first, end - first);
        for (; first < end; first++)
            add_one(filling, &all[order[first].number], known > HTML_FAMILY ? HTML_EVERY : 1);
    }
}

static void init_cells(struct filling *filling)
{
    const struct resources *all = &filling->profile->resources;
    struct html_resources *resources = &filling->document->resources;
    uint64_t length = filling->axis.end_ns - filling->axis.start_ns;
    size_t longest = 1;

    for (size_t i = 0; i < all->count; i++)
        if (all->series[i].count > longest)
            longest = all->series[i].count;
    size_t cells = longest > HTML_CELLS / CELLS_OF_POINT ? HTML_CELLS : longest * CELLS_OF_POINT;
    filling->width_ns = (length - 1) / cells + 1;
    resources->cells = (length - 1) / filling->width_ns + 1;
    resources->cell_s = (double)filling->width_ns / 1e9;
}

void html_resources_fill(struct html_document *document, const struct profile *profile,
                         struct html_axis axis, uint64_t origin_ns)
{
    const struct resources *all = &profile->resources;
    struct filling filling = {document, profile, axis, 0, NULL, NULL};
    size_t count = 0;

    if (all->count == 0 || axis.end_ns <= axis.start_ns)
        return;
    document->resources.start_s = ((double)axis.start_ns - (double)origin_ns) / 1e9;
    init_cells(&filling);
    filling.process_told = choose(&filling, "process.cpu", profile->process_count, HTML_PROCESSES,
                                  HTML_PROCESS_PART, false);
    filling.thread_told =
        choose(&filling, "thread.cpu", profile->thread_count, HTML_THREADS, 0, true);
    struct ranked *order = memory_alloc((all->count + 1) * sizeof(*order));
    for (size_t i = 0; i < all->count; i++)
        if (is_told(&filling, &all->series[i]))
            order[count++] = (struct ranked){groups[group_of(all->series[i].name)].rank,
                                             resource_by_name(all->series[i].name), i};
    qsort(order, count, sizeof(*order), compare_ranked);
    add_all(&filling, order, count);
    free(order);
    free(filling.thread_told);
    free(filling.process_told);
}

void html_resources_release(struct html_resources *resources)
{
    for (size_t i = 0; i < resources->count; i++) {
        free(resources->series[i].value);
        free(resources->series[i].least);
        free(resources->series[i].most);
    }
    free(resources->series);
}
