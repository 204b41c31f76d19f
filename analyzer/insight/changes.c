/*
 * changes.h. Its own file because the judgement is apart from the figures (diff_functions.c) and
 * from how it is shown.
 */
#include "analyzer/insight/changes.h"

#include "analyzer/insight/bootstrap.h"
#include "analyzer/insight/false_discovery.h"
#include "analyzer/insight/student.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

#define LEVEL 0.05
#define Z_95 1.959963984540054
#define Z_ONE_SIDED 1.6448536269514722
#define Z_POWER 0.8416212335729143 /* of 4 in 5 */

#define SAMPLES_LEAST 6 /* on both sides together; fewer can never be significant */
#define FIT_SAMPLES 5   /* of a run: fewer make logarithms of variances lie */
#define FIT_FUNCTIONS 5 /* fewer do not tell how far they agree */
#define FIT_ROUNDS 4
#define PRIOR_LEAST 2.0   /* degrees of freedom that sampling theory always counts for, */
#define PRIOR_MOST 30.0   /* and however well functions agree: they are not independent */
#define FREEDOM_ALONE 40. /* of the scatter of two runs over time, an estimate too */
#define ROUNDING 1e-9

struct judging {
    const struct diff *diff;
    const struct diff_functions *functions;
    struct diff_changes *changes;
    bool absolute;
    bool is_clocked; /* totals come from a clock: samples only divide them */
    double freedom;  /* of the runs: all but one of each side */
    double jitter;   /* variance of functions' values from run to run beside sampling, relative */
    double factor, prior;
    double whole_spread;               /* variance of runs' totals, within the sides */
    double quantile_freedom, quantile; /* the last one asked for */
    double *values; /* of one figure, of the runs before and then of those after */
};

/* What the runs say of one figure. */
struct figure {
    double mean[DIFF_SIDES];
    double spread;   /* variance within the sides, pooled; 0 where each has one run */
    double expected; /* variance of a run by sampling alone, were there no change */
    double swing;    /* variance it has because the runs' totals differ; 0 of shares */
    double samples;  /* in all runs */
};

/* Of run r: the error its sampling makes, for a figure whose share is `share` and whose samples
 * stand for `unit` each. */
static double sampling_variance(const struct judging *judging, size_t r, double share, double unit)
{
    double whole = judging->diff->runs[r].drawn;
    double part = unit * share * whole, rest = judging->diff->runs[r].variance - part;

    if (judging->absolute && !judging->is_clocked)
        return part;
    double variance = (1 - share) * (1 - share) * part + share * share * fmax(rest, 0);
    return judging->absolute ? variance : variance / (whole * whole);
}

static void note_values(const struct judging *judging, const struct diff_cell *cells,
                        struct figure *figure)
{
    const struct diff *diff = judging->diff;
    size_t at[DIFF_SIDES] = {0, diff->side_runs[DIFF_BEFORE]};

    for (size_t r = 0; r < diff->run_count; r++) {
        double whole = judging->absolute ? 1 : diff->runs[r].drawn;
        enum diff_side side = diff->runs[r].side;
        judging->values[at[side]++] = cells[r].value / whole;
        figure->mean[side] += cells[r].value / whole / (double)diff->side_runs[side];
    }
    for (size_t i = 0; i < diff->run_count; i++) {
        double mean = figure->mean[i < diff->side_runs[DIFF_BEFORE] ? DIFF_BEFORE : DIFF_AFTER];
        double off = judging->values[i] - mean;
        if (judging->freedom > 0)
            figure->spread += off * off / judging->freedom;
    }
}

static struct figure figure_of(const struct judging *judging, const struct diff_cell *cells)
{
    const struct diff *diff = judging->diff;
    struct figure figure = {0};
    double value = 0, variance = 0, share = 0, scatter = 0;

