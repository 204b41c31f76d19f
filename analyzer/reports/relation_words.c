/* relation_words.h. Its own file because two reports say the same things. */
#include "analyzer/reports/relation_words.h"

#include "analyzer/reports/short_name.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MOST 48
#define ALSO_MOST 5
/* Of a resource, beyond the part of the time; or so many times that. */
#define MORE_LEAST 0.1
#define MORE_TIMES 2

char *relation_series_name(const struct relations *relations, const struct profile *profile,
                           size_t number)
{
    const struct relation_series *series = &relations->series[number];
    const char *of = series->subject;

    if (of == NULL && series->parts > 1 && series->scope == RESOURCE_OF_MACHINE)
        return memory_printf("%s (all %zu)", series->name, series->parts);
    if (of != NULL)
        return memory_printf("%s of %s", series->name, of);
    if (series->process < profile->process_count && profile->process_count > 1)
        return memory_printf("%s of %s (%d)", series->name,
                             profile->processes[series->process].comm,
                             profile->processes[series->process].pid);
    return memory_strdup(series->name);
}

static bool is_unit(const struct relation_series *series, const char *unit)
{
    return series->unit != NULL && strcmp(series->unit, unit) == 0;
}

char *relation_value(const struct relation_series *series, double value)
{
    const char *unit = series->unit != NULL ? series->unit : "";

    if (!isfinite(value))
        return memory_strdup("-");
    if (is_unit(series, "bytes"))
        return memory_strdup(units_bytes((int64_t)value).text);
    if (is_unit(series, "bytes/s"))
        return memory_printf("%s/s", units_bytes((int64_t)value).text);
    if (is_unit(series, "1/s"))
        return memory_printf("%s/s", units_count(value).text);
    if (fabs(value) >= 1e5)
        return memory_printf("%s %s", units_count(value).text, unit);
    return memory_printf("%.3g %s", value, unit);
}

/* Per cent of a second, added up, are seconds. */
char *relation_amount(const struct relation_series *series, double amount)
{
    if (!isfinite(amount))
        return memory_strdup("-");
    if (is_unit(series, "bytes") || is_unit(series, "bytes/s"))
        return memory_strdup(units_bytes((int64_t)amount).text);
    if (is_unit(series, "%"))
        return memory_strdup(units_duration((int64_t)(amount * 1e7)).text);
    if (is_unit(series, "W"))
        return memory_printf("%.3g J", amount);
    return memory_printf("%s%s%s", units_count(amount).text, is_unit(series, "1/s") ? "" : " ",
                         is_unit(series, "1/s") || series->unit == NULL ? "" : series->unit);
}

char *relation_figures(const struct relation *relation)
{
    if (relation->insufficient != NULL)
        return memory_printf("insufficient data: %s", relation->insufficient);
    return memory_printf("r %.2f (95 %%: %.2f to %.2f), lag %.1f s", relation->strength,
                         relation->low, relation->high,
                         fabs(relation->lag_s) < 0.05 ? 0.0 : relation->lag_s);
}

/* --- sentences ------------------------------------------------------------------- */

struct standing {
    const struct relation_series *series;
    size_t number;
    const struct relation_cause *cause;
    const struct frame *frame;
    bool told;
};

static bool is_same_function(const struct frame *a, const struct frame *b)
{
    return strcmp(a->function, b->function) == 0 && a->module == b->module;
}

/* Of what says the same, that of the process says most: the machine has others, threads are parts. */
static double weight_of(const struct standing *standing)
{
    double weight = fabs(standing->cause->relation.strength);

    return standing->series->scope == RESOURCE_OF_PROCESS ? weight + 1 : weight;
}

static int compare(const void *a, const void *b)
{
    const struct standing *left = a, *right = b;
    double x = weight_of(left), y = weight_of(right);

    if (x != y)
        return x < y ? 1 : -1;
    return (left->number > right->number) - (left->number < right->number);
}

/* The first of each series that chance does not explain; free(). */
static struct standing *collect(const struct relations *relations, const struct profile *profile,
                                size_t *count)
{
    struct standing *all = memory_alloc((relations->series_count + 1) * sizeof(*all));

    *count = 0;
    for (size_t i = 0; i < relations->series_count; i++) {
        const struct relation_series *series = &relations->series[i];
        if (series->cause_count == 0 || !series->causes[0].relation.significant)
            continue;
        all[(*count)++] = (struct standing){series, i, &series->causes[0],
                                            &profile->frames[series->causes[0].frame], false};
    }
    qsort(all, *count, sizeof(*all), compare);
    return all;
}

