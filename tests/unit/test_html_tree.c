/* Unit tests of analyzer/reports/html_tree.c. */
#include "analyzer/reports/html_tree.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

Test(html_tree, preorder)
{
    /* 0 has 1, 2 and 5; 1 has 3 and 6; 2 has 4. */
    const uint32_t parent[] = {0, 0, 0, 1, 2, 0, 1};
    const uint32_t expected[] = {0, 1, 4, 2, 5, 6, 3};
    uint32_t *number = html_tree_preorder(parent, 7);

    for (int i = 0; i < 7; i++)
        cr_expect_eq(number[i], expected[i], "node %d: %u", i, number[i]);
    free(number);
    number = html_tree_preorder(parent, 1);
    cr_expect_eq(number[0], 0);
    free(number);
}

/* A stack that differs in an address alone is the same node, and its entry the same entry; another
 * thread's is not. */
Test(html_tree, entries_of_one_label_are_one)
{
    struct profile *profile = profile_new();
    struct html_document document;
    struct labels labels;
    uint32_t process = fixture_process(profile, "a", 1, 0);
    uint32_t one = fixture_thread(profile, process, "one", 1);
    uint32_t other = fixture_thread(profile, process, "other", 2);
    uint32_t main = fixture_stack(profile, "main");
    struct frame twin = profile->frames[fixture_frame(profile, "work")];

    twin.address = 0x1234;
    uint32_t here = fixture_stack(profile, "main;work");
    uint32_t there = profile_add_stack(profile, main, profile_add_frame(profile, &twin), false);
    fixture_entry(profile, other, here, 1, 0);
    fixture_entry(profile, one, here, 20, 0);
    fixture_entry(profile, one, there, 300, 0);
    fixture_entry(profile, one, main, 4000, 0);
    html_document_init(&document);
    labels_init(&labels, profile, LABEL_BY_KIND, LABEL_ROOT_NONE);
    uint32_t *entry_of = html_tree_fill(&document, profile, &labels);
    html_tree_metric(&document, profile, entry_of, METRIC_CPU);

    cr_assert_eq(document.nodes.count, 3);
    cr_expect_eq(document.nodes.parent[2], 1);
    cr_assert_eq(document.entries.count, 3);
    const int64_t *cpu = document.entries.columns[0].values;
    const uint32_t nodes[] = {1, 2, 2}, threads[] = {one, one, other};
    const int64_t values[] = {4000, 320, 1};
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(document.entries.node[i], nodes[i]);
        cr_expect_eq(document.entries.thread[i], threads[i]);
        cr_expect_eq(cpu[i], values[i]);
    }
    cr_expect_eq(entry_of[1], entry_of[2]);
    free(entry_of);
    html_document_release(&document);
    labels_release(&labels);
    profile_free(profile);
}
