/* The handler's cost on `info`: figures known beforehand. */
#include "analyzer/reports/info_handler.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

/* 98 walks of 10 frames in 500 ns, 2 of 10 in 20000; half of the frames reused. */
static struct handler_cost known(void)
{
    struct handler_cost cost = {
        .frames = 1000, .reused = 500, .rules_hit = 450, .rules_made = 50, .longest_ns = 20011};

    cost.duration_ns.number[trace_bucket_of(500)] = 98;
    cost.duration_ns.number[trace_bucket_of(20000)] = 2;
    cost.depth.number[trace_bucket_of(10)] = 100;
    return cost;
}

/* The number behind `label` in `text`. */
static double after(const char *text, const char *label)
{
    const char *at = strstr(text, label);

    cr_assert_not_null(at, "%s: %s", label, text);
    return strtod(at + strlen(label), NULL);
}

static char *text_of(const struct handler_cost *cost)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    info_handler_text(out, cost);
    fclose(out);
    return text;
}

Test(info_handler, quantiles_within_their_buckets)
{
    const struct handler_cost cost = known();
    char *text = text_of(&cost);

    cr_assert_float_eq(after(text, "p50 "), 500, 500 * 0.06);
    cr_assert_float_eq(after(text, "p90 "), 500, 500 * 0.06);
    cr_assert_float_eq(after(text, "p99 "), 20000, 20000 * 0.06);
    cr_assert_eq(after(text, "longest "), 20011);
    cr_assert_float_eq(after(text, "frames "), (98 * 500 + 2 * 20000) / 1000.0, 6);
    cr_assert_eq(after(text, "median depth "), 10);
    cr_assert(strstr(text, "50 % taken from the walk before"), "%s", text);
    cr_assert(strstr(text, "50 made, 90 % of 500 looked up"), "%s", text);
    free(text);
}

Test(info_handler, nothing_where_nothing_was_measured)
{
    const struct handler_cost none = {0};
    char *text = text_of(&none);

    cr_assert_str_eq(text, "");
    free(text);
}

Test(info_handler, losses_by_thread)
{
    struct profile *profile = profile_new();
    uint32_t process = fixture_process(profile, "a", 1, 0);
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    fixture_thread(profile, process, "sound", 7);
    profile->threads[fixture_thread(profile, process, "hurt", 8)].lost = 12;
    info_losses_text(out, profile);
    fclose(out);
    cr_assert(strstr(text, "12 by thread 8 (hurt)\n"), "%s", text);
    cr_assert_null(strstr(text, "sound"), "%s", text);
    free(text);
    profile_free(profile);
}
