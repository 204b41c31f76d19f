/*
 * scatter.h. Differences of neighbouring parts, not from the mean (von Neumann, 1941): a program
 * whose work drifts from one thing to another is not uncertain. One that does a thing in few bursts
 * is: how many and how long they are may be another matter the next time.
 */
#include "analyzer/model/scatter.h"

/* 31 differences, of which neighbours share a part, are worth 20: of independent samples they are as
 * large in one of 20 functions. What is not even that is the estimate's own error. */
#define NOISE 1.6

double scatter_of(const struct scatter_run *run, const double *time)
{
    double whole = 0, own = 0, steps = 0, expected = 0;

    for (size_t i = 0; i < SCATTER_PARTS; i++) {
        whole += run->length[i];
        own += time[i];
    }
    double share = whole > 0 ? own / whole : 0;
    for (size_t i = 0; i + 1 < SCATTER_PARTS; i++) {
        double a = run->length[i], b = run->length[i + 1];
        if (a <= 0 || b <= 0)
            continue;
        double step = time[i + 1] / b - time[i] / a;
        steps += step * step;
        expected +=
            share * (1 - share) * (run->squares[i] / (a * a) + run->squares[i + 1] / (b * b));
    }
    double scatter = expected > 0 ? steps / expected : 1;
    return scatter > NOISE ? scatter : 1;
}