    note_values(judging, cells, &figure);
    for (size_t r = 0; r < diff->run_count; r++) {
        value += cells[r].value;
        variance += cells[r].variance;
        scatter += fmax(cells[r].scatter, 1) * cells[r].value; /* a run without any tells nothing */
        share += cells[r].value / diff->runs[r].drawn / (double)diff->run_count;
    }
    if (variance <= 0 || value <= 0)
        return figure;
    scatter /= value;
    figure.samples = value * value / variance / scatter;
    for (size_t r = 0; r < diff->run_count; r++)
        figure.expected += scatter * sampling_variance(judging, r, share, variance / value) /
                           (double)diff->run_count;
    if (judging->absolute)
        figure.swing = share * share * judging->whole_spread;
    return figure;
}

static double mean_of(const struct figure *figure)
{
    return (figure->mean[DIFF_BEFORE] + figure->mean[DIFF_AFTER]) / 2;
}

/* What all functions together say of the variance of a run's figure, and of it what is not known
 * from the runs' totals alone. */
static double model_of(const struct judging *judging, const struct figure *figure)
{
    double mean = mean_of(figure);

    return figure->expected + judging->jitter * mean * mean;
}

/* Whether runs differ so much more than all functions do that these say nothing of this one: a
 * chi-squared value, by Wilson and Hilferty's cube root, that chance gives in one of 20. */
static bool is_wild(double ratio, double freedom)
{
    double off = 2 / (9 * freedom);

    return freedom > 0 && cbrt(ratio) > 1 - off + Z_ONE_SIDED * sqrt(off);
}

/* Variance of a run's figure; false: not known. What all functions know better than one is how
 * samples fall: how totals differ from run to run each knows from the runs alone. */
static bool variance_of(const struct judging *judging, const struct figure *figure,
                        double *variance, double *freedom)
{
    bool drawn = judging->diff->sampled && figure->expected > 0;
    double common = drawn ? judging->factor * model_of(judging, figure) : 0;
    double model = common + figure->swing;
    double prior = drawn ? judging->prior * common / model : 0;

    if (is_wild(figure->spread / model, judging->freedom))
        prior = 0;
    if (judging->freedom > 0) {
        *freedom = judging->freedom + prior;
        *variance = (judging->freedom * figure->spread + prior * model) / *freedom;
        return true;
    }
    *freedom = FREEDOM_ALONE;
    *variance = figure->expected;
    return drawn && judging->changes->judged;
}

/* Most figures have the freedom of the one before, and it is 50 us to find. */
static double quantile_of(struct judging *judging, double freedom)
{
    if (judging->quantile == 0 || judging->quantile_freedom != freedom)
        judging->quantile = student_quantile(LEVEL, freedom);
    judging->quantile_freedom = freedom;
    return judging->quantile;
}

static void judge(struct judging *judging, const struct figure *figure, struct change *change)
{
    const size_t *runs = judging->diff->side_runs;
    double variance, freedom;

    change->before = figure->mean[DIFF_BEFORE];
    change->after = figure->mean[DIFF_AFTER];
    double difference = change_difference(change);
    if (fabs(difference) < ROUNDING * fmax(fabs(change->before), fabs(change->after)))
        difference = 0;
    change->p = 1;
    change->known = variance_of(judging, figure, &variance, &freedom);
    if (!change->known)
        return;
    change->error = sqrt(variance * (1 / (double)runs[DIFF_BEFORE] + 1 / (double)runs[DIFF_AFTER]));
    if (difference != 0)
        change->p = student_tails(difference / change->error, freedom);
    struct bootstrap_quantiles drawn = {-Z_95, Z_95};
    change->tested = !judging->diff->sampled || figure->samples >= SAMPLES_LEAST;
    if (judging->freedom > 0 && change->tested && change->p <= LEVEL)
        drawn = bootstrap_difference(
            (struct bootstrap_side){judging->values, runs[DIFF_BEFORE]},
            (struct bootstrap_side){judging->values + runs[DIFF_BEFORE], runs[DIFF_AFTER]});
    /* Of very few runs what was drawn has no tails: they make no interval shorter. */
    double half = quantile_of(judging, freedom) * change->error;
    change->low = difference - half * fmax(1, -drawn.low / Z_95);
    change->high = difference + half * fmax(1, drawn.high / Z_95);
    if (!judging->absolute) {
        change->low = fmax(change->low, -1);
        change->high = fmin(change->high, 1);
    }
}

