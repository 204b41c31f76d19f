/* Unit tests of analyzer/model/heap_trends.c. */
#include "analyzer/model/heap_trends.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>
#include <math.h>

#define POINTS 30
#define SITES 16
#define MEGA 1e6

static struct profile *profile;
static struct labels labels;
static struct heap_trends trends;

/* Live bytes of a function at point `p` of POINTS. */
typedef double (*course)(size_t p);

static double flat(size_t p)
{
    (void)p;
    return 5 * MEGA;
}

static double ramp(size_t p)
{
    return (double)p * MEGA;
}

static double step_early(size_t p)
{
    return p < 5 ? 0 : 9 * MEGA;
}

static double step_late(size_t p)
{
    return p < 21 ? MEGA : 8 * MEGA;
}

static double hump(size_t p)
{
    return p >= 8 && p < 28 ? 20 * MEGA : 0;
}

static double falling(size_t p)
{
    return (double)(POINTS - p) * MEGA;
}

static double trifle(size_t p)
{
    return (double)p * 10;
}

static double sawtooth(size_t p)
{
    return (double)p * MEGA + (p % 2 ? MEGA : 0);
}

static void add(uint32_t thread, const char *function, course live, double second)
{
    struct profile_heap *heap = &profile->processes[0].heap;
    struct heap_timeline *timeline = heap->timeline;
    struct profile_heap_site site = {.thread = thread,
                                     .stack = fixture_stack(profile, function),
                                     .number = heap_sites_add(&heap->sites, thread)};

    for (size_t p = 0; p < POINTS; p++) {
        timeline->live[p][site.number] = (float)live(p);
        timeline->second[p][site.number] = (float)second;
        timeline->sites[p]++;
    }
    profile_add_heap_site(profile, &site);
}

static uint32_t start(void)
{
    profile = profile_new();
    uint32_t process = fixture_process(profile, "a", 1, 0);
    uint32_t thread = fixture_thread(profile, process, "a", 1);
    struct heap_timeline *timeline = heap_timeline_new(1000000000, 0);
    timeline->width_ns = 1000000000;
    timeline->count = (size_t)POINTS * TIMELINE_STRIDE;
    for (size_t p = 0; p < POINTS; p++) {
        timeline->live[p] = memory_alloc(SITES * sizeof(float));
        timeline->second[p] = memory_alloc(SITES * sizeof(float));
    }
    profile->processes[0].heap.timeline = timeline;
    return thread;
}

static void judge(void)
{
    labels_init(&labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    heap_trends_init(&trends, profile, &labels, 0);
}

static void stop(void)
{
    heap_trends_release(&trends);
    labels_release(&labels);
    profile_free(profile);
}

static const struct heap_trend *trend_of(const char *function)
{
    for (size_t i = 0; i < labels.count; i++)
        if (strcmp(labels.items[i].name, function) == 0)
            return &trends.items[i];
    return NULL;
}

Test(heap_trends, each_course_by_its_name)
{
    uint32_t thread = start();

    add(thread, "flat", flat, 0);
    add(thread, "ramp", ramp, 0);
    add(thread, "early", step_early, 0);
    add(thread, "late", step_late, 0);
    add(thread, "hump", hump, 0);
    add(thread, "falling", falling, 0);
    add(thread, "trifle", trifle, 0);
    add(thread, "saw", sawtooth, 0);
    judge();
    cr_expect_eq(trend_of("flat")->kind, TREND_NONE);
    cr_expect_eq(trend_of("ramp")->kind, TREND_STEADY);
    cr_expect_eq(trend_of("early")->kind, TREND_EARLY);
    cr_expect_eq(trend_of("late")->kind, TREND_LATE);
    cr_expect_eq(trend_of("hump")->kind, TREND_NONE, "it went back");
    cr_expect_eq(trend_of("falling")->kind, TREND_NONE);
    cr_expect_eq(trend_of("trifle")->kind, TREND_NONE);
    cr_expect_eq(trend_of("saw")->kind, TREND_STEADY);
    stop();
}

Test(heap_trends, figures_of_a_ramp)
{
    start();
    add(0, "main;ramp", ramp, 0);
    judge();
    const struct heap_trend *trend = trend_of("ramp");
    cr_expect_float_eq(trend->first, 4.5 * MEGA, 1);
    cr_expect_float_eq(trend->last, 24.5 * MEGA, 1);
    cr_expect_float_eq(trend->growth, 20 * MEGA, 1);
    cr_expect_eq(trend->error, 0);
    /* Middles of the thirds are 20 points of 16 s apart. */
    cr_expect_float_eq(trends.apart_s, 320, 1e-9);
    cr_expect_eq(trend_of("main")->kind, TREND_NONE, "it allocated nothing itself");
    stop();
}

Test(heap_trends, sites_of_a_function_add_up_and_are_ranked)
{
    start();
    add(0, "main;ramp", ramp, 0);
    add(0, "other;ramp", ramp, 0);
    add(0, "early", step_early, 0);
    judge();
    size_t count;
    uint32_t *order = heap_trends_rank(&trends, &count);
    cr_assert_eq(count, 2);
    cr_expect_str_eq(labels.items[order[0]].name, "ramp");
    cr_expect_float_eq(trends.items[order[0]].growth, 40 * MEGA, 1);
    free(order);
    stop();
}

Test(heap_trends, growth_within_the_error_is_none)
{
    start();
    add(0, "loud", ramp, 1e13);  /* 3.2 MB of standard error */
    add(0, "noise", ramp, 1e15); /* 32 MB */
    judge();
    cr_expect_eq(trend_of("loud")->kind, TREND_STEADY);
    cr_expect_float_eq(trend_of("loud")->error, 1.96 * sqrt(2e13), 1e4);
    cr_expect_eq(trend_of("noise")->kind, TREND_NONE);
    stop();
}

Test(heap_trends, a_run_too_short_says_nothing)
{
    start();
    add(0, "ramp", ramp, 0);
    profile->processes[0].heap.timeline->count =
        (HEAP_TREND_POINTS - 1) * (size_t)TIMELINE_STRIDE + 3;
    judge();
    cr_expect_eq(trends.points, HEAP_TREND_POINTS - 1);
    cr_expect_eq(trend_of("ramp")->kind, TREND_NONE);
    stop();
}
