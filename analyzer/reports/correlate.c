/*
 * `profinject correlate`: what stands out in sentences, then tables. Its own file as every report;
 * the machine form is correlate_json.c.
 */
#include "analyzer/reports/correlate_json.h"
#include "analyzer/reports/judgement_text.h"
#include "analyzer/reports/relation_words.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/short_name.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TOP 12
#define COLUMNS_LEAST 80
#define NAME_WIDTH 32
#define VALUE_WIDTH (-15)
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
    char *cells = memory_printf("%s   %s in %zu cells of %s", comm,
                                units_duration((int64_t)(grid->cells * grid->width_ns)).text,
                                grid->cells, units_duration((int64_t)grid->width_ns).text);
    char *line = relations->insufficient != NULL
                     ? memory_strdup(cells)
                     : memory_printf("%s   %zu series   %zu functions   %zu pairs tested, %zu "
                                     "significant",
                                     cells, relations->series_count, relations->functions,
                                     relations->tested, relations->significant);

    cells_wrap(&correlate->cells, line, 0, 4, CELL_BOLD);
    free(line);
    free(cells);
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

static struct relation_range range_of(const struct relation_series *series, size_t cells)
{
    struct relation_range range = relation_series_range(series, cells);
    enum resource_scope scope = RESOURCE_OF_MACHINE;
    if (series->process != RESOURCE_NOBODY)
        scope = RESOURCE_OF_PROCESS;
    double at_most = resource_at_most(series->unit, scope);
    range.most = fmin(range.most, at_most);
    range.mean = fmin(range.mean, at_most);
    return range;
}

static void write_cause(const struct correlate *correlate, const struct relation_cause *cause)
{
    const struct frame *frame = &correlate->profile->frames[cause->frame];
    const struct cells *cells = &correlate->cells;
    const struct relation *relation = &cause->relation;
    double lag_s = fabs(relation->lag_s) < 0.05 ? 0 : relation->lag_s;

    text(correlate, memory_printf("%.2f", relation->strength), FIGURE_WIDTH, CELL_HOT);
    text(correlate, memory_printf("%.2f", relation->low), FIGURE_WIDTH, CELL_PLAIN);
    text(correlate, memory_printf("%.2f", relation->high), FIGURE_WIDTH, CELL_PLAIN);
    text(correlate, memory_printf("%.1f s", lag_s), FIGURE_WIDTH, CELL_PLAIN);
    text(correlate,
         isfinite(cause->share) ? memory_printf("%.0f %%", 100 * cause->share) : memory_strdup("-"),
         FIGURE_WIDTH, CELL_PLAIN);
    text(correlate, memory_printf("%.1g", relation->q), FIGURE_WIDTH - 1, CELL_PLAIN);
    gap(correlate);
    cells_text(cells, relation_activity_name(cause->activity), 12, CELL_DIM);
    text(correlate, short_name(frame->function, cells->columns - 57), 0, CELL_PLAIN);
    end(correlate);
}

static void write_series(const struct correlate *correlate, size_t number)
{
    const struct relation_series *series = &correlate->relations->series[number];
    struct relation_range range = range_of(series, correlate->relations->grid.cells);

    text(correlate, relation_series_name(correlate->relations, correlate->profile, number),
         NAME_WIDTH, CELL_BOLD);
    text(correlate, relation_value(series, range.mean), VALUE_WIDTH, CELL_PLAIN);
    text(correlate, relation_value(series, range.least), VALUE_WIDTH, CELL_PLAIN);
    text(correlate, relation_value(series, range.most), VALUE_WIDTH, CELL_PLAIN);
    end(correlate);
    for (size_t i = 0; i < series->cause_count; i++)
        if (series->causes[i].relation.significant)
            write_cause(correlate, &series->causes[i]);
}

/* Series that were related to nothing, by why. */
static void write_left(const struct correlate *correlate)
{
    const struct relations *relations = correlate->relations;
    bool *told = memory_alloc(relations->series_count + 1);

    for (size_t i = 0; i < relations->series_count; i++) {
        const char *why = relations->series[i].insufficient;
        if (why == NULL || told[i])
            continue;
        char *line = memory_printf("%s:", why);
        for (size_t j = i; j < relations->series_count; j++) {
            const char *other = relations->series[j].insufficient;
            if (other == NULL || strcmp(other, why) != 0)
                continue;
            told[j] = true;
            char *name = relation_series_name(relations, correlate->profile, j);
            char *longer = memory_printf("%s %s", line, name);
            free(line);
            free(name);
            line = longer;
        }
        wrap(correlate, line);
    }
    free(told);
}

static void write_all_series(const struct correlate *correlate)
{
    const struct cells *cells = &correlate->cells;
    const struct relations *relations = correlate->relations;

    cells_heading(cells, "Resources, and functions that go with them by more than chance",
                  "share: of what the resource came to, in the time the function was active; q: "
                  "of all called so, this part is by chance");
    cells_text(cells, "resource", NAME_WIDTH, CELL_DIM);
    cells_text(cells, "mean", VALUE_WIDTH, CELL_DIM);
    cells_text(cells, "least", VALUE_WIDTH, CELL_DIM);
    cells_text(cells, "most", VALUE_WIDTH, CELL_DIM);
    end(correlate);
    static const char *const heads[] = {"r", "from", "to", "lag", "share"};
    for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
        cells_text(cells, heads[i], FIGURE_WIDTH, CELL_DIM);
    cells_text(cells, "q", FIGURE_WIDTH - 1, CELL_DIM);
    gap(correlate);
    cells_text(cells, "function", 0, CELL_DIM);
    end(correlate);
    for (size_t i = 0; i < relations->series_count; i++)
        if (relations->series[i].insufficient == NULL)
            write_series(correlate, i);
    cells_heading(cells, "Related to nothing", "and why");
    write_left(correlate);
    if (relations->series_left > 0)
        wrap(correlate, memory_printf("series of small processes, or beyond the limit: %zu",
                                      relations->series_left));
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
        correlate_json_write(options->relations, options->judgement, profile, out);
        return 0;
    }
    write_head(&correlate);
    judgement_text(&correlate.cells, profile, options->judgement, correlate.top);
    if (options->relations->insufficient != NULL) {
        cells_heading(&correlate.cells, "What stands out", NULL);
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
                                        .judges = true,
                                        .is_whole = true,
                                        .write = write_correlate};
