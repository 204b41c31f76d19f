/* false_discovery.h. Its own file because comparisons and correlations test many things at once. */
#include "analyzer/insight/false_discovery.h"

#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

struct tested {
    double p;
    size_t number;
};

static int compare(const void *a, const void *b)
{
    const struct tested *left = a, *right = b;

    return (left->p > right->p) - (left->p < right->p);
}

void false_discovery(const double *p, size_t count, double *q)
{
    struct tested *tested = memory_alloc((count + 1) * sizeof(*tested));
    double least = 1;

    for (size_t i = 0; i < count; i++)
        tested[i] = (struct tested){isnan(p[i]) ? 1 : p[i], i};
    qsort(tested, count, sizeof(*tested), compare);
    for (size_t i = count; i-- > 0;) {
        /* The ratio first: as it is not below 1, no q is below its p by rounding. */
        least = fmin(least, tested[i].p * ((double)count / (double)(i + 1)));
        q[tested[i].number] = least;
    }
    free(tested);
}
