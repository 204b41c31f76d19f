/*
 * Makes runs of a program whose functions have known shares, for tests of comparisons: samples fall
 * by chance, and shares may differ from run to run. Header only; deterministic.
 */
#ifndef PROFINJECT_TESTS_RUNS_MAKER_H
#define PROFINJECT_TESTS_RUNS_MAKER_H

#include "tests/unit/profile_fixture.h"

#include <math.h>

#define RUN_FUNCTIONS 24
#define RUN_PLANTED 0 /* the one that is made slower; it has 30 % */
#define RUN_PERIOD_NS 1000000

struct made_run {
    uint64_t samples;
    double slower; /* the planted function does so much more, 0.05: 5 % */
    double jitter; /* shares differ so much from run to run, relative */
    double speed;  /* so much do all together, relative */
};

static uint64_t run_state = 88172645463325252u;

static double run_uniform(void)
{
    run_state ^= run_state << 13;
    run_state ^= run_state >> 7;
    run_state ^= run_state << 17;
    return ((double)(run_state >> 11) + 0.5) / 9007199254740992.0;
}

static double run_normal(void)
{
    return sqrt(-2 * log(run_uniform())) * cos(2 * M_PI * run_uniform());
}

/* How many of `count` it is: by the normal distribution where that is as good, else by waiting
 * from one to the next. */
static inline uint64_t run_binomial(uint64_t count, double chance)
{
    double mean = (double)count * chance, variance = mean * (1 - chance);
    uint64_t hits = 0;

    if (variance > 100) {
        double value = round(mean + sqrt(variance) * run_normal());
        return value < 0 ? 0 : value > (double)count ? count : (uint64_t)value;
    }
    if (chance > 0.5)
        return count - run_binomial(count, 1 - chance);
    for (double at = 0; chance > 0; hits++) {
        at += ceil(log(run_uniform()) / log1p(-chance));
        if (at > (double)count)
            break;
    }
    return hits;
}

/* Of its function, before anything is slower: 30 %, 10.5 %, 9.8 %... down to rare ones. */
static inline double run_share(int function)
{
    static double sum;

    if (sum == 0)
        for (int i = 1; i < RUN_FUNCTIONS; i++)
            sum += pow(0.85, i);
    return function == RUN_PLANTED ? 0.3 : 0.7 * pow(0.85, function) / sum;
}

static inline struct profile *run_make(const struct made_run *run)
{
    struct profile *profile = profile_new();
    uint32_t process = fixture_process(profile, "made", 1, 0), stacks[RUN_FUNCTIONS];
    uint32_t thread = fixture_thread(profile, process, "made", 1);
    uint64_t counts[RUN_FUNCTIONS] = {0};
    double ends[RUN_FUNCTIONS], sum = 0;
    double rest, faster = exp(run->speed * run_normal());

    for (int i = 0; i < RUN_FUNCTIONS; i++) {
        double share = run_share(i) * exp(run->jitter * run_normal());
        sum += share * (i == RUN_PLANTED ? 1 + run->slower : 1);
        ends[i] = sum;
    }
    rest = sum;
    uint64_t left = (uint64_t)((double)run->samples * sum * faster);
    for (int i = 0; i < RUN_FUNCTIONS; i++) {
        double share = ends[i] - (i > 0 ? ends[i - 1] : 0);
        counts[i] = i < RUN_FUNCTIONS - 1 ? run_binomial(left, fmin(share / rest, 1)) : left;
        left -= counts[i];
        rest -= share;
    }
    for (int i = 0; i < RUN_FUNCTIONS; i++) {
        char folded[64];
        snprintf(folded, sizeof(folded), "main;%s;f%d", i % 3 == 0 ? "even" : "odd", i);
        stacks[i] = fixture_stack(profile, folded);
        entries_add(
            &profile->entries,
            &(struct profile_entry){.thread = thread,
                                    .stack = stacks[i],
                                    .value = {[METRIC_CPU] = (int64_t)counts[i] * RUN_PERIOD_NS,
                                              [METRIC_SAMPLES] = (int64_t)counts[i]}});
    }
    return profile;
}

#endif
