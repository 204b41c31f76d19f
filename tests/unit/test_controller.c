/* Unit tests of analyzer/heat/controller.c: on processors that are equations. */
#include "analyzer/heat/controller.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

static const struct controller_limits usual = {75, 85, 95, 4, 4, 8};

/* A processor: full load makes it `die` and `sink` degrees hotter, with their lags. */
struct plant {
    double die, die_s, sink, sink_s;
    double quantum, noise; /* of the sensor, degrees */
    unsigned every;        /* looks for which it says the same */
};

static double gauss(void)
{
    double sum = 0;

    for (int i = 0; i < 12; i++)
        sum += rand() / (double)RAND_MAX;
    return sum - 6;
}

struct outcome {
    double hottest, worst; /* degrees; worst: off target after `settling` seconds */
    struct controller controller;
};

static struct outcome drive(const struct plant *plant, double settling, double seconds)
{
    struct outcome outcome = {0};
    double die = 0, sink = 0, said = 0, load = 0;

    srand(1);
    controller_init(&outcome.controller, &usual);
    for (unsigned i = 0; i < (unsigned)(seconds * 10); i++) {
        const struct controller *c = &outcome.controller;
        die += (plant->die * load - die) * (1 - exp(-0.1 / plant->die_s));
        sink += (plant->sink * load - sink) * (1 - exp(-0.1 / plant->sink_s));
        load = c->duty * fmin(1, c->workers / 4.0) * (0.85 + 0.05 * c->size);
        double celsius = 35 + die + sink;
        if (i % plant->every == 0)
            said = celsius + plant->noise * gauss();
        if (plant->quantum > 0)
            said = round(said / plant->quantum) * plant->quantum;
        controller_step(&outcome.controller, said, 1 + i * 0.1, false);
        outcome.hottest = fmax(outcome.hottest, celsius);
        if (i * 0.1 >= settling)
            outcome.worst = fmax(outcome.worst, fabs(celsius - 75));
    }
    return outcome;
}

static void check_held(const char *name, struct plant plant, double settling)
{
    struct outcome outcome = drive(&plant, settling, settling + 120);

    cr_expect(outcome.worst <= 2, "%s: %.2f off target", name, outcome.worst);
    cr_expect(outcome.hottest < 85, "%s: %.1f degC", name, outcome.hottest);
    cr_expect(outcome.controller.action == HEAT_HOLD || outcome.controller.action == HEAT_GROW);
}

Test(controller, holds_the_target_within_2_degrees)
{
    check_held("laptop, slow", (struct plant){60, 40, 0, 1, 0, 0.3, 1}, 60);
    check_held("chip alone", (struct plant){60, 8, 0, 1, 0, 0.3, 1}, 15);
    check_held("fast chip", (struct plant){60, 1, 0, 1, 0, 0.3, 1}, 15);
    check_held("faster than looks", (struct plant){60, 0.3, 0, 1, 0, 0.3, 1}, 15);
    check_held("chip and sink", (struct plant){20, 0.3, 40, 60, 0, 0.3, 1}, 60);
    check_held("whole degrees", (struct plant){20, 0.3, 40, 60, 1, 0.3, 1}, 60);
    check_held("hardly strong enough", (struct plant){43, 20, 0, 1, 1, 0.2, 1}, 70);
    check_held("far too strong", (struct plant){150, 5, 0, 1, 0, 0.3, 1}, 15);
    check_held("noise of a degree", (struct plant){60, 4, 0, 1, 0, 1, 1}, 30);
    check_held("a reading a second", (struct plant){60, 8, 0, 1, 0, 0.3, 10}, 30);
    check_held("a reading a second, fast", (struct plant){60, 0.5, 0, 1, 0, 0.3, 10}, 60);
    check_held("very slow", (struct plant){60, 100, 0, 1, 0, 0.3, 1}, 200);
}

/* Keeps a temperature for a time; nothing follows the load. */
static void keep_at(struct controller *controller, double celsius, double *now, double seconds)
{
    for (double end = *now + seconds; *now < end; *now += 0.1)
        controller_step(controller, celsius, *now, false);
}

