/* Unit tests of analyzer/reports/flame_layout.c. */
#include "analyzer/reports/flame_layout.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static struct labels labels;
static struct call_tree tree;
static struct flame_layout layout;

static void make(int64_t smallest)
{
    profile = profile_new();
    uint32_t thread = fixture_thread(profile, fixture_process(profile, "p", 1, 0), "t", 1);
    fixture_entry(profile, thread, fixture_stack(profile, "main;b"), 50, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;a"), 10, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;a;c"), 20, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;b;c"), 3, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main"), 17, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;z"), 0, 0);
    labels_init(&labels, profile, LABEL_BY_KIND, LABEL_ROOT_NONE);
    call_tree_init(&tree, profile, &labels, METRIC_CPU, true);
    flame_layout_init(&layout, &tree, &labels, smallest);
}

static void release(void)
{
    flame_layout_release(&layout);
    call_tree_release(&tree);
    labels_release(&labels);
    profile_free(profile);
}

static void assert_box(size_t number, const char *name, uint32_t depth, int64_t start,
                       int64_t value)
{
    const struct flame_box *box = &layout.boxes[number];

    if (depth > 0)
        cr_assert_str_eq(labels.items[box->label].name, name);
    cr_assert_eq(box->depth, depth);
    cr_assert_eq(box->start, start);
    cr_assert_eq(box->value, value);
}

Test(flame_layout, siblings_stand_by_name_from_the_left_edge_of_their_parent)
{
    make(0);
    cr_assert_eq(layout.count, 6); /* z has no width */
    cr_assert_eq(layout.depth, 3);
    assert_box(0, "", 0, 0, 100);
    assert_box(1, "main", 1, 0, 100);
    assert_box(2, "a", 2, 0, 30);
    assert_box(3, "b", 2, 30, 53);
    for (size_t i = 4; i < 6; i++) {
        bool below_a = layout.boxes[i].start == 0;
        assert_box(i, "c", 3, below_a ? 0 : 30, below_a ? 20 : 3);
    }
    release();
}

Test(flame_layout, narrow_boxes_are_left_out)
{
    make(10);
    cr_assert_eq(layout.count, 5);
    for (size_t i = 0; i < layout.count; i++)
        cr_assert_geq(layout.boxes[i].value, 10);
    release();
}

Test(flame_layout, what_is_off_the_processor)
{
    profile = profile_new();
    uint32_t thread = fixture_thread(profile, fixture_process(profile, "p", 1, 0), "t", 1);
    fixture_entry(profile, thread, fixture_stack(profile, "main;a"), 10, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;a;[off-CPU: mutex]"), 25, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;[runnable]"), 5, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;[off-CPUs]"), 3, 0);
    labels_init(&labels, profile, LABEL_BY_KIND, LABEL_ROOT_NONE);
    call_tree_init(&tree, profile, &labels, METRIC_CPU, true);
    flame_layout_init(&layout, &tree, &labels, 0);
    for (size_t i = 0; i < layout.count; i++) {
        const struct flame_box *box = &layout.boxes[i];
        const char *name = i > 0 ? labels.items[box->label].name : "all";
        int64_t expected = strcmp(name, "all") == 0 || strcmp(name, "main") == 0 ? 30
                           : strcmp(name, "a") == 0 || strchr(name, ':') != NULL ? 25
                           : strcmp(name, "[runnable]") == 0                     ? 5
                                                                                 : 0;
        cr_expect_eq(box->off, expected, "%s: %ld", name, (long)box->off);
    }
    release();
}
