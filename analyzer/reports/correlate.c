/*
 * `profinject correlate`: what stands out in sentences, then tables. Its own file as every report;
 * the machine form is correlate_json.c.
 */
#include "analyzer/reports/correlate_json.h"
#include "analyzer/reports/relation_words.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/short_name.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <math.h>
#include <stdlib.h>

#define DEFAULT_TOP 12
#define COLUMNS_LEAST 80
#define NAME_WIDTH 26
#define VALUE_WIDTH (-11)
#define FIGURE_WIDTH (-7)

struct correlate {
    struct cells cells;
    const struct profile *profile;
    const struct relations *relations;
    size_t top;
};

static void text(const struct correlate *correlate, char *owned, int width, enum cell_color color)
{
    cells_text(&correlate->cells, owned, width, color);
    free(owned);
}

static void gap(const struct correlate *correlate)
{
    fputs("  ", correlate->cells.out);
}

static void end(const struct correlate *correlate)
{
    fputc('\n', correlate->cells.out);
}

static void wrap(const struct correlate *correlate, char *owned)
{
    gap(correlate);
    cells_wrap(&correlate->cells, owned, 2, 4, CELL_PLAIN);
    free(owned);
}

/* --- the head ------------------------------------------------------------------- */

static void write_head(const struct correlate *correlate)
{
    const struct relations *relations = correlate->relations;
    const struct relations_grid *grid = &relations->grid;
    const struct profile *profile = correlate->profile;
    const char *comm = profile->process_count > 0 ? profile->processes[0].comm : "nothing";
    char *line = memory_printf(
        "%s   %s in %zu cells of %s   %zu series   %zu functions   %zu pairs tested, %zu "
        "significant",
        comm, units_duration((int64_t)(grid->cells * grid->width_ns)).text, grid->cells,
        units_duration((int64_t)grid->width_ns).text, relations->series_count, relations->functions,
        relations->tested, relations->significant);

    cells_wrap(&correlate->cells, line, 0, 4, CELL_BOLD);
    free(line);
}

static void write_sentences(const struct correlate *correlate)
{
    cells_heading(&correlate->cells, "What stands out",
                  "r: Pearson, at the lag where it is strongest; at most 5 % of these by chance");
    if (!relation_sentences(&correlate->cells, correlate->relations, correlate->profile,
                            correlate->top))
        wrap(correlate, memory_strdup("nothing: no function goes with any resource by more than "
                                      "chance"));
}

/* --- named pairs ------------------------------------------------------------------ */

static void write_named(const struct correlate *correlate)
{
    cells_heading(&correlate->cells, "Memory and the rest", "of the process with most CPU time");
    for (size_t i = 0; i < NAMED_RELATIONS; i++) {
        const struct relation_named *named = &correlate->relations->named[i];
        const struct relation *relation = &named->relation;
        char *figures = relation_figures(relation);
        char *more = relation->insufficient != NULL
                         ? memory_strdup("")
                         : memory_printf(", Spearman %.2f, n %zu, worth %.0f: %s",
                                         relation->spearman, relation->cells, relation->effective,
                                         relation->significant ? "related" : "no relation shown");
        wrap(correlate, memory_printf("%s: %s%s", named->name, figures, more));
        free(more);
        free(figures);
    }
}

/* --- series ----------------------------------------------------------------------- */

struct range {
    double mean, least, most;
};

static struct range range_of(const struct relation_series *series, size_t cells)
{
    struct range range = {NAN, NAN, NAN};
    double sum = 0;

    for (size_t i = 0; i < cells; i++)
        if (isfinite(series->cells[i])) {
            sum += series->cells[i];
            range.least = fmin(range.least, series->cells[i]);
            range.most = fmax(range.most, series->cells[i]);
        }
    if (series->known > 0)
        range.mean = sum / (double)series->known;
    return range;
}

static void write_cause(const struct correlate *correlate, const struct relation_cause *cause,
                        size_t rank)
{
    const struct frame *frame = &correlate->profile->frames[cause->frame];
    const struct cells *cells = &correlate->cells;
    const struct relation *relation = &cause->relation;

    gap(correlate);
    text(correlate, memory_printf("%zu", rank), -2, CELL_PLAIN);
    text(correlate, memory_printf("%.2f", relation->strength), FIGURE_WIDTH,
         relation->significant ? CELL_HOT : CELL_PLAIN);
    text(correlate, memory_printf("%.2f", relation->low), FIGURE_WIDTH, CELL_PLAIN);
    text(correlate, memory_printf("%.2f", relation->high), FIGURE_WIDTH, CELL_PLAIN);
    text(correlate, memory_printf("%.1f s", relation->lag_s + 0.0), FIGURE_WIDTH, CELL_PLAIN);
    text(correlate,
         isfinite(cause->share) ? memory_printf("%.0f %%", 100 * cause->share) : memory_strdup("-"),
         FIGURE_WIDTH, CELL_PLAIN);
    text(correlate, memory_printf("%.2g", relation->q), FIGURE_WIDTH - 1, CELL_PLAIN);
    gap(correlate);
    cells_text(cells, relation_activity_name(cause->activity), 12, CELL_DIM);
    text(correlate, short_name(frame->function, cells->columns > 62 ? cells->columns - 62 : 18), 0,
         CELL_PLAIN);
    end(correlate);
}

