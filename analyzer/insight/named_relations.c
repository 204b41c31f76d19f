/*
 * named_relations.h. Its own file because these pairs are asked for by name, whatever series there
 * are: rates of the heap, which is no resource, are among them.
 */
#include "analyzer/insight/named_relations.h"

#include "analyzer/insight/false_discovery.h"
#include "analyzer/insight/followed_series.h"
#include "analyzer/insight/relation_judge.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

#define LATE_S 2

/* One side of a pair: the first of these that the profile knows. */
struct side {
    const char *words;
    const char *resources[4]; /* they are added up; NULL ends them; none: of the heap */
    bool of_machine, frees;
};

struct row {
    const char *name;
    struct side first, second;
};

static const struct row rows[NAMED_RELATIONS] = {
    [NAMED_MEMORY_CPU] = {"memory-CPU",
                          {"growth of resident memory", {"process.rss"}, false, false},
                          {"CPU time of the process", {"process.cpu"}, false, false}},
    [NAMED_MEMORY_GPU] = {"memory-GPU",
                          {"growth of resident memory", {"process.rss"}, false, false},
                          {"how busy graphics cards are", {"gpu.busy"}, true, false}},
    [NAMED_MEMORY_IO] = {"memory-I/O",
                         {"growth of resident memory", {"process.rss"}, false, false},
                         {"bytes read and written by calls",
                          {"process.calls-read", "process.calls-written"},
                          false,
                          false}},
    [NAMED_ALLOCATION_CPU] = {"allocation rate-CPU",
                              {"bytes allocated", {NULL}, false, false},
                              {"CPU time of the process", {"process.cpu"}, false, false}},
    [NAMED_FREE_PRESSURE] =
        {"free rate-memory pressure",
         {"bytes freed", {NULL}, false, true},
         {"time somebody had to wait for memory", {"pressure.memory"}, true, false}},
};

static uint32_t main_process(const struct profile *profile)
{
    uint32_t most = 0;

    for (uint32_t i = 1; i < profile->process_count; i++)
        if (profile->processes[i].cpu_ns > profile->processes[most].cpu_ns)
            most = i;
    return most;
}

/* Of the moments of the heap's timeline, as a series of rates. */
static const char *heap_cells(const struct profile *profile, uint32_t process, bool frees,
                              const struct relations_grid *grid, double *cells)
{
    const struct heap_timeline *timeline = profile->processes[process].heap.timeline;
    struct resource_series rate = {.is_rate = true};
    double before = 0;

    if (!profile->processes[process].heap.has_sites || timeline == NULL)
        return "the heap was not sampled";
    resource_series_add(&rate, timeline->start_ns, NAN);
    for (size_t i = 0; i < timeline->count; i++) {
        const struct timeline_moment *moment = &timeline->moments[i];
        double sum = moment->allocated_bytes.total - (frees ? moment->live.total : 0);
        uint64_t time_ns = timeline->start_ns + heap_timeline_at(timeline, i);
        if (time_ns <= rate.points[rate.count - 1].time_ns)
            continue;
        double seconds = (double)(time_ns - rate.points[rate.count - 1].time_ns) * 1e-9;
        resource_series_add(&rate, time_ns, fmax(0, sum - before) / seconds);
        before = sum;
    }
    resource_resample(&rate, grid->start_ns, grid->width_ns, grid->cells, cells);
    free(rate.points);
    return NULL;
}

static const char *resource_cells(const struct profile *profile, uint32_t process,
                                  const struct side *side, const struct relations_grid *grid,
                                  double *cells)
{
    double *part = memory_alloc(grid->cells * sizeof(double));
    const char *why = NULL;

    for (size_t i = 0; i < 4 && side->resources[i] != NULL && why == NULL; i++) {
        const struct resource_series *series =
            resources_find(&profile->resources, side->resources[i], NULL,
                           side->of_machine ? RESOURCE_NOBODY : process, RESOURCE_NOBODY);
        if (series == NULL) {
            why =
                side->of_machine ? "the machine has none, or does not tell" : "it was not recorded";
            break;
        }
        if (series->count == 0)
            why = series->reason != NULL ? series->reason : "it has no values";
        if (resource_trait(series->name, series->is_rate)->form == RELATION_OF_CHANGES)
            followed_changes(series, grid, part);
        else
            resource_resample(series, grid->start_ns, grid->width_ns, grid->cells, part);
        for (size_t cell = 0; cell < grid->cells; cell++)
            cells[cell] += part[cell];
    }
    free(part);
    return why;
}

static const char *side_cells(const struct profile *profile, const struct side *side,
                              const struct relations_grid *grid, double *cells)
{
    uint32_t process = main_process(profile);

    if (profile->process_count == 0)
        return "there is no process";
    return side->resources[0] == NULL ? heap_cells(profile, process, side->frees, grid, cells)
                                      : resource_cells(profile, process, side, grid, cells);
}

void named_relations_leave(struct relations *relations, const char *why)
{
    for (size_t i = 0; i < NAMED_RELATIONS; i++)
        relations->named[i] = (struct relation_named){rows[i].name, rows[i].first.words,
                                                      rows[i].second.words, relation_without(why)};
}

/* A pair, and what it is worked out from. */
struct named_pair {
    double *cells[2];
    struct judged_series judged[2];
    const char *why;
};

static void named_pair_init(struct named_pair *pair, const struct row *row,
                            const struct profile *profile, const struct relations_grid *grid)
{
    const struct side *sides[2] = {&row->first, &row->second};

    pair->why = NULL;
    for (size_t side = 0; side < 2; side++) {
        pair->cells[side] = memory_alloc(grid->cells * sizeof(double));
        const char *why = side_cells(profile, sides[side], grid, pair->cells[side]);
        if (pair->why == NULL)
            pair->why = why;
        judged_series_init(&pair->judged[side], pair->cells[side], grid->cells);
    }
}

static void named_pair_release(struct named_pair *pair)
{
    for (size_t side = 0; side < 2; side++) {
        judged_series_release(&pair->judged[side]);
        free(pair->cells[side]);
    }
}

void named_relations_find(struct relations *relations, const struct profile *profile)
{
    const struct relations_grid *grid = &relations->grid;
    double width_s = (double)grid->width_ns * 1e-9, p[NAMED_RELATIONS], q[NAMED_RELATIONS];
    int most = (int)fmax(1, LATE_S / width_s);
    struct cross_question question = {.least = -most, .most = most, .sign = 0};
    struct named_pair pairs[NAMED_RELATIONS];
    size_t tested = 0;

    named_relations_leave(relations, NULL);
    for (size_t i = 0; i < NAMED_RELATIONS; i++) {
        struct relation *relation = &relations->named[i].relation;
        named_pair_init(&pairs[i], &rows[i], profile, grid);
        *relation = pairs[i].why != NULL ? relation_without(pairs[i].why)
                                         : relation_test(&pairs[i].judged[0], &pairs[i].judged[1],
                                                         &question, width_s);
        if (relation->insufficient == NULL)
            p[tested++] = relation->p;
    }
    false_discovery(p, tested, q);
    tested = 0;
    for (size_t i = 0; i < NAMED_RELATIONS; i++) {
        struct relation *relation = &relations->named[i].relation;
        if (relation->insufficient == NULL)
            relation->q = q[tested++];
        relation_complete(relation, &pairs[i].judged[0], &pairs[i].judged[1], &question, width_s);
        named_pair_release(&pairs[i]);
    }
}
