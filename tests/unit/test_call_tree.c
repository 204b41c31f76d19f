/* Unit tests of analyzer/model/call_tree.c. */
#include "analyzer/model/call_tree.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct profile *profile;
static struct labels labels;
static struct call_tree tree;

static void make(enum label_root root, enum metric metric, bool positive)
{
    labels_init(&labels, profile, LABEL_BY_NAME, root);
    call_tree_init(&tree, profile, &labels, metric, positive);
}

static void release(void)
{
    call_tree_release(&tree);
    labels_release(&labels);
    profile_free(profile);
}

/* The node with this name below `parent`. */
static const struct call_tree_node *child(const struct call_tree_node *parent, const char *name)
{
    for (size_t i = 1; i < tree.count; i++) {
        const struct call_tree_node *node = &tree.nodes[i];
        if (&tree.nodes[node->parent] == parent &&
            strcmp(labels.items[node->label].name, name) == 0)
            return node;
    }
    cr_assert(false, "no node '%s'", name);
    return NULL;
}

Test(call_tree, stacks_merge_from_the_root)
{
    profile = profile_new();
    uint32_t process = fixture_process(profile, "p", 1, 0);
    uint32_t one = fixture_thread(profile, process, "one", 1);
    uint32_t two = fixture_thread(profile, process, "two", 2);
    fixture_entry(profile, one, fixture_stack(profile, "main;a"), 10, 0);
    fixture_entry(profile, one, fixture_stack(profile, "main;a;b"), 20, 0);
    fixture_entry(profile, two, fixture_stack(profile, "main;a;b"), 300, 0);
    fixture_entry(profile, two, fixture_stack(profile, "main;b"), 4000, 0);
    make(LABEL_ROOT_NONE, METRIC_CPU, false);

    const struct call_tree_node *main_node = child(&tree.nodes[CALL_TREE_ROOT], "main");
    const struct call_tree_node *a = child(main_node, "a");
    cr_assert_eq(tree.count, 5);
    cr_assert_eq(tree.nodes[CALL_TREE_ROOT].total, 4330);
    cr_assert_eq(main_node->total, 4330);
    cr_assert_eq(main_node->self, 0);
    cr_assert_eq(a->self, 10);
    cr_assert_eq(a->total, 330);
    cr_assert_eq(a->depth, 2);
    cr_assert_eq(child(a, "b")->self, 320);
    cr_assert_eq(child(main_node, "b")->self, 4000);
    release();
}

Test(call_tree, roots_keep_threads_apart)
{
    profile = profile_new();
    uint32_t process = fixture_process(profile, "p", 1, 0);
    uint32_t one = fixture_thread(profile, process, "one", 1);
    uint32_t two = fixture_thread(profile, process, "two", 2);
    fixture_entry(profile, one, fixture_stack(profile, "main;a"), 1, 0);
    fixture_entry(profile, two, fixture_stack(profile, "main;a"), 20, 0);
    fixture_entry(profile, one, fixture_stack(profile, "main"), 300, 0);
    make(LABEL_ROOT_THREAD, METRIC_CPU, false);

    cr_assert_eq(child(&tree.nodes[CALL_TREE_ROOT], "one (1)")->total, 301);
    cr_assert_eq(child(&tree.nodes[CALL_TREE_ROOT], "two (2)")->total, 20);
    cr_assert_eq(tree.count, 7);
    release();
}

Test(call_tree, signed_values)
{
    profile = profile_new();
    uint32_t thread = fixture_thread(profile, fixture_process(profile, "p", 1, 0), "t", 1);
    fixture_entry(profile, thread, fixture_stack(profile, "main;grow"), 0, 100);
    fixture_entry(profile, thread, fixture_stack(profile, "main;shrink"), 0, -70);
    make(LABEL_ROOT_NONE, METRIC_MEMORY_DELTA, false);
    cr_assert_eq(tree.nodes[CALL_TREE_ROOT].total, 30);
    cr_assert_eq(tree.negative, 0);
    call_tree_release(&tree);

    call_tree_init(&tree, profile, &labels, METRIC_MEMORY_DELTA, true);
    cr_assert_eq(tree.nodes[CALL_TREE_ROOT].total, 100);
    cr_assert_eq(tree.negative, -70);
    release();
}

Test(call_tree, parents_have_smaller_numbers)
{
    profile = profile_new();
    uint32_t thread = fixture_thread(profile, fixture_process(profile, "p", 1, 0), "t", 1);
    uint32_t stack = STACK_NONE;
    char name[16];
    for (int i = 0; i < 4096; i++) {
        snprintf(name, sizeof(name), "f%d", i % 7);
        stack = profile_add_stack(profile, stack, fixture_frame(profile, name), false);
    }
    fixture_entry(profile, thread, stack, 5, 0);
    make(LABEL_ROOT_NONE, METRIC_CPU, false);
    cr_assert_eq(tree.count, 4097);
    for (uint32_t i = 1; i < tree.count; i++) {
        cr_assert_lt(tree.nodes[i].parent, i);
        cr_assert_eq(tree.nodes[i].total, 5);
    }
    release();
}

Test(call_tree, empty_profile)
{
    profile = profile_new();
    make(LABEL_ROOT_COMMAND, METRIC_CPU, true);
    cr_assert_eq(tree.count, 1);
    cr_assert_eq(tree.nodes[CALL_TREE_ROOT].total, 0);
    release();
}