/* Figures of functions with samples enough to tell something of variances; free(). */
static struct figure *fit_figures(const struct judging *judging, size_t *count)
{
    const struct diff_functions *functions = judging->functions;
    struct figure *figures = memory_alloc((functions->count + 1) * sizeof(*figures));

    *count = 0;
    for (size_t i = 0; i < functions->count; i++) {
        struct figure figure = figure_of(judging, &functions->self[i * functions->runs]);
        if (figure.samples >= FIT_SAMPLES * (double)functions->runs && figure.spread > 0)
            figures[(*count)++] = figure;
    }
    return figures;
}

/* What functions have beside sampling: variance = sampling + jitter * mean^2, by least squares of
 * ratios to sampling, weighted by what the fit before says of their errors. */
static void fit_jitter(struct judging *judging, const struct figure *figures, size_t count)
{
    for (int round = 0; round < FIT_ROUNDS; round++) {
        double sum = 0, weights = 0;
        for (size_t i = 0; i < count; i++) {
            double base = figures[i].expected + figures[i].swing;
            double mean = mean_of(&figures[i]), lever = mean * mean / base;
            double weight = lever / pow(1 + judging->jitter * lever, 2);
            sum += weight * (figures[i].spread / base - 1);
            weights += weight * lever;
        }
        judging->jitter = weights > 0 ? fmax(0, sum / weights) : 0;
    }
}

/* How much more than by that the runs differ, and how far functions agree on it. */
static void fit_prior(struct judging *judging)
{
    double sum = 0, squares = 0, ratio = 0, d = judging->freedom;
    size_t count = 0;

    judging->factor = 1;
    judging->prior = PRIOR_LEAST;
    if (d <= 0)
        return;
    struct figure *figures = fit_figures(judging, &count);
    if (count >= FIT_FUNCTIONS)
        fit_jitter(judging, figures, count);
    for (size_t i = 0; i < count; i++) {
        double r = figures[i].spread / (model_of(judging, &figures[i]) + figures[i].swing);
        double z = log(r) - student_digamma(d / 2) + log(d / 2);
        sum += z;
        squares += z * z;
        ratio += r;
    }
    free(figures);
    if (count < FIT_FUNCTIONS) {
        judging->factor = count > 0 ? fmax(1, ratio / (double)count) : 1;
        return;
    }
    double mean = sum / (double)count;
    double excess = (squares / (double)count - mean * mean) * (double)count / (double)(count - 1) -
                    student_trigamma(d / 2);
    double half = excess > 0 ? student_trigamma_inverse(excess) : PRIOR_MOST / 2;
    judging->prior = fmin(fmax(2 * half, PRIOR_LEAST), PRIOR_MOST);
    judging->factor = exp(mean + student_digamma(judging->prior / 2) - log(judging->prior / 2));
}

/* The total itself, per run; sampling says nothing of one that a clock counts. */
static void judge_whole(struct judging *judging)
{
    const struct diff *diff = judging->diff;
    struct diff_cell *cells = memory_alloc((diff->run_count + 1) * sizeof(*cells));
    struct judging whole = *judging;

    for (size_t r = 0; r < diff->run_count; r++)
        cells[r] = (struct diff_cell){.value = (double)diff->runs[r].totals[diff->metric],
                                      .variance = judging->is_clocked ? 0 : diff->runs[r].variance};
    whole.absolute = true;
    struct figure figure = figure_of(&whole, cells);
    judging->whole_spread = figure.spread;
    judge(&whole, &figure, &judging->changes->whole);
    free(cells);
}

/* Returns how many were tested, self and total each for itself. */
static size_t find_significant(struct diff_changes *changes)
{
    struct change **tested = memory_alloc((2 * changes->count + 1) * sizeof(struct change *));
    double *p = memory_alloc((2 * changes->count + 1) * sizeof(double));
    double *q = memory_alloc((2 * changes->count + 1) * sizeof(double));
    size_t count = 0;

    for (size_t i = 0; i < changes->count; i++) {
        struct function_change *item = &changes->items[i];
        if (item->self.tested)
            tested[count++] = &item->self;
        if (item->total.tested)
            tested[count++] = &item->total;
        changes->tested += item->self.tested || item->total.tested;
    }
    for (size_t i = 0; i < count; i++)
        p[i] = tested[i]->p;
    false_discovery(p, count, q);
    for (size_t i = 0; i < count; i++)
        tested[i]->significant = q[i] <= LEVEL && (tested[i]->low > 0 || tested[i]->high < 0);
    for (size_t i = 0; i < changes->count; i++)
        changes->significant +=
            changes->items[i].self.significant || changes->items[i].total.significant;
    free(tested);
    free(p);
    free(q);
    return count;
}

