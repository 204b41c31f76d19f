/* Unit tests of analyzer/model/labels.c. */
#include "analyzer/model/labels.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static uint32_t add(struct profile *profile, const char *function, const char *file,
                    const char *module, uint32_t decl_line, enum frame_kind kind)
{
    struct frame frame = {.function = strings_intern(profile->strings, function),
                          .file = strings_intern(profile->strings, file),
                          .module = strings_intern(profile->strings, module),
                          .decl_line = decl_line,
                          .line = decl_line + 5,
                          .kind = kind,
                          .address = profile->frame_count};

    return profile_add_frame(profile, &frame);
}

Test(labels, identities)
{
    struct profile *profile = profile_new();
    struct labels labels;
    uint32_t a = add(profile, "f", "a.c", "m", 1, FRAME_NATIVE);
    uint32_t inlined = add(profile, "f", "a.c", "m", 1, FRAME_INLINED);
    uint32_t b = add(profile, "f", "b.c", "m", 1, FRAME_NATIVE);
    uint32_t m = add(profile, "f", NULL, "m", 0, FRAME_NATIVE);
    uint32_t n = add(profile, "f", NULL, "n", 0, FRAME_NATIVE);

    labels_init(&labels, profile, LABEL_BY_NAME, LABEL_ROOT_NONE);
    cr_assert_eq(labels.count, 1);
    labels_release(&labels);

    labels_init(&labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    cr_assert_eq(labels.count, 4);
    cr_assert_eq(labels.of_frame[a], labels.of_frame[inlined]);
    cr_assert_neq(labels.of_frame[a], labels.of_frame[b]);
    cr_assert_neq(labels.of_frame[m], labels.of_frame[n]);
    labels_release(&labels);

    labels_init(&labels, profile, LABEL_BY_KIND, LABEL_ROOT_NONE);
    cr_assert_eq(labels.count, 5);
    cr_assert_eq(labels.items[labels.of_frame[inlined]].kind, FRAME_INLINED);
    labels_release(&labels);
    profile_free(profile);
}

Test(labels, places_come_from_the_first_frame_that_has_them)
{
    struct profile *profile = profile_new();
    struct labels labels;

    add(profile, "f", "a.c", NULL, 0, FRAME_NATIVE);
    add(profile, "f", "a.c", "m", 7, FRAME_NATIVE);
    labels_init(&labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    cr_assert_eq(labels.count, 1);
    cr_assert_str_eq(labels.items[0].file, "a.c");
    cr_assert_str_eq(labels.items[0].module, "m");
    cr_assert_eq(labels.items[0].line, 7);
    labels_release(&labels);
    profile_free(profile);
}

Test(labels, names_are_fit_to_show)
{
    struct profile *profile = profile_new();
    struct labels labels;
    uint32_t hostile = fixture_frame(profile, "operator;\x01\xff");
    uint32_t blank = fixture_frame(profile, "  ");

    labels_init(&labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    cr_assert_str_eq(labels.items[labels.of_frame[hostile]].name,
                     "operator;\xef\xbf\xbd\xef\xbf\xbd");
    cr_assert_str_eq(labels.items[labels.of_frame[blank]].name, "[no name]");
    labels_release(&labels);

    labels_init(&labels, profile, LABEL_BY_NAME, LABEL_ROOT_NONE);
    cr_assert_str_eq(labels.items[labels.of_frame[hostile]].name,
                     "operator:\xef\xbf\xbd\xef\xbf\xbd");
    labels_release(&labels);
    profile_free(profile);
}

Test(labels, roots)
{
    struct profile *profile = profile_new();
    struct labels labels;
    uint32_t first = fixture_thread(profile, fixture_process(profile, "cc1", 10, 1), "x;y", 11);
    uint32_t second = fixture_thread(profile, fixture_process(profile, "cc1", 20, 1), "z", 21);

    labels_init(&labels, profile, LABEL_BY_NAME, LABEL_ROOT_COMMAND);
    cr_assert_eq(labels.of_thread[first], labels.of_thread[second]);
    cr_assert_str_eq(labels.items[labels.of_thread[first]].name, "cc1");
    labels_release(&labels);

    labels_init(&labels, profile, LABEL_BY_NAME, LABEL_ROOT_PROCESS);
    cr_assert_str_eq(labels.items[labels.of_thread[first]].name, "cc1 (10)");
    cr_assert_str_eq(labels.items[labels.of_thread[second]].name, "cc1 (20)");
    labels_release(&labels);

    labels_init(&labels, profile, LABEL_BY_NAME, LABEL_ROOT_THREAD);
    cr_assert_str_eq(labels.items[labels.of_thread[first]].name, "x:y (11)");
    cr_assert_str_eq(labels.items[labels.of_thread[second]].name, "z (21)");
    labels_release(&labels);
    profile_free(profile);
}
