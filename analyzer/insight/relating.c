/* relating.h. Its own file because only here series, functions and the named pairs meet. */
#include "analyzer/insight/relating.h"

#include "analyzer/insight/causes.h"
#include "analyzer/insight/false_discovery.h"
#include "analyzer/insight/named_relations.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

#define PAIR_LATE_S 2  /* either may follow the other by so much */
#define PAIRS_FEW 1000 /* of more, lags have no intervals: they take most of the time */

struct relating {
    struct relations *relations;
    const struct profile *profile;
    struct followed_series followed;
    struct labels labels;
    struct activities *scopes; /* of processes, by number, and of all, last */
    bool *has_scope;           /* it was asked for: else it is empty */
    struct cause_tests *tests; /* of each series; those insufficient empty */
};

static double width_s(const struct relations *relations)
{
    return (double)relations->grid.width_ns * 1e-9;
}

/* --- series and functions -------------------------------------------------------- */

static const struct activities *scope_of(struct relating *relating, uint32_t process)
{
    const struct profile *profile = relating->profile;
    size_t number = process;

    if (process == RESOURCE_NOBODY || profile->process_count < 2)
        number = profile->process_count;
    if (!relating->has_scope[number])
        activities_init(&relating->scopes[number], profile, &relating->labels,
                        &relating->relations->grid,
                        number < profile->process_count ? process : RESOURCE_NOBODY);
    relating->has_scope[number] = true;
    return &relating->scopes[number];
}

static void test_causes(struct relating *relating)
{
    struct relations *relations = relating->relations;

    for (size_t i = 0; i < relations->series_count; i++)
        if (relations->series[i].insufficient == NULL)
            cause_tests_init(&relating->tests[i], &relating->followed.items[i],
                             scope_of(relating, relations->series[i].process), &relations->grid);
}

/* Whether a test counts among those of its family. */
static bool is_tested(const struct relation *relation)
{
    return relation->insufficient == NULL && !isnan(relation->p);
}

static size_t collect(const struct relating *relating, struct relation **tested)
{
    size_t count = 0;

    for (size_t i = 0; i < relating->relations->series_count; i++) {
        const struct cause_tests *tests = &relating->tests[i];
        for (size_t j = 0; tests->tests != NULL && j < tests->activities->count; j++)
            if (is_tested(&tests->tests[j])) {
                if (tested != NULL)
                    tested[count] = &tests->tests[j];
                count++;
            }
    }
    return count;
}

static void set_q(struct relation **tested, size_t count)
{
    double *p = memory_alloc((count + 1) * sizeof(double));
    double *q = memory_alloc((count + 1) * sizeof(double));

    for (size_t i = 0; i < count; i++)
        p[i] = tested[i]->p;
    false_discovery(p, count, q);
    for (size_t i = 0; i < count; i++)
        tested[i]->q = q[i];
    free(p);
    free(q);
}

static void relate_functions(struct relating *relating)
{
    struct relations *relations = relating->relations;

    test_causes(relating);
    size_t count = collect(relating, NULL);
    struct relation **tested = memory_alloc((count + 1) * sizeof(struct relation *));
    collect(relating, tested);
    set_q(tested, count);
    relations->tested = count;
    free(tested);
    for (size_t i = 0; i < relations->series_count; i++) {
        struct relation_series *series = &relations->series[i];
        if (relating->tests[i].tests != NULL)
            causes_choose(&relating->tests[i], &relations->grid, series);
        for (size_t j = 0; j < series->cause_count; j++)
            relations->significant += series->causes[j].relation.significant;
    }
    const struct activities *all = scope_of(relating, RESOURCE_NOBODY);
    bool *counted = memory_alloc(relating->labels.count + 1);
    for (size_t i = 0; i < all->count; i++) {
        relations->functions += !counted[all->items[i].label];
        counted[all->items[i].label] = true;
    }
    relations->functions_left = all->left;
    free(counted);
}

/* --- pairs of series --------------------------------------------------------------- */

static void relate_series(struct relating *relating)
{
    struct relations *relations = relating->relations;
    int most = (int)fmax(1, PAIR_LATE_S / width_s(relations));
    struct cross_question question = {.least = -most, .most = most, .sign = 0};

    for (size_t i = 0; i < relations->series_count; i++)
        for (size_t j = i + 1; j < relations->series_count; j++) {
            if (relations->series[i].insufficient != NULL ||
                relations->series[j].insufficient != NULL)
                continue;
            relations->pairs = memory_grow(relations->pairs, relations->pair_count,
                                           &relations->pair_capacity, sizeof(*relations->pairs));
            relations->pairs[relations->pair_count++] = (struct relation_pair){
                (uint32_t)i, (uint32_t)j,
                relation_test(&relating->followed.items[i].judged,
                              &relating->followed.items[j].judged, &question, width_s(relations))};
        }
    struct relation **tested =
        memory_alloc((relations->pair_count + 1) * sizeof(struct relation *));
    size_t count = 0;
    for (size_t i = 0; i < relations->pair_count; i++)
        if (is_tested(&relations->pairs[i].relation))
            tested[count++] = &relations->pairs[i].relation;
    set_q(tested, count);
    free(tested);
    for (size_t i = 0; i < relations->pair_count; i++) {
        struct relation_pair *pair = &relations->pairs[i];
        if (pair->relation.q > RELATION_LEVEL)
            continue;
        struct cross_question only = question;
        if (relations->pair_count > PAIRS_FEW)
            only.least = only.most = (int)lround(pair->relation.lag_s / width_s(relations));
        relation_complete(&pair->relation, &relating->followed.items[pair->first].judged,
                          &relating->followed.items[pair->second].judged, &only,
                          width_s(relations));
    }
}

static void relating_release(struct relating *relating)
{
    for (size_t i = 0; i <= relating->profile->process_count; i++)
        if (relating->has_scope[i])
            activities_release(&relating->scopes[i]);
    for (size_t i = 0; i < relating->relations->series_count; i++)
        cause_tests_release(&relating->tests[i]);
    free(relating->scopes);
    free(relating->has_scope);
    free(relating->tests);
    followed_series_release(&relating->followed);
    labels_release(&relating->labels);
}

void relations_init(struct relations *relations, const struct profile *profile)
{
    struct relating relating = {.relations = relations, .profile = profile};

    *relations = (struct relations){.insufficient = NULL};
    followed_grid(relations, profile);
    if (relations->insufficient != NULL) {
        named_relations_leave(relations, relations->insufficient);
        return;
    }
    labels_init(&relating.labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    followed_series_init(&relating.followed, relations, profile);
    relating.scopes = memory_alloc((profile->process_count + 1) * sizeof(*relating.scopes));
    relating.has_scope = memory_alloc((profile->process_count + 1) * sizeof(bool));
    relating.tests = memory_alloc((relations->series_count + 1) * sizeof(*relating.tests));
    relate_functions(&relating);
    relate_series(&relating);
    named_relations_find(relations, profile);
    relating_release(&relating);
}
