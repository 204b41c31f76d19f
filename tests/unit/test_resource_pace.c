/* The rule by which looks at resources become rarer. */
#include "preload/resources/resource_pace.h"

#include <criterion/criterion.h>

#define S 1000000000ull

static struct resource_pace pace;
static uint64_t now_ns;

static void start(void)
{
    now_ns = 1000 * S;
    resource_pace_init(&pace, 10, now_ns);
}

TestSuite(resource_pace, .init = start);

/* So many looks, one after the other; returns the period then. */
static uint64_t after(unsigned looks, struct resource_found found)
{
    for (unsigned i = 0; i < looks; i++) {
        now_ns += pace.period_ns;
        resource_pace_note(&pace, now_ns, &found);
    }
    return pace.period_ns;
}

static const struct resource_found busy = {
    .ran = true, .change = 0.5, .load = 1, .cost_ns = 400000};
static const struct resource_found steady = {.ran = true, .load = 1, .cost_ns = 400000};
static const struct resource_found idle = {.cost_ns = 1000};

Test(resource_pace, the_asked_rate_is_kept_while_anything_changes)
{
    cr_expect_eq(after(1000, busy), S / 10);
}

Test(resource_pace, a_busy_machine_is_spared_where_nothing_changes)
{
    const struct resource_found alone = {.ran = true, .load = 0.5, .cost_ns = 400000};
    cr_expect_eq(after(9, steady), S / 10);
    cr_expect_eq(after(3, steady), S / 5);
    cr_expect_eq(after(20, steady), 2 * S / 5);
    cr_expect_eq(after(1, busy), S / 10, "at once");
    cr_expect_eq(after(100, alone), S / 10, "there is room");
}

Test(resource_pace, nothing_that_runs_is_looked_at_more_rarely)
{
    cr_expect_eq(after(45, idle), S / 10);
    cr_expect_eq(after(10, idle), S / 4);
    cr_expect_eq(after(120, idle), S);
    cr_expect_eq(after(1000, idle), S);
    cr_expect_eq(after(1, busy), S / 10);
}

Test(resource_pace, looks_take_a_hundredth_of_a_processor_at_the_most)
{
    struct resource_found dear = busy;
    dear.cost_ns = 5000000;
    cr_expect_eq(after(100, dear), S / 2);
    dear.sharing = 3;
    cr_expect_eq(after(1, dear), 3 * S / 2, "of all processes that are followed by one thread");
    dear.sharing = 100;
    cr_expect_eq(after(1, dear), RESOURCE_PACE_SLOWEST_NS);
}

Test(resource_pace, what_is_dear_once_changes_nothing)
{
    struct resource_found dear = busy;
    dear.cost_ns = 50000000;
    cr_expect_eq(after(1, dear), S / 10, "the first");
    after(50, busy);
    cr_expect_eq(after(1, dear), S / 10);
}

/* As in a process of 3000 threads, which are listed once a second: 1.6 % of a processor. */
Test(resource_pace, what_is_dear_now_and_then_is_within_the_hundredth)
{
    struct resource_found dear = busy;
    uint64_t spent_ns = 0;
    dear.cost_ns = 10 * busy.cost_ns;
    after(50, busy);
    uint64_t begun_ns = now_ns;
    for (unsigned i = 0; i < 400; i++) {
        const struct resource_found *found = i % 4 == 0 ? &dear : &busy;
        after(1, *found);
        spent_ns += found->cost_ns;
    }
    cr_expect_leq((double)spent_ns / (double)(now_ns - begun_ns), 0.0105);
    cr_expect_geq((double)spent_ns / (double)(now_ns - begun_ns), 0.009, "nor is it far below");
}

Test(resource_pace, a_rate_below_the_slowest_is_kept)
{
    resource_pace_init(&pace, 1, now_ns);
    cr_expect_eq(after(10, busy), S);
    cr_expect_eq(after(100, idle), S);
}

Test(resource_pace, change_is_against_the_larger)
{
    cr_expect_float_eq(resource_pace_change(1, 2, 0), 0.5, 1e-9);
    cr_expect_float_eq(resource_pace_change(2, 1, 0), 0.5, 1e-9);
    cr_expect_eq(resource_pace_change(0, 0.01, 0.02), 0);
    cr_expect_eq(resource_pace_change(0, 0, 0), 0);
}
