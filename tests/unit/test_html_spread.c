/* Unit tests of analyzer/reports/html_spread.c and of the rows html_slices.c makes of it. */
#include "analyzer/reports/html_slices.h"
#include "analyzer/reports/html_tree.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

#define MS 1000000ull

static const struct html_axis axis = {1000 * MS, 1010 * MS};

static void assert_parts(struct profile_sample sample, const uint64_t *expected, size_t slices)
{
    struct html_spread spread = html_spread_begin(&sample, axis, MS);
    uint64_t parts[16] = {0}, part;
    uint32_t slice;

    while (html_spread_next(&spread, &slice, &part)) {
        cr_assert_lt(slice, 16);
        parts[slice] += part;
    }
    for (size_t i = 0; i < 16; i++)
        cr_expect_eq(parts[i], i < slices ? expected[i] : 0, "slice %zu: %lu", i, parts[i]);
}

Test(html_spread, lies_before_the_sample)
{
    const uint64_t parts[] = {0, 0, MS / 2, MS, MS / 2};

    assert_parts((struct profile_sample){.time_ns = 1004 * MS + MS / 2, .length_ns = 2 * MS}, parts,
                 5);
}

Test(html_spread, evenly_over_its_span)
{
    const uint64_t parts[] = {MS / 4, MS / 4, MS / 4, MS / 4};

    assert_parts(
        (struct profile_sample){
            .time_ns = 1004 * MS, .span_ns = 4 * MS, .length_ns = MS, .off = true},
        parts, 4);
}

Test(html_spread, all_of_it_whatever_the_axis)
{
    const uint64_t before[] = {5 * MS};
    const uint64_t after[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 3 * MS};
    const uint64_t round[] = {3, 3, 4}; /* what is lost by rounding is in the last */

    assert_parts((struct profile_sample){.time_ns = 999 * MS, .length_ns = 5 * MS}, before, 1);
    assert_parts((struct profile_sample){.time_ns = 2000 * MS, .length_ns = 3 * MS}, after, 10);
    assert_parts((struct profile_sample){.time_ns = 1003 * MS, .span_ns = 3 * MS, .length_ns = 10},
                 round, 3);
    assert_parts((struct profile_sample){.time_ns = 1003 * MS}, NULL, 0);
}

Test(html_spread, slices_are_no_shorter_than_samples)
{
    struct profile_sample items[] = {{.length_ns = 4 * MS}, {.length_ns = 90 * MS, .off = true}};
    const struct samples samples = {.items = items, .count = 2};
    const struct html_axis long_one = {0, 40000 * MS};

    cr_expect_eq(html_spread_width(&samples, axis), 4 * MS);
    cr_expect_eq(html_spread_width(&samples, long_one), 21 * MS);
    cr_expect_leq(html_spread_slices(long_one, 21 * MS), HTML_SLICES);
}

/* 1000 stacks of one thread, each met in every millisecond of two seconds: too many rows for
 * slices as short as that. */
Test(html_slices, wider_until_rows_are_few_enough)
{
    enum { STACKS = 1000, TIMES = 2000 };
    const struct html_axis two_seconds = {0, 2000 * MS};
    struct profile *profile = profile_new();
    struct html_document document;
    struct labels labels;
    uint64_t sum = 0;

    uint32_t thread = fixture_thread(profile, fixture_process(profile, "a", 1, 0), "a", 1);
    for (int i = 0; i < STACKS; i++) {
        char name[16];
        snprintf(name, sizeof(name), "f%d", i);
        fixture_entry(profile, thread, fixture_stack(profile, name), TIMES * 1000, 0);
    }
    for (uint64_t t = 0; t < TIMES; t++)
        for (uint32_t i = 0; i < STACKS; i++)
            samples_add(&profile->samples,
                        &(struct profile_sample){.time_ns = t * MS + 500000,
                                                 .length_ns = 1000,
                                                 .place = profile->entries.places[i]});
    html_document_init(&document);
    labels_init(&labels, profile, LABEL_BY_KIND, LABEL_ROOT_NONE);
    uint32_t *entry_of = html_tree_fill(&document, profile, &labels);
    html_slices_fill(&document, profile, entry_of, two_seconds);
    cr_expect_eq(document.slices.width_ns, 4 * MS);
    cr_expect_eq(document.slices.slices, TIMES / 4);
    cr_expect_eq(document.slices.count, STACKS * TIMES / 4);
    for (size_t i = 0; i < document.slices.count; i++) {
        cr_assert_eq(document.slices.cpu_ns[i], 4000);
        sum += document.slices.cpu_ns[i];
    }
    cr_expect_eq(sum, (uint64_t)STACKS * TIMES * 1000);
    free(entry_of);
    html_document_release(&document);
    labels_release(&labels);
    profile_free(profile);
}
