/* followed_series.h. Its own file because it is about resources, and knows no function. */
#include "analyzer/insight/followed_series.h"

#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SERIES_READ_MOST 16384u /* of a profile: a damaged trace may claim any number */

void followed_grid(struct relations *relations, const struct profile *profile)
{
    struct relations_grid *grid = &relations->grid;
    uint64_t start_ns = profile_start_ns(profile);

    if (profile->resources.count == 0) {
        relations->insufficient = "no resources were recorded";
        return;
    }
    if (start_ns == UINT64_MAX) {
        relations->insufficient = "it is not known when the run began";
        return;
    }
    uint64_t end_ns = start_ns + profile_wall_ns(profile);
    if (profile->is_window && profile->from_ns > start_ns)
        start_ns = profile->from_ns;
    if (profile->is_window && profile->to_ns != 0 && profile->to_ns < end_ns)
        end_ns = profile->to_ns;
    uint64_t length_ns = end_ns > start_ns ? end_ns - start_ns : 0;
    uint64_t times = 1 + length_ns / FOLLOWED_CELL_NS / FOLLOWED_CELLS_MOST;
    *grid = (struct relations_grid){.start_ns = start_ns,
                                    .width_ns = times * FOLLOWED_CELL_NS,
                                    .cells = length_ns / (times * FOLLOWED_CELL_NS)};
    if (grid->cells < RELATIONS_CELLS_LEAST)
        relations->insufficient = "the run was too short: 3 s are the least that tells anything";
}

bool followed_process(const struct profile *profile, uint32_t process)
{
    size_t before = 0;

    if (process >= profile->process_count)
        return false;
    uint64_t cpu_ns = profile->processes[process].cpu_ns;
    for (size_t i = 0; i < profile->process_count && before < FOLLOWED_PROCESSES_MOST; i++)
        before += profile->processes[i].cpu_ns > cpu_ns ||
                  (i < process && profile->processes[i].cpu_ns == cpu_ns);
    return before < FOLLOWED_PROCESSES_MOST;
}

/* Between two points, as a rate has it: what `of` makes of them. */
static void
bring_steps(const struct resource_series *gauge, const struct relations_grid *grid, double *cells,
            double (*of)(const struct resource_point *before, const struct resource_point *point))
{
    struct resource_series steps = {.is_rate = true};

    for (size_t i = 0; i < gauge->count; i++) {
        const struct resource_point *point = &gauge->points[i];
        bool follows = i > 0 && point->time_ns > point[-1].time_ns;
        resource_series_add(&steps, point->time_ns, follows ? of(point - 1, point) : NAN);
    }
    resource_resample(&steps, grid->start_ns, grid->width_ns, grid->cells, cells);
    free(steps.points);
}

static double change_of(const struct resource_point *before, const struct resource_point *point)
{
    return (point->value - before->value) / ((double)(point->time_ns - before->time_ns) * 1e-9);
}

static double middle_of(const struct resource_point *before, const struct resource_point *point)
{
    return before->value + (point->value - before->value) / 2;
}

void followed_changes(const struct resource_series *gauge, const struct relations_grid *grid,
                      double *cells)
{
    bring_steps(gauge, grid, cells, change_of);
}

static bool is_same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_kin(const struct resource_series *a, const struct resource_series *b)
{
    return a->scope == b->scope && a->process == b->process && is_same(a->name, b->name);
}

/* Series of one resource and owner, and whether they become one. */
struct family {
    size_t first, count;
    bool is_one;
};

/* Cells of a series added up, and of how many parts each is known. */
struct adding {
    double *cells, *part;
    uint32_t *known;
};

static void add_part(struct adding *adding, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (isfinite(adding->part[i])) {
            adding->cells[i] += adding->part[i];
            adding->known[i]++;
        }
}

static void finish_parts(struct adding *adding, size_t count, bool is_mean)
{
    for (size_t i = 0; i < count; i++) {
        if (adding->known[i] == 0)
            adding->cells[i] = NAN;
        else if (is_mean)
            adding->cells[i] /= adding->known[i];
    }
}

typedef void bring(const struct resource_series *series, const struct relations_grid *grid,
                   double *cells);

static void bring_values(const struct resource_series *series, const struct relations_grid *grid,
                         double *cells)
{
    resource_resample(series, grid->start_ns, grid->width_ns, grid->cells, cells);
}

/* A gauge that was looked at just now changed some time since the look before: if it held its value
 * until the next, every effect would seem half of that time later than it is. */
static void bring_between(const struct resource_series *series, const struct relations_grid *grid,
                          double *cells)
{
    if (series->is_rate)
        bring_values(series, grid, cells);
    else
        bring_steps(series, grid, cells, middle_of);
}

/* What all parts come to; malloc. */
static double *add_family(const struct profile *profile, const struct family *family,
                          const struct relations_grid *grid, bring *bring)
{
    const struct resources *resources = &profile->resources;
    const struct resource_series *first = &resources->series[family->first];
    struct adding adding = {memory_alloc(grid->cells * sizeof(double)),
                            memory_alloc(grid->cells * sizeof(double)),
                            memory_alloc(grid->cells * sizeof(uint32_t))};

    for (size_t i = family->first; i < resources->count && i < SERIES_READ_MOST; i++) {
        if (i != family->first && (!family->is_one || !is_kin(first, &resources->series[i])))
            continue;
        bring(&resources->series[i], grid, adding.part);
        add_part(&adding, grid->cells);
    }
    finish_parts(&adding, grid->cells, !first->is_rate);
    free(adding.part);
    free(adding.known);
    return adding.cells;
}