static int compare_changes(const void *a, const void *b)
{
    const struct function_change *left = a, *right = b;
    double x = fabs(change_difference(&left->self)), y = fabs(change_difference(&right->self));

    if (x != y)
        return x > y ? -1 : 1;
    return (left->function > right->function) - (left->function < right->function);
}

static bool is_same(const struct diff_cell *self, const struct diff_cell *total, size_t runs)
{
    size_t same = 0;

    while (same < runs && self[same].value == total[same].value)
        same++;
    return same == runs;
}

static bool is_there(const struct diff_cell *total, size_t runs)
{
    size_t none = 0;

    while (none < runs && total[none].value == 0)
        none++;
    return none < runs;
}

static void judge_function(struct judging *judging, uint32_t function)
{
    const size_t runs = judging->functions->runs;
    const struct diff_cell *self = &judging->functions->self[function * runs];
    const struct diff_cell *total = &judging->functions->total[function * runs];
    struct function_change *item = &judging->changes->items[judging->changes->count];

    if (!is_there(total, runs))
        return;
    *item = (struct function_change){.function = function};
    struct figure figure = figure_of(judging, self);
    judge(judging, &figure, &item->self);
    item->self.tested &= is_there(self, runs);
    figure = figure_of(judging, total);
    judge(judging, &figure, &item->total);
    /* A leaf is tested once; what all time is below has nothing to tell. */
    item->total.tested &= !is_same(self, total, runs) && item->total.error > 0;
    judging->changes->count++;
}

static void say_detectable(const struct judging *judging, size_t tests)
{
    struct diff_changes *changes = judging->changes;
    const struct function_change *largest = NULL;
    double freedom = FREEDOM_ALONE;

    for (size_t i = 0; i < changes->count; i++)
        if (changes->items[i].self.tested &&
            (largest == NULL || changes->items[i].self.before > largest->self.before))
            largest = &changes->items[i];
    if (largest == NULL || largest->self.before <= 0)
        return;
    if (judging->freedom > 0)
        freedom = judging->freedom + (judging->diff->sampled ? judging->prior : 0);
    double least = student_quantile(LEVEL / (double)tests, freedom) + Z_POWER;
    changes->detectable = least * largest->self.error / largest->self.before;
    changes->largest = largest->function;
}

void changes_init(struct diff_changes *changes, const struct diff *diff,
                  const struct diff_functions *functions, bool absolute)
{
    struct judging judging = {.diff = diff, .functions = functions, .changes = changes};

    *changes = (struct diff_changes){.absolute = absolute || diff->absolute};
    judging.absolute = changes->absolute;
    judging.is_clocked = diff->metric == METRIC_CPU || diff->metric == METRIC_SAMPLES;
    judging.freedom = (double)diff->run_count - 2;
    judging.values = memory_alloc((diff->run_count + 1) * sizeof(double));
    changes->from_runs = judging.freedom > 0;
    /* Of values that a clock counts, sampling says nothing of how runs differ. */
    changes->judged =
        changes->from_runs || (diff->sampled && !(judging.absolute && judging.is_clocked));

    changes->items = memory_alloc((functions->count + 1) * sizeof(*changes->items));
    judge_whole(&judging);
    fit_prior(&judging);
    for (size_t i = 0; i < functions->count; i++)
        judge_function(&judging, (uint32_t)i);
    size_t tests = find_significant(changes);
    say_detectable(&judging, tests);
    qsort(changes->items, changes->count, sizeof(*changes->items), compare_changes);
    free(judging.values);
}

void changes_release(struct diff_changes *changes)
{
    free(changes->items);
}