static const char *verb_of(enum relation_activity activity)
{
    static const char *const verbs[ACTIVITIES] = {[ACTIVITY_CPU] = "runs",
                                                  [ACTIVITY_IO_WAIT] = "waits for input or output",
                                                  [ACTIVITY_LOCK_WAIT] = "waits for locks",
                                                  [ACTIVITY_OTHER_WAIT] = "waits",
                                                  [ACTIVITY_ALLOCATION] = "allocates"};

    return verbs[activity];
}

static char *what_of(const struct relations *relations, const struct profile *profile,
                     const struct standing *one)
{
    const struct relation_cause *cause = one->cause;
    char *name = relation_series_name(relations, profile, one->number);
    char *function = short_name(one->frame->function, NAME_MOST);
    char *text;

    if (isfinite(cause->share)) {
        char *whole = relation_amount(one->series, one->series->total);
        bool changes = one->series->form == RELATION_OF_CHANGES;
        const char *how = cause->relation.strength < 0 ? " falls by " : " grows by ";
        text = memory_printf("%s%s%s: %.0f %% of it while %s %s, %.0f %% of the time", name,
                             changes ? how : " comes to ", whole, 100 * cause->share, function,
                             verb_of(cause->activity), 100 * cause->share_of_time);
        free(whole);
    } else {
        text = memory_printf("%s %s while %s %s", name,
                             cause->relation.strength < 0 ? "falls" : "rises", function,
                             verb_of(cause->activity));
    }
    free(name);
    free(function);
    return text;
}

static void write_also(const struct cells *cells, const struct relations *relations,
                       const struct profile *profile, struct standing *all, size_t count,
                       size_t first)
{
    char *text = NULL;
    size_t some = 0;

    for (size_t i = first + 1; i < count; i++) {
        if (all[i].told || !is_same_function(all[i].frame, all[first].frame))
            continue;
        all[i].told = true;
        if (++some > ALSO_MOST)
            continue;
        char *name = relation_series_name(relations, profile, all[i].number);
        char *longer = memory_printf("%s%s %s (%.2f)",
                                     text != NULL ? text : "with it:", text != NULL ? "," : "",
                                     name, all[i].cause->relation.strength);
        free(text);
        free(name);
        text = longer;
    }
    if (text == NULL)
        return;
    fputs("    ", cells->out);
    cells_wrap(cells, text, 4, 6, CELL_DIM);
    free(text);
}

/* All of what a program uses while its main loop runs, which it always does, goes with it: that
 * explains nothing. NAN, where sums mean nothing, stands out by its strength. */
static bool stands_out(const struct relation_cause *cause)
{
    return !isfinite(cause->share) || cause->share >= cause->share_of_time + MORE_LEAST ||
           cause->share >= MORE_TIMES * cause->share_of_time;
}

static void write_even(const struct cells *cells, size_t count, size_t told)
{
    char *text =
        memory_printf("%s%zu resource%s hardly higher while the function is active",
                      told > 0 ? "and " : "only ", count, count == 1 ? " that is" : "s that are");

    fputs("  ", cells->out);
    cells_wrap(cells, text, 2, 4, CELL_DIM);
    free(text);
}

bool relation_sentences(const struct cells *cells, const struct relations *relations,
                        const struct profile *profile, size_t most)
{
    size_t count, told = 0, even = 0;
    struct standing *all = collect(relations, profile, &count);

    for (size_t i = 0; i < count && told < most; i++) {
        if (all[i].told)
            continue;
        if (!stands_out(all[i].cause)) {
            even++;
            continue;
        }
        char *what = what_of(relations, profile, &all[i]);
        char *figures = relation_figures(&all[i].cause->relation);
        char *text = memory_printf("%s; %s", what, figures);
        fputs("  ", cells->out);
        cells_wrap(cells, text, 2, 4, CELL_PLAIN);
        free(text);
        free(figures);
        free(what);
        write_also(cells, relations, profile, all, count, i);
        told++;
    }
    if (even > 0)
        write_even(cells, even, told);
    free(all);
    return told > 0 || even > 0;
}
