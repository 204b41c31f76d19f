/* Unit tests of analyzer/model/hot_paths.c. */
#include "analyzer/model/hot_paths.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static struct labels labels;
static struct call_tree tree;
static struct hot_paths paths;

static void make(const char *const *stacks, size_t limit)
{
    profile = profile_new();
    uint32_t thread = fixture_thread(profile, fixture_process(profile, "p", 1, 0), "t", 1);
    /* The first stack costs 1, the second 2, ... */
    for (int64_t i = 0; stacks[i] != NULL; i++)
        fixture_entry(profile, thread, fixture_stack(profile, stacks[i]), i + 1, 0);
    labels_init(&labels, profile, LABEL_BY_NAME, LABEL_ROOT_NONE);
    call_tree_init(&tree, profile, &labels, METRIC_CPU, false);
    hot_paths_init(&paths, &tree, limit);
}

static void release(void)
{
    hot_paths_release(&paths);
    call_tree_release(&tree);
    labels_release(&labels);
    profile_free(profile);
}

static const char *name(uint32_t node)
{
    return labels.items[tree.nodes[node].label].name;
}

Test(hot_paths, ranked_with_their_common_part)
{
    make((const char *const[]){"main;loop;a", "main;loop;b;c", "main;loop;b;d", NULL}, 15);
    cr_assert_eq(paths.count, 3);
    cr_assert_str_eq(name(paths.leaves[0]), "d");
    cr_assert_str_eq(name(paths.leaves[1]), "c");
    cr_assert_str_eq(name(paths.leaves[2]), "a");
    cr_assert_str_eq(name(paths.common), "loop");
    release();
}

Test(hot_paths, the_limit_narrows_what_is_common)
{
    make((const char *const[]){"main;loop;a", "main;loop;b;c", "main;loop;b;d", NULL}, 2);
    cr_assert_eq(paths.count, 2);
    cr_assert_str_eq(name(paths.common), "b");
    release();
}

Test(hot_paths, a_leaf_is_never_folded_away)
{
    make((const char *const[]){"main;loop", "main;loop;a", NULL}, 15);
    cr_assert_eq(paths.count, 2);
    cr_assert_str_eq(name(paths.common), "main");
    release();
    make((const char *const[]){"main", NULL}, 15);
    cr_assert_eq(paths.common, CALL_TREE_ROOT);
    release();
}

Test(hot_paths, nodes_lead_from_top_to_leaf)
{
    size_t count;

    make((const char *const[]){"main;a;b;c", NULL}, 15);
    uint32_t *nodes = hot_paths_nodes(&tree, CALL_TREE_ROOT, paths.leaves[0], &count);
    cr_assert_eq(count, 4);
    cr_assert_str_eq(name(nodes[0]), "main");
    cr_assert_str_eq(name(nodes[3]), "c");
    free(nodes);
    nodes = hot_paths_nodes(&tree, paths.leaves[0], paths.leaves[0], &count);
    cr_assert_eq(count, 0);
    free(nodes);
    release();
}

Test(hot_paths, nothing)
{
    make((const char *const[]){NULL}, 15);
    cr_assert_eq(paths.count, 0);
    cr_assert_eq(paths.common, CALL_TREE_ROOT);
    release();
}
