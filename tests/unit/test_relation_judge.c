/*
 * Unit tests of analyzer/insight/relation_judge.c, and of cross_correlation.c and block_bootstrap.c
 * behind it: what chance makes of series that have nothing to do with each other, and how often what
 * is planted is found.
 */
#include "analyzer/insight/relation_judge.h"
#include "tests/unit/series_maker.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define CELLS_MOST 400
#define WIDTH_S 0.1

static double x[CELLS_MOST], y[CELLS_MOST];

static struct relation judge_whole(size_t count, struct cross_question question)
{
    struct judged_series first, second;

    judged_series_init(&first, x, count);
    judged_series_init(&second, y, count);
    struct relation relation = relation_test(&first, &second, &question, WIDTH_S);
    relation.q = relation.p;
    relation_complete(&relation, &first, &second, &question, WIDTH_S);
    judged_series_release(&first);
    judged_series_release(&second);
    return relation;
}

static const struct cross_question soon = {.least = -1, .most = 10, .sign = 1};
static const struct cross_question now = {.least = 0, .most = 0, .sign = 0};

/* Of 100 pairs so many p are at most 5 %. */
static double false_alarms(size_t trials, size_t count, double share,
                           struct cross_question question)
{
    size_t found = 0;

    for (size_t i = 0; i < trials; i++) {
        series_wander(share, x, count);
        series_wander(share, y, count);
        found += judge_whole(count, question).p <= 0.05;
    }
    return 100 * (double)found / (double)trials;
}

Test(relation_judge, slow_series_that_have_nothing_to_do_with_each_other)
{
    static const double shares[] = {0, 0.5, 0.8, 0.9};

    for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
        double alarms = false_alarms(400, 200, shares[i], soon);
        cr_expect_leq(alarms, 7.5, "share %g: %g of 100", shares[i], alarms);
        alarms = false_alarms(400, 80, shares[i], now);
        cr_expect_leq(alarms, 7.5, "share %g, 80 cells: %g of 100", shares[i], alarms);
    }
}

Test(relation_judge, switched_series_that_have_nothing_to_do_with_each_other)
{
    size_t found = 0;

    for (size_t i = 0; i < 400; i++) {
        series_switch(3, 8, 0.05, x, 70);
        series_switch(3, 8, 0.05, y, 70);
        found += judge_whole(70, soon).p <= 0.05;
    }
    cr_expect_leq(found, 28, "%zu of 400", found);
}

/* y = 0.6 x + 0.8 z, all slow: the correlation is 0.6. */
Test(relation_judge, intervals_hold_what_is_true)
{
    static const double shares[] = {0, 0.5, 0.8};

    for (size_t share = 0; share < 3; share++) {
        size_t held = 0, found = 0;
        for (size_t i = 0; i < 300; i++) {
            double z[CELLS_MOST];
            series_wander(shares[share], x, 300);
            series_wander(shares[share], z, 300);
            for (size_t cell = 0; cell < 300; cell++)
                y[cell] = 0.6 * x[cell] + 0.8 * z[cell];
            struct relation relation = judge_whole(300, now);
            held += relation.low <= 0.6 && relation.high >= 0.6;
            found += relation.significant;
        }
        printf("share %g: interval holds in %zu of 300, found %zu\n", shares[share], held, found);
        cr_expect(held >= 270 && held <= 294, "share %g: %zu of 300", shares[share], held);
        cr_expect_geq(found, 290, "share %g: %zu of 300", shares[share], found);
    }
}

/* 300 ms, in cells of 100, with noise. */
Test(relation_judge, what_follows_later_is_found_so_much_later)
{
    size_t near = 0, held = 0, found = 0;

    for (size_t i = 0; i < 200; i++) {
        series_switch(3, 9, 0.1, x, 80);
        for (size_t cell = 0; cell < 80; cell++)
            y[cell] = (cell >= 3 ? x[cell - 3] : 0) + 0.3 * series_normal();
        struct relation relation = judge_whole(80, soon);
        near += fabs(relation.lag_s - 0.3) <= 0.1;
        held += relation.lag_low_s <= 0.3 && relation.lag_high_s >= 0.3;
        found += relation.significant;
    }
    cr_expect_geq(found, 190, "%zu of 200", found);
    cr_expect_geq(near, 198, "%zu of 200", near);
    cr_expect_geq(held, 180, "%zu of 200", held);
}

