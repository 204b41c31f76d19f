/*
 * bootstrap.h. Its own file because other questions than changes have runs to draw from.
 */
#include "analyzer/insight/bootstrap.h"

#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

#define DRAWS 1000u
#define Z_95 1.959963984540054

uint64_t bootstrap_draw(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 2685821657736338717u >> 32;
}

static double draw_mean(struct bootstrap_side side, uint64_t *state)
{
    double sum = 0;

    for (size_t i = 0; i < side.count; i++)
        sum += side.values[bootstrap_draw(state) % side.count];
    return sum / (double)side.count;
}

int bootstrap_compare(const void *a, const void *b)
{
    const double *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

struct bootstrap_quantiles bootstrap_difference(struct bootstrap_side before,
                                                struct bootstrap_side after)
{
    double *drawn = memory_alloc(DRAWS * sizeof(*drawn));
    uint64_t state = BOOTSTRAP_SEED;
    double mean = 0, squares = 0;
    struct bootstrap_quantiles quantiles = {-Z_95, Z_95};

    for (size_t i = 0; i < DRAWS; i++) {
        drawn[i] = draw_mean(after, &state) - draw_mean(before, &state);
        mean += drawn[i] / DRAWS;
    }
    for (size_t i = 0; i < DRAWS; i++)
        squares += (drawn[i] - mean) * (drawn[i] - mean);
    double deviation = sqrt(squares / DRAWS);
    qsort(drawn, DRAWS, sizeof(*drawn), bootstrap_compare);
    if (deviation > 1e-12 * fabs(mean) && deviation > 0) {
        quantiles.low = (drawn[DRAWS / 40] - mean) / deviation;
        quantiles.high = (drawn[DRAWS - 1 - DRAWS / 40] - mean) / deviation;
    }
    free(drawn);
    return quantiles;
}
