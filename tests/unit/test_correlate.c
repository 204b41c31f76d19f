/* Unit tests of analyzer/reports/correlate.c, correlate_json.c and relation_words.c: names that are
 * not meant well, units, and relations of which there is nothing to tell. */
#include "analyzer/model/relations.h"
#include "analyzer/reports/relation_words.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define CELLS 4

static const char evil[] = "<script>alert(\"1\")</script>\n\033[31m\xff;\xe2\x80\xae";

static double *cells_of(double value)
{
    double *cells = memory_alloc(CELLS * sizeof(double));

    for (size_t i = 0; i < CELLS; i++)
        cells[i] = value;
    return cells;
}

static struct relation relation_of(double strength)
{
    return (struct relation){.cells = 60,
                             .effective = 25,
                             .pearson = strength,
                             .spearman = strength,
                             .strength = strength,
                             .low = strength - 0.1,
                             .high = strength + 0.05,
                             .lag_s = 0.3,
                             .p = 1e-6,
                             .q = 1e-4,
                             .significant = true};
}

static struct relation_series *add_series(struct relations *relations, const char *name,
                                          const char *unit, double value)
{
    relations->series = memory_grow(relations->series, relations->series_count,
                                    &relations->series_capacity, sizeof(*relations->series));
    struct relation_series *series = &relations->series[relations->series_count++];
    *series = (struct relation_series){.name = name,
                                       .unit = unit,
                                       .process = RESOURCE_NOBODY,
                                       .parts = 1,
                                       .cells = cells_of(value),
                                       .known = CELLS,
                                       .total = NAN};
    return series;
}

static void add_cause(struct relation_series *series, uint32_t stack, const struct profile *profile)
{
    series->causes = memory_alloc(sizeof(*series->causes));
    series->cause_count = 1;
    series->causes[0] = (struct relation_cause){.activity = ACTIVITY_ALLOCATION,
                                                .frame = profile->stacks[stack].frame,
                                                .stack = stack,
                                                .amount = 5,
                                                .share = 0.82,
                                                .share_of_time = 0.4,
                                                .relation = relation_of(0.9)};
}

static struct profile *profile;
static struct relations relations;

static void begin(void)
{
    profile = profile_new();
    fixture_process(profile, "made-up", 7, 1);
    relations = (struct relations){.grid = {0, 100000000, CELLS}};
    for (size_t i = 0; i < NAMED_RELATIONS; i++)
        relations.named[i] = (struct relation_named){
            "memory-GPU",
            "one",
            "other",
            {.insufficient = "no card", .strength = NAN, .pearson = NAN, .spearman = NAN}};
}

static void end(void)
{
    relations_release(&relations);
    profile_free(profile);
}

static char *write_it(const struct report *report, bool json)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct report_options options = {.json = json, .columns = 80, .relations = &relations};
    struct problem problem;

    cr_assert_eq(report->write(profile, &options, out, &problem), 0);
    fclose(out);
    return text;
}

Test(correlate, names_are_text_everywhere)
{
    begin();
    struct relation_series *series = add_series(&relations, evil, "bytes/s", 1e6);
    series->subject = evil;
    series->total = 123456789;
    add_cause(series, fixture_stack(profile, "main;\033[2Jboo\n"), profile);
    char *text = write_it(&report_correlate, false), *json = write_it(&report_correlate, true);
    cr_expect_null(strchr(text, '\033'));
    cr_expect_null(strstr(text, "\xff"));
    cr_expect_null(strstr(text, "\xe2\x80\xae"));
    cr_expect_not_null(strstr(text, "82 % of it while"));
    cr_expect_null(strchr(json, '\033'));
    cr_expect_null(strstr(json, "alert(\"1\")"), "quotes are escaped");
    cr_expect_not_null(strstr(json, "alert(\\\"1\\\")"));
    free(text);
    free(json);
    end();
}

Test(correlate, what_is_not_known_is_null_and_never_0)
{
    begin();
    struct relation_series *series = add_series(&relations, "gpu.busy", "%", NAN);
    series->known = 0;
    series->insufficient = "no graphics card";
    char *json = write_it(&report_correlate, true), *text = write_it(&report_correlate, false);
    cr_expect_not_null(strstr(json, "\"mean\": null"));
    cr_expect_not_null(strstr(json, "\"strength\": null"));
    cr_expect_null(strstr(json, "nan"));
    cr_expect_not_null(strstr(text, "no graphics card: gpu.busy"));
    cr_expect_not_null(strstr(text, "nothing: no function goes with any resource"));
    cr_expect_not_null(strstr(text, "memory-GPU: insufficient data: no card"));
    free(json);
    free(text);
    end();
}

static void expect_amount(const char *unit, double amount, const char *wanted)
{
    struct relation_series series = {.unit = unit};
    char *text = relation_amount(&series, amount);

    cr_expect_str_eq(text, wanted);
    free(text);
}

Test(correlate, amounts_have_their_units)
{
    expect_amount("bytes/s", 3 * 1048576, "3.00 MiB");
    expect_amount("bytes", 1024, "1.00 KiB");
    expect_amount("%", 250, "2.50 s"); /* per cent of a second, for seconds */
    expect_amount("1/s", 1234, "1.23 k");
    expect_amount("W", 12, "12 J");
    expect_amount("%", NAN, "-");
    expect_amount(NULL, 5, "5 ");
}

/* What the function had of the resource, and of the time; how strong that is. */
static void add_shares(const char *name, double share, double of_time, double strength)
{
    struct relation_series *series = add_series(&relations, name, "bytes", 1e6);

    series->form = RELATION_OF_CHANGES;
    series->total = 3 * 1048576;
    add_cause(series, fixture_stack(profile, name), profile);
    series->causes[0].share = share;
    series->causes[0].share_of_time = of_time;
    series->causes[0].relation.strength = strength;
}

/* What a function that always runs has of everything explains nothing. */
Test(correlate, what_is_everywhere_does_not_stand_out)
{
    begin();
    add_shares("even", 0.99, 0.97, 0.9);
    char *text = write_it(&report_correlate, false);
    cr_expect_null(strstr(text, "% of it while"));
    cr_expect_not_null(
        strstr(text, "  only 1 resource that is hardly higher while the function is active\n"));
    cr_expect_null(strstr(text, "no function goes with any resource"));
    free(text);
    add_shares("level", 0.5, 0.45, 0.9);
    add_shares("burst", 0.09, 0.01, 0.9);
    add_shares("phase", 0.8, 0.5, 0.9);
    text = write_it(&report_correlate, false);
    cr_expect_not_null(strstr(text, "burst grows by 3.00 MiB: 9 % of it while"));
    cr_expect_not_null(strstr(text, "phase grows by 3.00 MiB: 80 % of it while"));
    cr_expect_not_null(
        strstr(text, "  and 2 resources that are hardly higher while the function is active\n"));
    free(text);
    end();
}

/* As memory that is free does when somebody takes it. */
Test(correlate, what_falls_is_not_said_to_grow)
{
    begin();
    add_shares("memory.free", 0.8, 0.5, -0.9);
    char *text = write_it(&report_correlate, false);
    cr_expect_not_null(strstr(text, "memory.free falls by 3.00 MiB: 80 % of it while"), "%s", text);
    free(text);
    end();
}
