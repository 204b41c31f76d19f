/* Unit tests of analyzer/reports/html_resources*.c: means, peaks and gaps of made-up series. */
#include "analyzer/reports/html_document.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>
#include <math.h>

#define S 1000000000ull

static struct html_document document;
static struct profile *profile;

static void start(void)
{
    html_document_init(&document);
    profile = profile_new();
}

static void stop(void)
{
    html_document_release(&document);
    profile_free(profile);
}

TestSuite(html_resources, .init = start, .fini = stop);

static bool satisfies(const char *filter)
{
    char *command = memory_printf("jq -e '%s' >/dev/null", filter);
    FILE *jq = popen(command, "w");

    html_document_write(&document, jq);
    free(command);
    return pclose(jq) == 0;
}

static struct resource_series *add(const char *name, const char *subject, bool is_rate)
{
    const struct resource_series series = {.name = name,
                                           .subject = subject,
                                           .unit = "%",
                                           .is_rate = is_rate,
                                           .process = RESOURCE_NOBODY,
                                           .thread = RESOURCE_NOBODY};
    return resources_add(&profile->resources, &series);
}

static void fill(uint64_t seconds)
{
    html_resources_fill(&document, profile, (struct html_axis){10 * S, (10 + seconds) * S}, 10 * S);
}

Test(html_resources, none)
{
    fill(10);
    cr_expect(satisfies(".resources == null"));
}

Test(html_resources, steps_of_a_short_recording_are_where_they_were)
{
    struct resource_series *rss = add("cpu.mhz", NULL, false);
    rss->unit = "MHz";
    resource_series_add(rss, 10 * S, 100);
    resource_series_add(rss, 11 * S, 300);
    resource_series_add(rss, 12 * S, NAN);
    resource_series_add(rss, 13 * S, 0);
    resource_series_add(rss, 14 * S, 0);
    fill(4);
    cr_expect(satisfies(".resources | .start_s == 0 and .cells == 20 and .cell_s == 0.2 and "
                        ".left_out == 0 and .series[0].least == null"));
    cr_expect(satisfies(".resources.series[0] | .value == [range(20) | if . < 5 then 100 elif "
                        ". < 10 then 300 elif . < 15 then null else 0 end]"));
    cr_expect(
        satisfies(".resources.series[0] | .low == 0 and .high == 300 and .group == "
                  "\"Processors\" and .scope == \"machine\" and .process == -1 and .of == 0"));
}

Test(html_resources, no_peak_of_a_long_one_is_lost)
{
    struct resource_series *busy = add("cpu.busy", NULL, true);
    for (uint64_t i = 0; i <= 6000; i++)
        resource_series_add(busy, 10 * S + i * (S / 10), i == 0 ? NAN : i == 3456 ? 99 : 1);
    fill(600);
    cr_expect(satisfies(".resources | .cells == 600 and .cell_s == 1"));
    cr_expect(satisfies(".resources.series[0] | (.most | max) == 99 and (.least | max) == 1 and "
                        ".value[345] == 10.8 and .value[344] == 1 and .high == 99"));
}

Test(html_resources, what_is_unavailable_says_why)
{
    struct resource_series *power = add("power.package", "package-0", true);
    power->reason = "permission </script> denied\xFF";
    resource_series_add(power, 10 * S, NAN);
    struct resource_series *later = add("from.the-future", "\"x\"", false);
    resource_series_add(later, 10 * S, 5);
    resource_series_add(add("unseen", NULL, true), 10 * S, NAN);
    fill(2);
    cr_expect(satisfies(".resources.series[0] | .value == null and .mean == null and .low == null "
                        "and .reason == \"permission </script> denied\\uFFFD\" and "
                        ".group == \"Temperature and power\""));
    cr_expect(satisfies(".resources.series[1] | .group == \"Others\" and .about == null and "
                        ".subject == \"\\\"x\\\"\" and .reason == null"));
    cr_expect(satisfies(
        ".resources.series[2] | .value == null and .reason == \"looked at less than twice\""));
}

Test(html_resources, what_was_seen_at_other_times_is_not_0)
{
    struct resource_series *rss = add("process.rss", NULL, true);
    resource_series_add(rss, 20 * S, NAN);
    resource_series_add(rss, 21 * S, 7);
    fill(4);
    cr_expect(satisfies(".resources.series[0] | .value == null and .mean == null and "
                        ".reason == \"not looked at in this time\""));
}

Test(html_resources, of_many_there_is_one_about_all)
{
    for (int core = 0; core < 256; core++) {
        char *name = memory_printf("cpu%d", core);
        struct resource_series *series =
            add("cpu.core", strings_intern(profile->strings, name), true);
        free(name);
        for (uint64_t i = 0; i <= 6000; i++)
            resource_series_add(series, 10 * S + i * (S / 10), i == 0 ? NAN : core == 7 ? 100 : 0);
    }
    fill(600);
    cr_expect(satisfies(".resources.series | length == 257"));
    cr_expect(
        satisfies(".resources.series[0] | .of == 256 and .subject == null and .every == 1 and "
                  ".value[5] == 0.3906 and .least[5] == 0 and .most[5] == 100 and "
                  "(.value | length) == 600"));
    cr_expect(
        satisfies(".resources.series[8] | .subject == \"cpu7\" and .of == 0 and .every == 4 and "
                  "(.value | length) == 150 and .least == null and .value[149] == 100"));
}

Test(html_resources, of_more_threads_than_are_told_those_that_ran)
{
    uint32_t process = fixture_process(profile, "pool", 7, 1);
    for (int i = 0; i < 100; i++) {
        uint32_t thread = fixture_thread(profile, process, "worker", 100 + i);
        struct resource_series *series = add("thread.cpu", NULL, true);
        series->scope = RESOURCE_OF_THREAD;
        series->process = process;
        series->thread = thread;
        resource_series_add(series, 10 * S, NAN);
        resource_series_add(series, 11 * S, i);
    }
    fill(1);
    cr_expect(satisfies(".resources | .left_out == 68 and (.series | length) == 33 and "
                        ".series[0].of == 32 and .series[1].whose == \"worker (168)\" and "
                        ".series[32].thread == 99 and .series[32].process == 0"));
}
