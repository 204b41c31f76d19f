/* block_bootstrap.h. Its own file because runs are drawn one by one (bootstrap.h), time in blocks. */
#include "analyzer/insight/block_bootstrap.h"

#include "analyzer/insight/bootstrap.h"
#include "analyzer/insight/correlation.h"
#include "analyzer/insight/student.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

#define DRAWS 200u
#define LAGS_MOST 11 /* around the best */
#define LEVEL 0.05

/* Sums over cells up to one, of one lag: a block's are a difference. */
struct sums {
    double n, x, y, xx, yy, xy;
};

struct drawing {
    struct sums *until[LAGS_MOST]; /* [lag - first][cell] */
    int first;
    size_t lags, cells, block;
    uint64_t state;
};

static void sum_lag(const struct block_question *question, int lag, struct sums *until)
{
    for (size_t i = 0; i < question->count; i++) {
        int64_t from = (int64_t)i - lag;
        until[i + 1] = until[i];
        if (from < 0 || from >= (int64_t)question->count || !isfinite(question->y[i]))
            continue;
        double x = question->x[from], y = question->y[i];
        until[i + 1].n += 1;
        until[i + 1].x += x;
        until[i + 1].y += y;
        until[i + 1].xx += x * x;
        until[i + 1].yy += y * y;
        until[i + 1].xy += x * y;
    }
}

static void drawing_init(struct drawing *drawing, const struct block_question *question)
{
    int last = question->lag + LAGS_MOST / 2;

    *drawing = (struct drawing){.cells = question->count, .state = BOOTSTRAP_SEED};
    drawing->first = question->lag - LAGS_MOST / 2;
    if (drawing->first < question->least)
        drawing->first = question->least;
    if (last > question->most)
        last = question->most;
    drawing->lags = 1 + (size_t)(last - drawing->first);
    /* Three times as long as what resembles itself, and of many cells longer, as the cube root of
     * their number (Politis and White 2004); but there must be several to draw from. */
    double alike = (double)question->count / fmax(question->effective, 2);
    double block = fmax(ceil(3 * alike), cbrt((double)question->count));
    block = fmin(block, (double)question->count / 6);
    drawing->block = block < 2 ? 2 : (size_t)block;
    for (size_t i = 0; i < drawing->lags; i++) {
        drawing->until[i] = memory_alloc((question->count + 1) * sizeof(struct sums));
        sum_lag(question, drawing->first + (int)i, drawing->until[i]);
    }
}

static double correlation(const struct sums *sums)
{
    if (sums->n < 3)
        return 0;
    double xx = sums->xx - sums->x * sums->x / sums->n;
    double yy = sums->yy - sums->y * sums->y / sums->n;
    double xy = sums->xy - sums->x * sums->y / sums->n;
    double below = xx * yy;
    return xx > 0 && yy > 0 && below > 0 ? fmax(-1, fmin(1, xy / sqrt(below))) : 0;
}

static void add_block(struct sums *sums, const struct sums *until, size_t from, size_t to)
{
    sums->n += until[to].n - until[from].n;
    sums->x += until[to].x - until[from].x;
    sums->y += until[to].y - until[from].y;
    sums->xx += until[to].xx - until[from].xx;
    sums->yy += until[to].yy - until[from].yy;
    sums->xy += until[to].xy - until[from].xy;
}

/* One draw: correlations of all lags. */
static void draw_once(struct drawing *drawing, double *strengths)
{
    struct sums sums[LAGS_MOST] = {{0}};

    for (size_t drawn = 0; drawn < drawing->cells; drawn += drawing->block) {
        size_t from = bootstrap_draw(&drawing->state) % (drawing->cells - drawing->block + 1);
        for (size_t i = 0; i < drawing->lags; i++)
            add_block(&sums[i], drawing->until[i], from, from + drawing->block);
    }
    for (size_t i = 0; i < drawing->lags; i++)
        strengths[i] = correlation(&sums[i]);
}

static double best_lag(const struct drawing *drawing, const double *strengths, double sign)
{
    size_t best = 0;

    for (size_t i = 1; i < drawing->lags; i++)
        if (sign * strengths[i] > sign * strengths[best])
            best = i;
    if (best == 0 || best + 1 == drawing->lags)
        return (double)drawing->first + (double)best;
    double before = sign * strengths[best - 1], after = sign * strengths[best + 1];
    double bend = before - 2 * sign * strengths[best] + after;
    double off = bend < 0 ? (before - after) / 2 / bend : 0;
    return (double)drawing->first + (double)best + off;
}

/* Quantiles as what is drawn has them, but not narrower than theory says of so many independent
 * cells, and as much wider as that number is small: of few stretches what is drawn has no tails. */
static void set_interval(const struct block_question *question, double *z,
                         struct block_answer *answer)
{
    double freedom = fmax(question->effective - 3, 1);
    double widen = student_quantile(LEVEL, freedom) / student_quantile(LEVEL, INFINITY);
    double middle = correlation_fisher(question->strength);
    double least = student_quantile(LEVEL, INFINITY) / sqrt(freedom);

    qsort(z, DRAWS, sizeof(*z), bootstrap_compare);
    double below = fmax(middle - z[DRAWS / 40], least);
    double above = fmax(z[DRAWS - 1 - DRAWS / 40] - middle, least);
    /* Fisher's z of 1 is infinite: there it stops a little short of it. */
    answer->low = fmin(tanh(middle - widen * below), question->strength);
    answer->high = fmax(tanh(middle + widen * above), question->strength);
}

struct block_answer block_bootstrap(const struct block_question *question)
{
    struct block_answer answer = {-1, 1, question->lag, question->lag};
    struct drawing drawing;
    double strengths[LAGS_MOST];
    double *z = memory_alloc(DRAWS * sizeof(*z)), *lags = memory_alloc(DRAWS * sizeof(*lags));

    if (question->count >= 12) {
        drawing_init(&drawing, question);
        for (size_t i = 0; i < DRAWS; i++) {
            draw_once(&drawing, strengths);
            z[i] = correlation_fisher(strengths[question->lag - drawing.first]);
            lags[i] = best_lag(&drawing, strengths, question->strength < 0 ? -1 : 1);
        }
        set_interval(question, z, &answer);
        qsort(lags, DRAWS, sizeof(*lags), bootstrap_compare);
        answer.lag_low = lags[DRAWS / 40];
        answer.lag_high = lags[DRAWS - 1 - DRAWS / 40];
        for (size_t i = 0; i < drawing.lags; i++)
            free(drawing.until[i]);
    }
    free(z);
    free(lags);
    return answer;
}
