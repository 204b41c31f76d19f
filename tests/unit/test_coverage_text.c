/* The words for sampled against measured time. */
#include "analyzer/reports/coverage_text.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static void assert_text(struct coverage coverage, const char *expected)
{
    char *text = coverage_text(&coverage);

    cr_assert_str_eq(text, expected);
    free(text);
}

Test(coverage_text, in_words)
{
    assert_text((struct coverage){12300000000, 0, 12275400000, 0}, "99.8 % of 12.3 s sampled");
    assert_text((struct coverage){12300000000, 2000000000, 6150000000, 0},
                "50.0 % of 12.3 s sampled; not while paused: 2.00 s");
    assert_text((struct coverage){12300000000, 300000, 12300000000, 90000000},
                "100.0 % of 12.3 s sampled");
    assert_text((struct coverage){1000000000, 0, 700000000, 301000000},
                "70.0 % of 1.00 s sampled, 30.1 % estimated");
    assert_text((struct coverage){0, 0, 0, 0}, "none was used");
    assert_text((struct coverage){0, 2000000000, 0, 0}, "none was used; not while paused: 2.00 s");
}

static char *warnings(const struct profile *profile, size_t columns)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    coverage_warn(out, profile, "  ", columns);
    fclose(out);
    return text;
}

Test(coverage_text, threads_are_named)
{
    struct profile *profile = profile_new();
    uint32_t process = fixture_process(profile, "a", 10, 1);

    for (int i = 0; i < 6; i++)
        fixture_thread(profile, process, "worker", 100 + i);
    char *text = warnings(profile, 80);
    cr_assert_str_empty(text);
    free(text);
    profile->threads[2].sampled_ns = 100000000;
    profile->threads[2].lost = 12;
    profile->threads[2].name = "a-name-much-too-long-for-a-line-of-fifty-columns";
    text = warnings(profile, 74);
    cr_assert_str_eq(
        text, "  warning: sampled time differs from CPU time by more than chance in\n"
              "  thread a-name-m…columns (102): 20.0 % of 500 ms sampled, 12 samples lost\n");
    free(text);
    for (size_t i = 0; i < 5; i++)
        profile->threads[i].sampled_ns = 0;
    profile->threads[5].sampled_ns = 3000000000;
    text = warnings(profile, 80);
    cr_assert_not_null(strstr(text, "  thread worker (105): 600.0 % of 500 ms sampled\n"));
    cr_assert_not_null(strstr(text, "  and 3 more threads\n"));
    free(text);
    profile_free(profile);
}

Test(coverage_text, the_table_is_ordered)
{
    struct profile *profile = profile_new();
    uint32_t process = fixture_process(profile, "a", 10, 1);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    for (int i = 0; i < 3; i++)
        fixture_thread(profile, process, "worker", 100 + i);
    profile->threads[1].cpu_ns = 900000000;
    profile->threads[1].paused_ns = 400000000;
    profile->threads[2].cpu_ns = 0;
    profile->threads[2].sampled_ns = 0;
    coverage_table(out, profile, 2);
    fclose(out);
    cr_assert_str_eq(
        text, "\n"
              "  thread (tid)                   CPU    paused   sampled      stacks      lost\n"
              "  worker (101)                900 ms    400 ms   100.0 %         100         0\n"
              "  worker (100)                500 ms      0 ns   100.0 %         100         0\n"
              "  and 1 more\n");
    free(text);
    profile_free(profile);
}
