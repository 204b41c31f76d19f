/* causes.h. Its own file because which function is meant is no matter of statistics alone. */
#include "analyzer/insight/causes.h"

#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

#define ACTIVE 0.1 /* of the mean of cells above the mean: so much counts as doing something */

/* One cell earlier than possible: two clocks look at the same moment. */
static struct cross_question question_of(const struct resource_trait *trait,
                                         const struct relations_grid *grid)
{
    double cells = ceil(trait->late_s * 1e9 / (double)grid->width_ns);
    double room = floor((double)grid->cells / 8);

    return (struct cross_question){
        .least = -1, .most = (int)fmax(1, fmin(cells, room)), .sign = trait->sign};
}

void cause_tests_init(struct cause_tests *tests, const struct followed *followed,
                      const struct activities *activities, const struct relations_grid *grid)
{
    *tests = (struct cause_tests){
        .followed = followed,
        .activities = activities,
        .question = question_of(followed->trait, grid),
        .tests = memory_alloc((activities->count + 1) * sizeof(struct relation))};
    for (size_t i = 0; i < activities->count; i++) {
        const struct activity *activity = &activities->items[i];
        tests->tests[i] = relation_without(NULL);
        tests->tests[i].p = NAN; /* not asked */
        if ((followed->trait->activities & 1u << activity->kind) != 0)
            tests->tests[i] = relation_test(&activity->judged, &followed->judged, &tests->question,
                                            (double)grid->width_ns * 1e-9);
    }
}

void cause_tests_release(struct cause_tests *tests)
{
    free(tests->tests);
}

/* As the question wants it; what was not asked is below everything. */
static double strength_of(const struct cause_tests *tests, size_t i)
{
    double strength = tests->tests[i].strength;

    if (isnan(strength))
        return -2;
    return tests->question.sign == 0 ? fabs(strength) : tests->question.sign * strength;
}

/* Significant ones before others, those that could not be tested last. */
static int class_of(const struct relation *relation)
{
    return relation->insufficient != NULL ? 2 : relation->q > RELATION_LEVEL;
}

static bool is_better(const struct cause_tests *tests, size_t i, size_t than)
{
    int one = class_of(&tests->tests[i]), other = class_of(&tests->tests[than]);

    return one != other ? one < other : strength_of(tests, i) > strength_of(tests, than);
}

static size_t strongest(const struct cause_tests *tests, const bool *open, bool own_only)
{
    const struct activities *activities = tests->activities;
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < activities->count; i++)
        if (open[i] && (!own_only || activities->items[i].is_own) && strength_of(tests, i) > 0 &&
            (best == SIZE_MAX || is_better(tests, i, best)))
            best = i;
    return best;
}

static bool is_inside(const struct activities *activities, size_t inner, size_t outer)
{
    return inner != outer && activities_inside(activities, &activities->items[inner],
                                               &activities->items[outer]) >= CAUSES_INSIDE;
}

/* Down from `best` as long as a function below is as strong, and most of it. */
static size_t innermost(const struct cause_tests *tests, const bool *open, size_t best)
{
    const struct activities *activities = tests->activities;
    double least = strength_of(tests, best) - CAUSES_ALIKE;
    bool own = activities->items[best].is_own;
    size_t found = best;

    for (size_t steps = 0; steps < activities->count; steps++) {
        size_t next = SIZE_MAX;
        for (size_t i = 0; i < activities->count; i++)
            if (open[i] && activities->items[i].is_own == own &&
                activities->items[i].kind == activities->items[found].kind &&
                activities->items[i].label != activities->items[found].label &&
                strength_of(tests, i) >= least && is_inside(activities, i, found) &&
                !is_inside(activities, found, i) &&
                activities->items[i].total >= activities->items[found].total / 2 &&
                (next == SIZE_MAX || is_inside(activities, next, i)))
                next = i;
        if (next == SIZE_MAX)
            return found;
        found = next;
    }
    return found;
}

static void close_kin(const struct cause_tests *tests, bool *open, size_t chosen)
{
    const struct activities *activities = tests->activities;

    for (size_t i = 0; i < activities->count; i++)
        if (activities->items[i].label == activities->items[chosen].label ||
            is_inside(activities, i, chosen) || is_inside(activities, chosen, i))
            open[i] = false;
}

static double active_from(const double *cells, size_t count)
{
    double sum = 0, above = 0;
    size_t some = 0;

    for (size_t i = 0; i < count; i++)
        sum += cells[i];
    for (size_t i = 0; i < count; i++)
        if (cells[i] > sum / (double)count) {
            above += cells[i];
            some++;
        }
    return some > 0 ? ACTIVE * above / (double)some : INFINITY;
}

/* What fell into cells in which the function was active, as much earlier as the effect is late. */
static void explain(const struct cause_tests *tests, const struct activity *activity,
                    const struct relation_series *series, size_t count,
                    struct relation_cause *cause, double width_s)
{
    double from = active_from(activity->cells, count), whole = 0, part = 0;
    size_t known = 0, active = 0;
    long lag = lround(cause->relation.lag_s / width_s);

    for (long i = 0; i < (long)count; i++) {
        double value = tests->followed->asked[i] * tests->question.sign;
        bool is_active = i - lag >= 0 && i - lag < (long)count && activity->cells[i - lag] > from;
        if (!isfinite(value))
            continue;
        known++;
        active += is_active;
        whole += fmax(value, 0);
        part += is_active ? fmax(value, 0) : 0;
    }
    cause->share_of_time = known > 0 ? (double)active / (double)known : NAN;
    cause->share = tests->followed->trait->adds_up && whole > 0 ? part / whole : NAN;
    cause->explained = cause->share * series->total;
}

static void add(const struct cause_tests *tests, const struct relations_grid *grid,
                struct relation_series *series, size_t chosen)
{
    const struct activity *activity = &tests->activities->items[chosen];
    const struct profile *profile = tests->activities->profile;
    double width_s = (double)grid->width_ns * 1e-9;
    struct relation_cause *cause = &series->causes[series->cause_count++];

    *cause = (struct relation_cause){.activity = activity->kind,
                                     .frame = profile->stacks[activity->stack].frame,
                                     .stack = activity->stack,
                                     .amount = activity->total,
                                     .relation = tests->tests[chosen]};
    if (series->cause_count == 1 || cause->relation.q <= RELATION_LEVEL)
        relation_complete(&cause->relation, &activity->judged, &tests->followed->judged,
                          &tests->question, width_s);
    explain(tests, activity, series, grid->cells, cause, width_s);
}

void causes_choose(const struct cause_tests *tests, const struct relations_grid *grid,
                   struct relation_series *series)
{
    size_t count = tests->activities->count;
    bool *open = memory_alloc(count + 1);

    for (size_t i = 0; i < count; i++)
        open[i] = true;
    series->causes = memory_alloc(RELATION_CAUSES_MOST * sizeof(*series->causes));
    while (series->cause_count < RELATION_CAUSES_MOST) {
        size_t best = strongest(tests, open, true);
        if (best == SIZE_MAX && series->cause_count == 0)
            best = strongest(tests, open, false);
        if (best == SIZE_MAX)
            break;
        best = innermost(tests, open, best);
        add(tests, grid, series, best);
        close_kin(tests, open, best);
    }
    free(open);
}
