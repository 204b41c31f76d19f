/* Unit tests of analyzer/heat/live_line.c and heat_log.c: what a moment looks like. */
#include "analyzer/heat/heat_log.h"
#include "analyzer/heat/live_line.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct heat_state moment = {
    .seconds = 754.06,
    .celsius = 74.83,
    .target = 75,
    .action = "shrink",
    .size = 1500,
    .workers = 16,
    .duty = 1,
    .cpu_percent = 100,
    .memory_percent = 41.4,
    .gflops = 1198.7,
    .products = 12,
    .operations = 3000000000000,
    .wrong = 1,
};

static const struct heat_state unknown = {
    .celsius = NAN, .target = NAN, .action = "fixed", .cpu_percent = NAN, .memory_percent = NAN};

Test(live_line, fits_80_columns)
{
    char text[160];

    live_line_text(&moment, text, sizeof(text));
    cr_assert_str_eq(text, " 12:34  74.8/75 degC  shrink 16x1500 at 100 %  CPU 100 %  mem 41 %  "
                           "1199 GFLOP/s");
    cr_assert_leq(strlen(text), 80);
}

Test(live_line, what_is_not_known_is_not_0)
{
    char text[160];

    live_line_text(&unknown, text, sizeof(text));
    cr_assert_str_eq(text, "  0:00 no sensor  fixed  0x0 at 0 %  CPU unknown  mem unknown  "
                           "0.0 GFLOP/s");
    cr_assert_leq(strlen(text), 80);
}

static void write_and_read(bool json, char *text, size_t size)
{
    struct heat_log log;
    struct problem problem;

    scratch_init();
    cr_assert_eq(heat_log_init(&log, "log", json, &problem), 0);
    cr_assert_eq(heat_log_write(&log, &moment, &problem), 0);
    cr_assert_eq(heat_log_write(&log, &unknown, &problem), 0);
    FILE *file = fopen("log", "r"); /* before it is closed: complete at any moment */
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
    cr_assert_eq(heat_log_close(&log, &problem), 0);
    scratch_release();
}

Test(live_line, log_as_csv)
{
    char text[2000];

    write_and_read(false, text, sizeof(text));
    cr_assert_not_null(strstr(text, "\n754.060,74.830,75.000,shrink,1500,16,100.000,100.000,41.400,"
                                    "1198.700,12,3000000000000,1\n"));
    cr_assert_not_null(strstr(text, "\n0.000,unavailable,unavailable,fixed,0,0,0.000,unavailable,"
                                    "unavailable,0.000,0,0,0\n"));
}

Test(live_line, log_as_json)
{
    char text[2000];

    write_and_read(true, text, sizeof(text));
    cr_assert_not_null(strstr(text, "\"temperature_c\": 74.83"), "%s", text);
    cr_assert_not_null(strstr(text, "\"temperature_c\": null"));
    size_t lines = 0;
    for (const char *c = text; *c != '\0'; c++)
        lines += *c == '\n';
    cr_assert_eq(lines, 2, "an object a line");
}

Test(live_line, a_log_that_cannot_be_written)
{
    struct heat_log log;
    struct problem problem;

    cr_assert_lt(heat_log_init(&log, "/nowhere/log", false, &problem), 0);
    cr_assert_str_eq(problem.text, "cannot write '/nowhere/log': No such file or directory");
    cr_assert_eq(heat_log_init(&log, "/dev/full", true, &problem), 0);
    cr_assert_lt(heat_log_write(&log, &moment, &problem), 0);
}