static void sum_up(struct relation_series *series, const struct followed *followed,
                   const struct relations_grid *grid)
{
    double total = 0;

    series->known = 0;
    for (size_t i = 0; i < grid->cells; i++) {
        series->known += isfinite(series->cells[i]);
        double value = followed->asked[i] * followed->trait->sign;
        if (isfinite(value) && value > 0)
            total += value * (double)grid->width_ns * 1e-9;
    }
    series->total = followed->trait->adds_up ? total : NAN;
}

size_t followed_series_add(struct followed_series *followed, struct relations *relations,
                           const struct relation_series *series, double *asked)
{
    const struct resource_trait *trait = resource_trait(series->name, series->is_rate);

    followed->items = memory_grow(followed->items, followed->count, &followed->capacity,
                                  sizeof(*followed->items));
    relations->series = memory_grow(relations->series, relations->series_count,
                                    &relations->series_capacity, sizeof(*relations->series));
    struct followed *item = &followed->items[followed->count++];
    struct relation_series *added = &relations->series[relations->series_count];
    *added = *series;
    *item = (struct followed){.trait = trait, .asked = asked};
    judged_series_init(&item->judged, asked, relations->grid.cells);
    if (added->insufficient == NULL)
        added->insufficient = trait->left_out != NULL ? trait->left_out : item->judged.insufficient;
    sum_up(added, item, &relations->grid);
    return relations->series_count++;
}

static void add_one(struct followed_series *followed, struct relations *relations,
                    const struct profile *profile, const struct family *family)
{
    const struct resource_series *first = &profile->resources.series[family->first];
    struct relation_series series = {.name = first->name,
                                     .subject = family->is_one ? NULL : first->subject,
                                     .unit = first->unit,
                                     .scope = first->scope,
                                     .process = first->process,
                                     .is_rate = first->is_rate,
                                     .first = family->first,
                                     .parts = family->is_one ? family->count : 1};
    bool changes = resource_trait(first->name, first->is_rate)->form == RELATION_OF_CHANGES;

    series.form = changes && !first->is_rate ? RELATION_OF_CHANGES : RELATION_OF_VALUES;
    if (first->reason != NULL && first->count == 0)
        series.insufficient = first->reason;
    series.cells = add_family(profile, family, &relations->grid, bring_values);
    double *asked =
        add_family(profile, family, &relations->grid,
                   series.form == RELATION_OF_CHANGES ? followed_changes : bring_between);
    followed_series_add(followed, relations, &series, asked);
}

static bool has_no_room(const struct relations *relations)
{
    size_t learnt = 0;

    for (size_t i = 0; i < relations->series_count; i++)
        learnt += relations->series[i].insufficient == NULL;
    return learnt == FOLLOWED_MOST || relations->series_count == FOLLOWED_TOLD;
}

static void add_kin(struct followed_series *followed, struct relations *relations,
                    const struct profile *profile, size_t first, bool *taken)
{
    const struct resources *resources = &profile->resources;
    const struct resource_series *series = resources->series;
    struct family family = {.first = first};

    for (size_t i = first; i < resources->count && i < SERIES_READ_MOST; i++)
        family.count += is_kin(&series[first], &series[i]);
    family.is_one =
        series[first].scope == RESOURCE_OF_THREAD || family.count > FOLLOWED_SUBJECTS_MOST;
    for (size_t i = first; i < resources->count && i < SERIES_READ_MOST; i++) {
        if (!is_kin(&series[first], &series[i]))
            continue;
        taken[i] = true;
        family.first = i;
        if (i > first && family.is_one)
            continue;
        if (has_no_room(relations))
            relations->series_left++;
        else
            add_one(followed, relations, profile,
                    family.is_one ? &(struct family){first, family.count, true} : &family);
    }
}

/* All series of one process, its threads' too; RESOURCE_NOBODY: of the machine. */
static void add_all_of(struct followed_series *followed, struct relations *relations,
                       const struct profile *profile, uint32_t process, bool *taken)
{
    const struct resources *resources = &profile->resources;

    for (size_t i = 0; i < resources->count && i < SERIES_READ_MOST; i++)
        if (!taken[i] && resources->series[i].process == process)
            add_kin(followed, relations, profile, i, taken);
}

/* Those that are followed, by CPU time; returns how many. */
static size_t find_followed(const struct profile *profile, uint32_t *found)
{
    size_t count = 0;

    for (size_t i = 0; i < profile->process_count && count < FOLLOWED_PROCESSES_MOST; i++) {
        if (!followed_process(profile, (uint32_t)i))
            continue;
        size_t at = count++;
        for (; at > 0 && profile->processes[found[at - 1]].cpu_ns < profile->processes[i].cpu_ns;
             at--)
            found[at] = found[at - 1];
        found[at] = (uint32_t)i;
    }
    return count;
}

void followed_series_init(struct followed_series *followed, struct relations *relations,
                          const struct profile *profile)
{
    const struct resources *resources = &profile->resources;
    bool *taken = memory_alloc(resources->count + 1);

    uint32_t processes[FOLLOWED_PROCESSES_MOST];
    size_t count = find_followed(profile, processes);

    *followed = (struct followed_series){.count = 0};
    /* What has most CPU time and the machine first: if there is no room it is for the others. */
    if (count > 0)
        add_all_of(followed, relations, profile, processes[0], taken);
    add_all_of(followed, relations, profile, RESOURCE_NOBODY, taken);
    for (size_t i = 1; i < count; i++)
        add_all_of(followed, relations, profile, processes[i], taken);
    for (size_t i = 0; i < resources->count && i < SERIES_READ_MOST; i++)
        relations->series_left += !taken[i];
    free(taken);
}

void followed_series_release(struct followed_series *followed)
{
    for (size_t i = 0; i < followed->count; i++) {
        judged_series_release(&followed->items[i].judged);
        free(followed->items[i].asked);
    }
    free(followed->items);
}
