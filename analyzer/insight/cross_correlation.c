/* cross_correlation.h. Its own file because it is the loop that a correlation takes its time for. */
#include "analyzer/insight/cross_correlation.h"

#include "analyzer/insight/correlation.h"
#include "analyzer/insight/student.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHIFTS_MOST 256 /* evenly apart: more say no more, neighbours being alike */
#define SHIFTS_LEAST 8  /* fewer do not tell what chance does */

void centred_init(struct centred *centred, const double *cells, size_t count)
{
    double sum = 0;

    *centred =
        (struct centred){.values = memory_alloc((count + 1) * sizeof(double)), .count = count};
    for (size_t i = 0; i < count; i++)
        if (isfinite(cells[i])) {
            sum += cells[i];
            centred->known_count++;
        }
    double mean = centred->known_count > 0 ? sum / (double)centred->known_count : 0;
    if (centred->known_count < count)
        centred->known = memory_alloc(count * sizeof(bool));
    for (size_t i = 0; i < count; i++) {
        bool known = isfinite(cells[i]);
        centred->values[i] = known ? cells[i] - mean : 0;
        centred->squares += centred->values[i] * centred->values[i];
        if (centred->known != NULL)
            centred->known[i] = known;
    }
    if (!(centred->squares > 1e-12 * mean * mean * (double)count) || isinf(centred->squares))
        centred->squares = 0;
}

void centred_release(struct centred *centred)
{
    free(centred->values);
    free(centred->known);
    memset(centred, 0, sizeof(*centred));
}

/* Four sums side by side: an addition need not wait for the one before. */
static double product(const double *x, const double *y, size_t count)
{
    double sums[4] = {0};
    size_t i = 0;

    for (; i + 4 <= count; i += 4)
        for (size_t j = 0; j < 4; j++)
            sums[j] += x[i + j] * y[i + j];
    for (; i < count; i++)
        sums[0] += x[i] * y[i];
    return sums[0] + sums[1] + (sums[2] + sums[3]);
}

struct sums {
    double xy, x, xx;
    size_t count;
};

/* Of `count` cells from `from` of the first and `to` of the second; x and xx where that is known. */
static void add(struct sums *sums, const struct centred *first, size_t from,
                const struct centred *second, size_t to, size_t count)
{
    sums->xy += product(first->values + from, second->values + to, count);
    for (size_t i = 0; second->known != NULL && i < count; i++) {
        double x = second->known[to + i] ? first->values[from + i] : 0;
        sums->x += x;
        sums->xx += x * x;
        sums->count += second->known[to + i];
    }
}

static double correlation(const struct sums *sums, const struct centred *first,
                          const struct centred *second)
{
    double squares = first->squares;

    if (second->known != NULL)
        squares = sums->count > 0 ? sums->xx - sums->x * sums->x / (double)sums->count : 0;
    double below = squares * second->squares;
    return below > 0 ? fmax(-1, fmin(1, sums->xy / sqrt(below))) : 0;
}

/* Cells that a lag leaves without partner count as the mean. */
static double at_lag(const struct centred *first, const struct centred *second, int lag)
{
    size_t by = (size_t)abs(lag);
    struct sums sums = {0};

    if (by < first->count)
        add(&sums, first, lag < 0 ? by : 0, second, lag < 0 ? 0 : by, first->count - by);
    return correlation(&sums, first, second);
}

static double at_shift(const struct centred *first, const struct centred *second, size_t shift)
{
    struct sums sums = {0};

    add(&sums, first, 0, second, shift, first->count - shift);
    add(&sums, first, first->count - shift, second, 0, shift);
    return correlation(&sums, first, second);
}

static double judged(const struct cross_question *question, double strength)
{
    return question->sign == 0 ? fabs(strength) : question->sign * strength;
}

/* Half a cell to either side at most. */
static double refine(const struct centred *first, const struct centred *second,
                     const struct cross_answer *best)
{
    double sign = best->strength < 0 ? -1 : 1;
    double before = sign * at_lag(first, second, best->lag - 1);
    double after = sign * at_lag(first, second, best->lag + 1);
    double bend = before - 2 * fabs(best->strength) + after;

    if (!(bend < 0))
        return best->lag;
    return best->lag + fmax(-0.5, fmin(0.5, (before - after) / 2 / bend));
}