Test(controller, below_the_target_it_grows_to_the_top)
{
    struct controller controller;
    double now = 10;

    controller_init(&controller, &usual);
    cr_assert_eq(controller.workers, 4);
    cr_assert_eq(controller.size, 0);
    keep_at(&controller, 50, &now, 5);
    cr_assert_eq(controller.action, HEAT_GROW);
    cr_assert_gt(controller.size, 0);
    keep_at(&controller, 50, &now, 20);
    cr_assert_eq(controller.size, 3);
    cr_assert_eq(controller.workers, 8);
    cr_assert_float_eq(controller.duty, 1, 1e-9);
    cr_assert_eq(controller.action, HEAT_HOLD, "there is nothing left to grow");
}

Test(controller, the_rise_is_limited_the_fall_is_not)
{
    struct controller controller;
    double now = 10;

    controller_init(&controller, &usual);
    keep_at(&controller, 40, &now, 1.05);
    cr_assert_leq(controller.duty, 0.26);
    keep_at(&controller, 40, &now, 9);
    cr_assert_float_eq(controller.duty, 1, 1e-9);
    keep_at(&controller, 90, &now, 1);
    cr_assert_lt(controller.duty, 0.3);
    keep_at(&controller, 90, &now, 4);
    cr_assert_eq(controller.duty, 0);
}

Test(controller, between_65_and_the_target_it_holds)
{
    struct controller controller;
    double now = 10;

    controller_init(&controller, &usual);
    keep_at(&controller, 74, &now, 20);
    cr_assert_eq(controller.action, HEAT_HOLD);
    cr_assert_eq(controller.size, 0);
    cr_assert_eq(controller.workers, 4);
}

Test(controller, full_duty_that_is_not_enough_grows)
{
    struct controller controller;
    double now = 10;

    controller_init(&controller, &usual);
    keep_at(&controller, 70, &now, 60);
    cr_assert_eq(controller.workers, 8);
}

Test(controller, above_the_target_it_shrinks_but_not_by_noise)
{
    struct controller controller;
    double now = 10;

    controller_init(&controller, &usual);
    keep_at(&controller, 50, &now, 25);
    keep_at(&controller, 76.5, &now, 30);
    cr_assert_eq(controller.workers, 8, "within the hysteresis");
    keep_at(&controller, 80, &now, 60);
    cr_assert_eq(controller.workers, 4, "never fewer than one a processor in this band");
    cr_assert_eq(controller.size, 0);
}

Test(controller, above_the_maximum_smallest_size_and_fewer_workers)
{
    struct controller controller;
    double now = 10;

    controller_init(&controller, &usual);
    keep_at(&controller, 50, &now, 25);
    keep_at(&controller, 90, &now, 2.5);
    cr_assert_eq(controller.action, HEAT_REDUCE);
    cr_assert_eq(controller.size, 0);
    cr_assert_lt(controller.workers, 8);
    keep_at(&controller, 90, &now, 10);
    cr_assert_eq(controller.workers, 1);
}

Test(controller, critical_stops_at_once_and_for_good)
{
    struct controller controller;
    double now = 10;

    controller_init(&controller, &usual);
    keep_at(&controller, 60, &now, 5);
    controller_step(&controller, 95, now += 0.1, false);
    cr_assert_eq(controller.action, HEAT_STOP);
    cr_assert_eq(controller.workers, 0, "the last one, too");
    cr_assert_eq(controller.duty, 0);
    keep_at(&controller, 40, &now, 60);
    cr_assert_eq(controller.action, HEAT_STOP);
    cr_assert_eq(controller.workers, 0);
}

Test(controller, while_resting_nothing_is_learned)
{
    struct controller controller, before;
    double now = 10;

    controller_init(&controller, &usual);
    keep_at(&controller, 70, &now, 10);
    before = controller;
    for (int i = 0; i < 100; i++)
        controller_step(&controller, 50, now += 0.1, true);
    cr_assert_eq(controller.duty, before.duty);
    cr_assert_eq(controller.integral, before.integral);
    controller_step(&controller, 96, now += 0.1, true);
    cr_assert_eq(controller.action, HEAT_STOP, "critical counts all the same");
}

Test(controller, fewer_sizes_later)
{
    struct controller controller;
    double now = 10;

    controller_init(&controller, &usual);
    keep_at(&controller, 50, &now, 25);
    controller.limits.sizes = 2;
    keep_at(&controller, 50, &now, 0.3);
    cr_assert_eq(controller.size, 1);
}
