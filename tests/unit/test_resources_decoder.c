/* Records about resources: what is sound is told, what cannot be is dropped alone. */
#include "analyzer/trace/resources_decoder.h"
#include "tests/unit/resource_maker.h"

#include <criterion/criterion.h>

/* What the visitor saw, as text, one line per call. */
static char seen[4096];
static struct trace_summary summary;
static struct bytes payload, body;

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), format, arguments);
    va_end(arguments);
}

static void on_resource(void *context, const struct trace_series *series)
{
    (void)context;
    note("%d type %d scope %d digits %u tid %d '%s' '%s' '%s' '%s'\n", (int)series->id,
         (int)series->type, (int)series->scope, series->digits, series->tid, series->name,
         series->unit, series->subject, series->reason);
}

static void on_point(void *context, const struct trace_series_point *point)
{
    (void)context;
    note("%d at %d%s %d: %lld\n", (int)point->id, (int)point->time_ns,
         point->unchanged ? ", as before until" : " after", (int)point->before_ns,
         (long long)point->value);
}

static void on_until(void *context, uint64_t until_ns)
{
    (void)context;
    note("until %d\n", (int)until_ns);
}

static const char *decode(void)
{
    static const struct trace_visitor visitor = {
        .resource = on_resource, .resource_point = on_point, .resource_until = on_until};

    *seen = '\0';
    memset(&summary, 0, sizeof(summary));
    trace_read_records(payload.at, payload.size, &visitor, &summary);
    bytes_free(&payload);
    return seen;
}

TestSuite(resources_decoder);

Test(resources_decoder, a_series)
{
    make_series(&payload, (struct made_series){7, MADE_COUNTER, MADE_THREAD, 9, 4711, "thread.cpu",
                                               "%", "a", "no permission"});
    make_series(&payload,
                (struct made_series){1, MADE_GAUGE, MADE_MACHINE, 0, 0, "x", NULL, NULL, NULL});
    cr_assert_str_eq(decode(),
                     "7 type 2 scope 3 digits 9 tid 4711 'thread.cpu' '%' 'a' 'no permission'\n"
                     "1 type 1 scope 1 digits 0 tid 0 'x' '' '' ''\n");
    cr_assert_eq(summary.records_dropped, 0);
}

Test(resources_decoder, a_series_of_a_later_version_is_nobody_s_damage)
{
    make_series(&payload, (struct made_series){1, 3, MADE_MACHINE, 0, 0, "x", NULL, NULL, NULL});
    make_series(&payload, (struct made_series){1, MADE_GAUGE, 4, 0, 0, "x", NULL, NULL, NULL});
    cr_assert_str_eq(decode(), "");
    cr_assert_eq(summary.records_dropped, 0);
}

