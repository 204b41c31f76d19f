/*
 * Unit tests of analyzer/insight/changes.c: what it calls a change, and what noise, of runs whose
 * truth is known.
 */
#include "analyzer/insight/changes.h"

#include "tests/unit/runs_maker.h"

#include <criterion/criterion.h>
#include <string.h>

struct found {
    size_t significant;
    bool planted; /* the right function, and slower */
    size_t intervals, covering;
};

/* Compares `runs` runs of each kind. */
static struct found compare(const struct made_run *before, const struct made_run *after,
                            size_t runs, bool absolute)
{
    struct diff diff;
    struct diff_functions functions;
    struct diff_changes changes;
    struct found found = {0};

    diff_init(&diff, METRIC_CPU, absolute);
    for (size_t i = 0; i < 2 * runs; i++) {
        struct profile *run = run_make(i < runs ? before : after);
        diff_add(&diff, run, i < runs ? DIFF_BEFORE : DIFF_AFTER, "run");
        profile_free(run);
    }
    diff_finish(&diff);
    diff_functions_init(&functions, &diff);
    changes_init(&changes, &diff, &functions, absolute);
    found.significant = changes.significant;
    for (size_t i = 0; i < changes.count; i++) {
        const struct function_change *item = &changes.items[i];
        const char *name = functions.labels.items[item->function].name;
        cr_assert(!item->self.significant || item->self.low > 0 || item->self.high < 0);
        cr_assert(!item->total.significant || item->total.low > 0 || item->total.high < 0);
        cr_assert(absolute || (item->self.low >= -1 && item->self.high <= 1));
        if (strcmp(name, "f0") == 0)
            found.planted = item->self.significant && change_difference(&item->self) > 0;
        if (item->self.tested && item->self.known) {
            found.intervals++;
            found.covering += item->self.low <= 0 && item->self.high >= 0;
        }
    }
    changes_release(&changes);
    diff_functions_release(&functions);
    diff_release(&diff);
    return found;
}

/* Of 100 comparisons: how many found nothing, and how many what was planted. */
static void check_trials(const struct made_run *run, size_t runs, bool absolute)
{
    struct made_run slower = *run;
    int quiet = 0, planted = 0;

    slower.slower = 0.05;
    for (int trial = 0; trial < 100; trial++) {
        quiet += compare(run, run, runs, absolute).significant == 0;
        planted += compare(run, &slower, runs, absolute).planted;
    }
    fprintf(stderr, "%zu runs of %lu samples a side: no change in %d of 100, 5 %% found in %d\n",
            runs, (unsigned long)run->samples, quiet, planted);
    cr_assert_geq(quiet, 90);
    cr_assert_geq(planted, 90);
}

Test(changes, one_long_run_a_side)
{
    check_trials(&(struct made_run){.samples = 90000}, 1, false);
}

/* Shares differ by half a percent from run to run, and the machine's speed by 5. */
Test(changes, five_runs_a_side)
{
    check_trials(&(struct made_run){.samples = 25000, .jitter = 0.005, .speed = 0.05}, 5, false);
}

Test(changes, three_runs_a_side)
{
    check_trials(&(struct made_run){.samples = 50000, .jitter = 0.002, .speed = 0.05}, 3, false);
}

Test(changes, five_runs_a_side_by_values)
{
    check_trials(&(struct made_run){.samples = 25000, .jitter = 0.003, .speed = 0.003}, 5, true);
}

/* Much noise between runs: nothing is found, however few there are. */
Test(changes, noise_between_runs_is_noise)
{
    const struct made_run run = {.samples = 4000, .jitter = 0.1, .speed = 0.1};

    for (size_t runs = 2; runs <= 6; runs += 2)
        for (int absolute = 0; absolute < 2; absolute++) {
            int quiet = 0;
            for (int trial = 0; trial < 60; trial++)
                quiet += compare(&run, &run, runs, absolute != 0).significant == 0;
            cr_assert_geq(quiet, 54, "%zu runs: %d of 60", runs, quiet);
        }
}

/* The truth, no difference, is in 95 of 100 intervals. */
Test(changes, intervals_cover)
{
    static const struct made_run kinds[] = {
        {.samples = 8000}, {.samples = 8000, .jitter = 0.02}, {.samples = 8000, .jitter = 0.1}};

    for (size_t kind = 0; kind < 3; kind++)
        for (size_t runs = kind == 0 ? 1 : 3; runs <= 7; runs += 2) {
            struct found sum = {0};
            for (int trial = 0; trial < 40; trial++) {
                struct found one = compare(&kinds[kind], &kinds[kind], runs, false);
                sum.intervals += one.intervals;
                sum.covering += one.covering;
            }
            double share = (double)sum.covering / (double)sum.intervals;
            fprintf(stderr, "kind %zu, %zu runs: %.3f of %zu intervals\n", kind, runs, share,
                    sum.intervals);
            cr_assert(share >= 0.925 && share <= 0.995, "kind %zu, %zu runs: %.3f", kind, runs,
                      share);
        }
}

/* Few samples, one run: 0 against 3 is no finding. */
Test(changes, few_samples_are_no_finding)
{
    const struct made_run run = {.samples = 60};
    int quiet = 0;

    for (int trial = 0; trial < 100; trial++)
        quiet += compare(&run, &run, 1, false).significant == 0;
    cr_assert_geq(quiet, 93, "%d of 100", quiet);
}
