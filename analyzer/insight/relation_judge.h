/*
 * Everything a struct relation says, worked out from two series. The steps are in correlation.h,
 * cross_correlation.h and block_bootstrap.h; here is their order, and from how much on anything is
 * said at all. No state.
 */
#ifndef PROFINJECT_INSIGHT_RELATION_JUDGE_H
#define PROFINJECT_INSIGHT_RELATION_JUDGE_H

#include "analyzer/insight/cross_correlation.h"
#include "analyzer/model/relations.h"

/* Times that each rose: of fewer, one coincidence makes a relation. */
#define RELATION_BURSTS_LEAST 3
#define RELATION_LEVEL 0.05

/* A series with all that is needed of it more than once. Owns `centred`. */
struct judged_series {
    const double *cells; /* NAN: not known */
    struct centred centred;
    size_t bursts;
    const char *insufficient; /* why it cannot be related to anything; NULL: it can */
};

void judged_series_init(struct judged_series *series, const double *cells, size_t count);
void judged_series_release(struct judged_series *series);

/*
 * Lag, strength and p of the pair; both in cells of width_s. `first` has no gaps, or they count as its
 * mean. Only pairs that may be significant cost a look at shifted ones.
 */
struct relation relation_test(const struct judged_series *first, const struct judged_series *second,
                              const struct cross_question *question, double width_s);

/* Nothing is known of it, for that reason. */
struct relation relation_without(const char *why);

/* The rest of it, for relations that are shown: Spearman, intervals, which take a millisecond. After
 * `q` is known, and decides `significant`. */
void relation_complete(struct relation *relation, const struct judged_series *first,
                       const struct judged_series *second, const struct cross_question *question,
                       double width_s);

#endif