struct cross_answer cross_correlation_best(const struct centred *first,
                                           const struct centred *second,
                                           const struct cross_question *question)
{
    struct cross_answer best = {.strength = NAN, .p = NAN};

    if (first->squares <= 0 || second->squares <= 0)
        return best;
    for (int lag = question->least; lag <= question->most; lag++) {
        double strength = at_lag(first, second, lag);
        if (isnan(best.strength) || judged(question, strength) > judged(question, best.strength)) {
            best.strength = strength;
            best.lag = lag;
        }
    }
    best.fine_lag = refine(first, second, &best);
    return best;
}

struct shifted {
    double z[SHIFTS_MOST];
    size_t count, as_strong;
};

/* Shifts that are lags, too, and one more. */
static size_t margin_of(const struct cross_question *question)
{
    int least = abs(question->least), most = abs(question->most);

    return (size_t)(least > most ? least : most) + 1;
}

static void shift_all(const struct centred *first, const struct centred *second,
                      const struct cross_question *question, double observed,
                      struct shifted *shifted)
{
    size_t margin = margin_of(question);
    size_t count = first->count;

    shifted->count = shifted->as_strong = 0;
    if (count < 2 * margin + SHIFTS_LEAST)
        return;
    size_t room = count - 2 * margin;
    size_t step = (room + SHIFTS_MOST - 1) / SHIFTS_MOST;
    for (size_t shift = margin; shift < count - margin; shift += step) {
        double strength = at_shift(first, second, shift);
        shifted->as_strong += judged(question, strength) >= observed;
        shifted->z[shifted->count++] = correlation_fisher(strength);
    }
}

/* Of one lag, by how far out it is among the shifted ones. */
static double tail(const struct shifted *shifted, const struct cross_question *question,
                   double strength, double freedom)
{
    double mean = 0, squares = 0, n = (double)shifted->count;

    for (size_t i = 0; i < shifted->count; i++)
        mean += shifted->z[i] / n;
    for (size_t i = 0; i < shifted->count; i++)
        squares += (shifted->z[i] - mean) * (shifted->z[i] - mean);
    double deviation = sqrt(squares / (n - 1));
    double t = deviation > 0 ? (correlation_fisher(strength) - mean) / deviation : 0;
    double both = student_tails(t, freedom);
    if (question->sign == 0)
        return both;
    return t * question->sign > 0 ? both / 2 : 1 - both / 2;
}

/* Cells until both resemble what they were by less than a half: lags closer than that are one. */
static double alike(const struct centred *first, const struct centred *second)
{
    for (size_t lag = 1; lag < first->count / 4; lag++) {
        double x = product(first->values, first->values + lag, first->count - lag);
        double y = product(second->values, second->values + lag, first->count - lag);
        if (x / first->squares * (y / second->squares) < 0.5)
            return (double)lag;
    }
    return fmax(1, (double)first->count / 4);
}

double cross_correlation_chance(const struct centred *first, const struct centred *second,
                                const struct cross_question *question,
                                const struct cross_answer *answer, double effective)
{
    struct shifted shifted;
    double observed = judged(question, answer->strength);

    if (!(observed > 0))
        return 1;
    shift_all(first, second, question, observed, &shifted);
    if (shifted.count < SHIFTS_LEAST)
        return 1;
    double same = alike(first, second);
    double independent = fmin((double)(first->count - 2 * margin_of(question)) / same, effective);
    double one = tail(&shifted, question, answer->strength, fmax(independent - 2, 1));
    double lags = 1 + (double)(question->most - question->least) / same;
    double p = -expm1(lags * log1p(-fmin(one, 1 - 1e-15)));
    double counted = ((double)shifted.as_strong + 1) / ((double)shifted.count + 1);
    if (shifted.as_strong > 0)
        p = fmax(p, -expm1(lags * log1p(-fmin(counted, 1 - 1e-15))));
    return fmin(p, 1);
}