static bool is_shown(const struct relation_cause *cause, size_t rank)
{
    return cause->relation.significant || rank == 0;
}

static void write_series(const struct correlate *correlate, size_t number)
{
    const struct relation_series *series = &correlate->relations->series[number];
    struct range range = range_of(series, correlate->relations->grid.cells);
    char *name = relation_series_name(correlate->relations, correlate->profile, number);
    char *mean = relation_value(series, range.mean), *least = relation_value(series, range.least);
    char *most = relation_value(series, range.most);
    char *line = series->known > 0
                     ? memory_printf("%s   mean %s, %s to %s", name, mean, least, most)
                     : memory_printf("%s   unavailable (%s)", name, series->insufficient);

    cells_wrap(&correlate->cells, line, 0, 4, CELL_BOLD);
    if (series->insufficient != NULL && series->known > 0)
        wrap(correlate, memory_printf("insufficient data: %s", series->insufficient));
    for (size_t i = 0; i < series->cause_count; i++)
        if (is_shown(&series->causes[i], i))
            write_cause(correlate, &series->causes[i], i + 1);
    free(line);
    free(most);
    free(least);
    free(mean);
    free(name);
}

static void write_all_series(const struct correlate *correlate)
{
    const struct cells *cells = &correlate->cells;

    cells_heading(cells, "Resources, and functions that go with them",
                  "changes of gauges that add up; share: of what the resource came to, in the "
                  "time the function was active; q: of all called so, this part is by chance");
    fputs("   rank  r    from     to      lag  share       q  by\n", cells->out);
    for (size_t i = 0; i < correlate->relations->series_count; i++)
        write_series(correlate, i);
    if (correlate->relations->series_left > 0)
        wrap(correlate, memory_printf("and %zu series of other processes, or beyond the limit",
                                      correlate->relations->series_left));
}

/* --- pairs ------------------------------------------------------------------------ */

static int compare(const void *a, const void *b)
{
    const struct relation_pair *const *left = a, *const *right = b;
    double x = fabs((*left)->relation.strength), y = fabs((*right)->relation.strength);

    if (x != y)
        return x < y ? 1 : -1;
    return (*left > *right) - (*left < *right);
}

static void write_pair(const struct correlate *correlate, const struct relation_pair *pair)
{
    char *first = relation_series_name(correlate->relations, correlate->profile, pair->first);
    char *second = relation_series_name(correlate->relations, correlate->profile, pair->second);
    char *figures = relation_figures(&pair->relation);

    wrap(correlate, memory_printf("%s and %s: %s", first, second, figures));
    free(figures);
    free(second);
    free(first);
}

static void write_pairs(const struct correlate *correlate)
{
    const struct relations *relations = correlate->relations;
    const struct relation_pair **pairs =
        memory_alloc((relations->pair_count + 1) * sizeof(struct relation_pair *));
    size_t count = 0;

    for (size_t i = 0; i < relations->pair_count; i++)
        if (relations->pairs[i].relation.significant)
            pairs[count++] = &relations->pairs[i];
    qsort(pairs, count, sizeof(struct relation_pair *), compare);
    cells_heading(&correlate->cells, "Resources with each other",
                  "lag: the second follows the first by so much");
    for (size_t i = 0; i < count && i < correlate->top; i++)
        write_pair(correlate, pairs[i]);
    if (count == 0)
        wrap(correlate, memory_strdup("none by more than chance"));
    if (count > correlate->top)
        wrap(correlate,
             memory_printf("and %zu more: --top %zu shows them", count - correlate->top, count));
    free(pairs);
}

static int write_correlate(const struct profile *profile, const struct report_options *options,
                           FILE *out, struct problem *problem)
{
    struct correlate correlate = {
        .cells = {.out = out,
                  .color = options->color,
                  .blocks = options->blocks,
                  .columns = options->columns > COLUMNS_LEAST ? options->columns : COLUMNS_LEAST},
        .profile = profile,
        .relations = options->relations,
        .top = options->top > 0 ? options->top : DEFAULT_TOP};

    (void)problem;
    if (options->json) {
        correlate_json_write(options->relations, profile, out);
        return 0;
    }
    write_head(&correlate);
    if (options->relations->insufficient != NULL) {
        wrap(&correlate, memory_printf("insufficient data: %s", options->relations->insufficient));
        return 0;
    }
    write_sentences(&correlate);
    write_named(&correlate);
    write_all_series(&correlate);
    write_pairs(&correlate);
    return 0;
}

const struct report report_correlate = {.name = "correlate",
                                        .over_time = true,
                                        .relates = true,
                                        .is_whole = true,
                                        .write = write_correlate};
