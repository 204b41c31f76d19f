/* relation_judge.h. Its own file because series and functions are judged alike. */
#include "analyzer/insight/relation_judge.h"

#include "analyzer/insight/block_bootstrap.h"
#include "analyzer/insight/correlation.h"
#include "analyzer/insight/student.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

#define P_WORTH_SHIFTING 0.2 /* by theory alone; above it nothing becomes significant */

/* Pairs of which both are known, `lag` cells apart. */
struct paired {
    double *x, *y;
    size_t count;
};

static void paired_init(struct paired *paired, const double *x, const double *y, size_t count,
                        int lag)
{
    paired->x = memory_alloc((count + 1) * sizeof(double));
    paired->y = memory_alloc((count + 1) * sizeof(double));
    paired->count = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t from = (int64_t)i - lag;
        if (from < 0 || from >= (int64_t)count || !isfinite(x[from]) || !isfinite(y[i]))
            continue;
        paired->x[paired->count] = x[from];
        paired->y[paired->count++] = y[i];
    }
}

static void paired_release(struct paired *paired)
{
    free(paired->x);
    free(paired->y);
}

/* Of a series by itself. */
static const char *lack_of(const struct judged_series *series)
{
    if (series->centred.known_count == 0)
        return "nothing is known of it";
    if (series->centred.known_count < RELATIONS_CELLS_LEAST)
        return "too short";
    if (series->centred.squares <= 0)
        return "constant";
    if (series->bursts < RELATION_BURSTS_LEAST)
        return "it rose fewer than 3 times: coincidence and cause look alike";
    return NULL;
}

void judged_series_init(struct judged_series *series, const double *cells, size_t count)
{
    struct paired paired;

    series->cells = cells;
    centred_init(&series->centred, cells, count);
    paired_init(&paired, cells, cells, count, 0);
    series->bursts = correlation_bursts(paired.x, paired.count);
    paired_release(&paired);
    series->insufficient = lack_of(series);
}

void judged_series_release(struct judged_series *series)
{
    centred_release(&series->centred);
}

struct relation relation_without(const char *why)
{
    return (struct relation){.insufficient = why,
                             .pearson = NAN,
                             .spearman = NAN,
                             .strength = NAN,
                             .low = -1,
                             .high = 1,
                             .p = 1,
                             .q = 1};
}

static double p_by_theory(double strength, double effective, int sign)
{
    double freedom = fmax(effective - 2, 1);
    double rest = fmax(1 - strength * strength, 1e-12);
    double both = student_tails(strength * sqrt(freedom / rest), freedom);

    if (sign == 0)
        return both;
    return strength * sign > 0 ? both / 2 : 1 - both / 2;
}

static const char *lack_of_pair(const struct judged_series *first,
                                const struct judged_series *second, size_t cells)
{
    if (first->insufficient != NULL)
        return first->insufficient;
    if (second->insufficient != NULL)
        return second->insufficient;
    return cells < RELATIONS_CELLS_LEAST ? "both are known for too short a time" : NULL;
}

struct relation relation_test(const struct judged_series *first, const struct judged_series *second,
                              const struct cross_question *question, double width_s)
{
    struct relation relation = relation_without(NULL);
    struct paired paired;
    size_t count = first->centred.count;

    paired_init(&paired, first->cells, second->cells, count, 0);
    relation.cells = paired.count;
    relation.pearson = correlation_pearson(paired.x, paired.y, paired.count);
    relation.effective = correlation_effective(paired.x, paired.y, paired.count);
    relation.insufficient = lack_of_pair(first, second, paired.count);
    paired_release(&paired);
    struct cross_answer answer =
        cross_correlation_best(&first->centred, &second->centred, question);
    relation.strength = answer.strength;
    relation.lag_s = relation.lag_low_s = relation.lag_high_s = answer.fine_lag * width_s;
    if (relation.insufficient != NULL)
        return relation;
    if (isnan(answer.strength)) {
        relation.insufficient = "constant";
        return relation;
    }
    relation.p = p_by_theory(answer.strength, relation.effective, question->sign);
    if (relation.p < P_WORTH_SHIFTING)
        relation.p = cross_correlation_chance(&first->centred, &second->centred, question, &answer,
                                              relation.effective);
    return relation;
}

void relation_complete(struct relation *relation, const struct judged_series *first,
                       const struct judged_series *second, const struct cross_question *question,
                       double width_s)
{
    size_t count = first->centred.count;
    struct paired paired;

    if (isnan(relation->strength))
        return;
    paired_init(&paired, first->cells, second->cells, count, 0);
    relation->spearman = correlation_spearman(paired.x, paired.y, paired.count);
    paired_release(&paired);
    int lag = (int)lround(relation->lag_s / width_s);
    lag = lag < question->least ? question->least : lag > question->most ? question->most : lag;
    paired_init(&paired, first->cells, second->cells, count, lag);
    double strength = correlation_pearson(paired.x, paired.y, paired.count);
    paired_release(&paired);
    if (isnan(strength) || relation->insufficient != NULL)
        return;
    relation->strength = strength;
    struct block_question block = {.x = first->cells,
                                   .y = second->cells,
                                   .count = count,
                                   .lag = lag,
                                   .least = question->least,
                                   .most = question->most,
                                   .strength = strength,
                                   .effective = relation->effective};
    struct block_answer interval = block_bootstrap(&block);
    /* of two that are nearly the same it lies beside their strength, by rounding */
    relation->low = fmin(interval.low, strength);
    relation->high = fmax(interval.high, strength);
    relation->lag_low_s = fmin(interval.lag_low * width_s, relation->lag_s);
    relation->lag_high_s = fmax(interval.lag_high * width_s, relation->lag_s);
    relation->significant = relation->q <= RELATION_LEVEL &&
                            fabs(strength) >= RELATION_STRENGTH_LEAST &&
                            (relation->low > 0 || relation->high < 0);
}