Test(resources_decoder, a_series_that_cannot_be)
{
    static const unsigned char zero[] = {1, MADE_GAUGE, MADE_MACHINE, 0, 0, 1, 0, 0, 0, 0};
    char *long_name = calloc(1, (200u << 10) + 1);
    const struct made_series bad[] = {
        {0, MADE_GAUGE, MADE_MACHINE, 0, 0, "x", NULL, NULL, NULL},
        {RESOURCES_SERIES_MAX + 1, MADE_GAUGE, MADE_MACHINE, 0, 0, "x", NULL, NULL, NULL},
        {1, MADE_GAUGE, MADE_MACHINE, 19, 0, "x", NULL, NULL, NULL},
        {1, MADE_GAUGE, MADE_MACHINE, 0, 1ull << 31, "x", NULL, NULL, NULL},
        {1, MADE_GAUGE, MADE_MACHINE, 0, 0, NULL, NULL, NULL, NULL},
        {1, MADE_GAUGE, MADE_MACHINE, 0, 0, memset(long_name, 'x', 200u << 10), NULL, NULL, NULL},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        make_series(&payload, bad[i]);
    put_varint(&body, 1);
    put_record(&payload, 32, &body);
    /* A name of one byte that is 0, which the fuzzer found. */
    for (size_t i = 0; i < sizeof(zero); i++)
        put_varint(&body, zero[i]);
    put_record(&payload, 32, &body);
    free(long_name);
    cr_assert_str_eq(decode(), "");
    cr_assert_eq(summary.records_dropped, 8);
}

Test(resources_decoder, points_by_their_moments)
{
    const struct made_point points[] = {{0, 0, -5}, {0, 0, 10}, {2, 1, INT64_MIN}};

    put_moments(&body, 1000, 5, 2, 2);
    put_points(&body, 3, points, 3);
    put_points(&body, 4, (const struct made_point[]){{1, 1, 8}}, 1);
    put_record(&payload, 33, &body);
    cr_assert_str_eq(decode(), "3 at 1000 after 0: -5\n"
                               "3 at 3000 after 1000: 10\n"
                               "3 at 9000, as before until 7000: -9223372036854775808\n"
                               "4 at 3000, as before until 1000: 8\n"
                               "until 9000\n");
}

/* 100, 100 + 3 * 7, and 7 more and 14 less each time, with no skips told. */
Test(resources_decoder, differences_of_differences_and_multiples)
{
    put_moments(&body, 0, 4, 1, 1);
    put_varint(&body, 9);
    put_varint(&body, 4 * 4 + 1);
    put_varint(&body, 7);
    put_varint(&body, 0);
    put_svarint(&body, 100);
    put_svarint(&body, 3);
    put_svarint(&body, 1);
    put_svarint(&body, -2);
    put_record(&payload, 33, &body);
    cr_assert_str_eq(decode(),
                     "9 at 0 after 0: 100\n9 at 1000 after 0: 121\n"
                     "9 at 2000 after 1000: 149\n9 at 3000 after 2000: 163\nuntil 3000\n");
}

/* The point that stands behind the last moment, and those after it; other series stay. */
Test(resources_decoder, a_bad_point_is_dropped_with_what_depends_on_it)
{
    const struct made_point far[] = {{0, 0, 1}, {2, 0, 2}, {0, 0, 3}};
    const struct made_point near[] = {{1, 0, 5}};

    put_moments(&body, 1000, 2, 1, 3);
    put_points(&body, 1, far, 3);
    put_points(&body, 0, near, 1);
    put_points(&body, 2, near, 1);
    put_record(&payload, 33, &body);
    cr_assert_str_eq(decode(), "1 at 1000 after 0: 1\n2 at 2000 after 1000: 5\nuntil 2000\n");
    cr_assert_eq(summary.samples_dropped, 3);
    cr_assert_eq(summary.records_dropped, 0);
}

static void expect_dropped(const char *what)
{
    put_record(&payload, 33, &body);
    make_points(&payload, 1, 0, 1, (const int64_t[]){4}, 1);
    cr_assert_str_eq(decode(), "1 at 0 after 0: 4\nuntil 0\n", "%s: %s", what, seen);
    cr_assert_eq(summary.records_dropped, 1, "%s", what);
}

Test(resources_decoder, records_that_cannot_be_say_nothing_and_the_next_does)
{
    const struct made_point point = {0, 0, 1};

    put_moments(&body, 0, 0, 0, 0);
    expect_dropped("no moments");
    put_moments(&body, 0, RESOURCES_MOMENTS_MAX + 1, 1, 0);
    expect_dropped("too many moments");
    put_moments(&body, 0, 2, UINT64_MAX / 2, 1);
    put_points(&body, 1, &point, 1);
    expect_dropped("time runs over");
    put_moments(&body, UINT64_MAX, 1, 0, 1);
    put_points(&body, 1, &point, 1);
    expect_dropped("begins beyond all time");
    put_moments(&body, 0, 1, 0, 2);
    put_points(&body, 1, &point, 1);
    expect_dropped("a series is missing");
    put_moments(&body, 0, 1, 0, 1);
    put_varint(&body, 1);
    put_varint(&body, UINT64_MAX - 1);
    put_varint(&body, 1);
    put_svarint(&body, 0);
    expect_dropped("more points than bytes");
    put_moments(&body, 0, 1, 0, 1);
    put_varint(&body, 1);
    put_varint(&body, 0);
    put_varint(&body, 1);
    put_varint(&body, 0);
    expect_dropped("no point");
    put_varint(&body, 0);
    expect_dropped("cut off");
}
