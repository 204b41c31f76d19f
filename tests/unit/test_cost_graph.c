/* Unit tests of analyzer/reports/cost_graph.c: totals of functions by its calls, against stacks that
 * are few enough to add up by hand. */
#include "analyzer/reports/cost_graph.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static struct cost_graph graph;

static void spend(uint32_t thread, const char *folded, int64_t cpu_ns)
{
    struct profile_entry entry = {.thread = thread, .stack = fixture_stack(profile, folded)};

    entry.value[METRIC_CPU] = cpu_ns;
    entry.value[METRIC_SAMPLES] = 1;
    entries_add(&profile->entries, &entry);
}

static uint32_t start(void)
{
    profile = profile_new();
    return fixture_thread(profile, fixture_process(profile, "p", 1, 0), "worker", 42);
}

static void finish(void)
{
    cost_graph_release(&graph);
    profile_free(profile);
}

static uint32_t function(const char *name)
{
    for (uint32_t i = 0; i < graph.function_count; i++)
        if (strcmp(graph.functions[i].name, name) == 0)
            return i;
    cr_assert_fail("no function %s", name);
    return 0;
}

/* CPU time of all calls of it, METRIC_CPU being the first. */
static int64_t total_of(const char *name)
{
    const uint32_t number = function(name);
    int64_t total = 0;

    cr_assert_eq(graph.metrics.items[0], METRIC_CPU);
    for (size_t i = 0; i < graph.call_count; i++)
        if (graph.calls[i].callee == number)
            total += graph.called[i * graph.metrics.count];
    return total;
}

static int64_t self_of(const char *name)
{
    const uint32_t number = function(name);
    int64_t self = 0;

    for (size_t i = 0; i < graph.spot_count; i++)
        if (graph.spots[i].function == number)
            self += graph.self[i * graph.metrics.count];
    return self;
}

static bool calls(const char *caller, const char *callee)
{
    for (size_t i = 0; i < graph.call_count; i++)
        if (graph.spots[graph.calls[i].spot].function == function(caller) &&
            graph.calls[i].callee == function(callee))
            return true;
    return false;
}

Test(cost_graph, selves_and_totals)
{
    const uint32_t thread = start();

    spend(thread, "main;a", 1);
    spend(thread, "main;a;b", 2);
    spend(thread, "main;b", 4);
    cost_graph_init(&graph, profile);
    cr_assert_eq(self_of("a"), 1);
    cr_assert_eq(self_of("b"), 6);
    cr_assert_eq(total_of("a"), 3);
    cr_assert_eq(total_of("b"), 6);
    cr_assert_eq(total_of("main"), 7);
    cr_assert_eq(graph.total[0], 7);
    finish();
}

Test(cost_graph, recursion_counts_a_stack_once)
{
    const uint32_t thread = start();

    spend(thread, "main;r;r;r", 1);
    spend(thread, "main;r;r;leaf", 2);
    spend(thread, "main;even;odd;even;odd", 4);
    spend(thread, "main;even;odd;even", 8);
    cost_graph_init(&graph, profile);
    cr_assert_eq(total_of("r"), 3);
    cr_assert_eq(total_of("leaf"), 2);
    cr_assert_eq(total_of("even"), 12);
    cr_assert_eq(total_of("odd"), 12);
    cr_assert_eq(total_of("main"), 15);
    cr_assert(calls("r", "r"));
    cr_assert(calls("odd", "even"));
    finish();
}

Test(cost_graph, functions_that_are_outermost_and_called)
{
    const uint32_t thread = start();

    spend(thread, "f", 1);
    spend(thread, "g;f", 2);
    spend(thread, "f;g;f", 4);
    cost_graph_init(&graph, profile);
    cr_assert_eq(total_of("f"), 7);
    cr_assert_eq(total_of("g"), 6);
    finish();
}

/* Such as a filter leaves behind. */
Test(cost_graph, stacks_without_cost_make_no_calls)
{
    const uint32_t thread = start();

    spend(thread, "main;a", 1);
    fixture_stack(profile, "main;gone");
    cost_graph_init(&graph, profile);
    cr_assert(!calls("main", "gone"));
    finish();
}

Test(cost_graph, a_profile_of_nothing)
{
    profile = profile_new();
    cost_graph_init(&graph, profile);
    cr_assert_eq(graph.call_count, 0);
    finish();
}
