/* Unit tests of analyzer/model/neighbours.c. */
#include "analyzer/model/neighbours.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static struct labels labels;
static struct neighbours sums;

static void add(uint32_t thread, const char *stack, int64_t cpu_ns)
{
    fixture_entry(profile, thread, fixture_stack(profile, stack), cpu_ns, 0);
}

static void start(void)
{
    profile = profile_new();
    uint32_t process = fixture_process(profile, "p", 1, 0);
    fixture_thread(profile, process, "one", 1);
    fixture_thread(profile, process, "two", 2);
}

static void look_at(const char *function)
{
    labels_init(&labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    bool *is_in = memory_alloc(labels.count);
    for (size_t i = 0; i < labels.count; i++)
        is_in[i] = strcmp(labels.items[i].name, function) == 0;
    neighbours_init(&sums, profile, &labels, is_in, METRIC_CPU);
    free(is_in);
}

static void stop(void)
{
    neighbours_release(&sums);
    labels_release(&labels);
    profile_free(profile);
}

TestSuite(neighbours, .init = start, .fini = stop);

static int64_t value_of(const struct neighbour *items, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].label == NEIGHBOUR_NONE
                ? name == NULL
                : name != NULL && strcmp(labels.items[items[i].label].name, name) == 0)
            return items[i].value;
    return 0;
}

#define CALLER(name) value_of(sums.callers, sums.caller_count, name)
#define CALLEE(name) value_of(sums.callees, sums.callee_count, name)

Test(neighbours, callers_and_callees_of_a_function)
{
    add(0, "main;a;f", 10);
    add(0, "main;a;f;g", 20);
    add(1, "main;b;f;h", 40);
    add(1, "main;b", 500);
    look_at("f");
    cr_assert_eq(sums.self, 10);
    cr_assert_eq(sums.total, 70);
    cr_assert_eq(sums.recursive, 0);
    cr_assert_eq(sums.deepest, 1);
    cr_assert_eq(sums.caller_count, 2);
    cr_assert_eq(CALLER("a"), 30);
    cr_assert_eq(CALLER("b"), 40);
    cr_assert_str_eq(labels.items[sums.callers[0].label].name, "b"); /* falling */
    cr_assert_eq(sums.callee_count, 3);
    cr_assert_eq(CALLEE("g"), 20);
    cr_assert_eq(CALLEE("h"), 40);
    cr_assert_eq(CALLEE(NULL), 10);
    cr_assert_eq(sums.threads[0], 30);
    cr_assert_eq(sums.threads[1], 40);
    cr_assert(sums.is_inside[fixture_stack(profile, "main;a;f;g")]);
    cr_assert_not(sums.is_inside[fixture_stack(profile, "main;b")]);
}

Test(neighbours, recursion_counts_once_per_stack_and_edge)
{
    add(0, "main;f;f;f;g", 100);
    add(0, "main;f;g;f;g;f", 7);
    look_at("f");
    cr_assert_eq(sums.total, 107);
    cr_assert_eq(sums.self, 7);
    cr_assert_eq(sums.recursive, 107);
    cr_assert_eq(sums.deepest, 3);
    cr_assert_eq(CALLER("main"), 107);
    cr_assert_eq(CALLER("f"), 100);
    cr_assert_eq(CALLER("g"), 7);
    cr_assert_eq(CALLEE("f"), 100);
    cr_assert_eq(CALLEE("g"), 107);
    cr_assert_eq(CALLEE(NULL), 7);
}

Test(neighbours, stacks_that_begin_with_it)
{
    add(0, "f;g", 5);
    look_at("f");
    cr_assert_eq(sums.caller_count, 1);
    cr_assert_eq(CALLER(NULL), 5);
    cr_assert_eq(CALLEE(NULL), 0);
}

Test(neighbours, nothing)
{
    add(0, "main;g", 5);
    look_at("f");
    cr_assert_eq(sums.total, 0);
    cr_assert_eq(sums.caller_count, 0);
    cr_assert_eq(sums.callee_count, 0);
}