/* As CPU time of a process and of its only thread. */
Test(relation_judge, the_interval_of_nearly_the_same_holds_its_strength)
{
    for (size_t i = 0; i < 100; i++) {
        series_switch(3, 9, 0.1, x, 87);
        for (size_t cell = 0; cell < 87; cell++)
            y[cell] = x[cell] * (1 + 1e-7 * series_normal());
        struct relation relation = judge_whole(87, now);
        cr_expect(relation.low <= relation.strength && relation.strength <= relation.high,
                  "%.17g: %.17g to %.17g", relation.strength, relation.low, relation.high);
    }
}

Test(relation_judge, of_the_sign_that_was_asked_for)
{
    struct cross_question rises = {.least = 0, .most = 0, .sign = 1}, falls = rises, either = rises;

    falls.sign = -1;
    either.sign = 0;
    series_switch(3, 9, 0.1, x, 100);
    for (size_t cell = 0; cell < 100; cell++)
        y[cell] = 5 - x[cell] + 0.2 * series_normal();
    cr_expect_not(judge_whole(100, rises).significant);
    cr_expect(judge_whole(100, falls).significant);
    cr_expect(judge_whole(100, either).significant);
    cr_expect_lt(judge_whole(100, either).strength, -0.9);
}

/* Figures come from the series, and from nothing else: what is no relation is called none. */
Test(relation_judge, says_nothing_of_too_little)
{
    series_switch(3, 9, 0.1, x, 100);
    for (size_t i = 0; i < 100; i++)
        y[i] = 90; /* busy all the time: that is no correlation of 0.8 */
    struct relation relation = judge_whole(100, soon);
    cr_expect_str_eq(relation.insufficient, "constant");
    cr_expect(isnan(relation.strength));
    for (size_t i = 0; i < 100; i++)
        y[i] = NAN;
    cr_expect_str_eq(judge_whole(100, soon).insufficient, "nothing is known of it");
    memcpy(y, x, sizeof(y));
    cr_expect_str_eq(judge_whole(2, soon).insufficient, "too short");
    cr_expect_str_eq(judge_whole(RELATIONS_CELLS_LEAST - 1, soon).insufficient, "too short");
    cr_expect_eq(judge_whole(0, soon).insufficient[0], 'n');
    for (size_t i = 0; i < 100; i++)
        x[i] = y[i] = i >= 40 && i < 50;
    relation = judge_whole(100, soon);
    cr_expect_not_null(strstr(relation.insufficient, "fewer than 3 times"));
    cr_expect_gt(relation.strength, 0.99, "told, but not judged");
    cr_expect_not(relation.significant);
}

Test(relation_judge, gaps_and_what_is_no_number)
{
    series_switch(3, 9, 0.1, x, 200);
    for (size_t i = 0; i < 200; i++)
        y[i] = i / 20 % 3 == 1 ? NAN : 7 * x[i] + 0.1 * series_normal();
    y[5] = INFINITY;
    y[6] = -INFINITY;
    struct relation relation = judge_whole(200, soon);
    cr_expect_null(relation.insufficient);
    cr_expect_lt(relation.cells, 140);
    cr_expect_gt(relation.strength, 0.95);
    cr_expect_float_eq(relation.lag_s, 0, 0.03);
    cr_expect(relation.significant);
    for (size_t i = 0; i < 200; i++)
        y[i] = i < 20 ? x[i] : NAN;
    cr_expect_str_eq(judge_whole(200, soon).insufficient, "too short");
}

Test(relation_judge, the_same_twice)
{
    series_switch(3, 9, 0.1, x, 100);
    series_wander(0.5, y, 100);
    for (size_t i = 0; i < 100; i++)
        y[i] += x[i];
    struct relation one = judge_whole(100, soon), other = judge_whole(100, soon);
    cr_expect_eq(memcmp(&one, &other, sizeof(one)), 0);
}

/* Of two that are the same the interval holds 1, though the z of 1 is infinite. */
Test(relation_judge, a_series_and_itself)
{
    series_switch(3, 9, 0.1, x, 100);
    memcpy(y, x, sizeof(y));
    struct relation relation = judge_whole(100, soon);
    cr_expect_float_eq(relation.strength, 1, 1e-9);
    cr_expect_leq(relation.low, relation.strength);
    cr_expect_geq(relation.high, relation.strength);
    cr_expect(relation.significant);
}
