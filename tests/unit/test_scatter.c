/* Unit tests of analyzer/model/scatter.c. */
#include "analyzer/model/scatter.h"

#include "tests/unit/runs_maker.h"

#include <criterion/criterion.h>

#define SAMPLES 8000

/* A run whose samples are of f while chance(i) says so, and of g otherwise. */
static double scatter(double (*chance)(unsigned i))
{
    struct profile *profile = profile_new();
    uint32_t process = fixture_process(profile, "p", 1, 0);
    uint32_t thread = fixture_thread(profile, process, "p", 1);
    uint32_t f = fixture_stack(profile, "main;f"), g = fixture_stack(profile, "main;g");

    for (unsigned i = 0; i < SAMPLES; i++) {
        struct profile_place place = {thread, run_uniform() < chance(i) ? f : g, REGION_NONE};
        samples_add(&profile->samples, &(struct profile_sample){.time_ns = 1000000ull * i,
                                                                .length_ns = 1000000,
                                                                .place = place});
    }
    double result = scatter_of(profile);
    profile_free(profile);
    return result;
}

static double always_alike(unsigned i)
{
    (void)i;
    return 0.3;
}

static double two_phases(unsigned i)
{
    return i < SAMPLES / 2 ? 0.1 : 0.8;
}

/* Neighbours make f slow for a twentieth of the run, now and then. */
static double by_turns(unsigned i)
{
    return i / (SAMPLES / 20) % 2 != 0 ? 0.2 : 0.4;
}

Test(scatter, independent_samples_scatter_by_chance)
{
    double sum = 0;

    for (int i = 0; i < 20; i++)
        sum += scatter(always_alike) / 20;
    cr_assert(sum >= 1 && sum < 1.35, "%g", sum);
}

Test(scatter, one_thing_and_then_another_is_no_scatter)
{
    double sum = 0;

    for (int i = 0; i < 20; i++)
        sum += scatter(two_phases) / 20;
    cr_assert(sum >= 1 && sum < 1.4, "%g", sum);
}

Test(scatter, what_comes_by_turns_is)
{
    cr_assert_gt(scatter(by_turns), 4);
}

Test(scatter, without_samples_nothing_is_known)
{
    struct profile *profile = profile_new();

    cr_assert_eq(scatter_of(profile), 1);
    profile_free(profile);
}
