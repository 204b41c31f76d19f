/* Regions and counters on the first screen: figures known beforehand, rows that fit. */
#include "analyzer/model/program.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static uint32_t thread;

static void start(void)
{
    profile = profile_new();
    thread = fixture_thread(profile, fixture_process(profile, "a", 1, 0), "a", 1);
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(text_program, .init = start, .fini = stop);

static uint32_t add_region(uint32_t parent, const char *name, uint64_t count, uint64_t total_ns,
                           uint64_t longest_ns, int64_t cpu_ns)
{
    uint32_t number = profile_region(profile, parent, name);
    struct profile_entry entry = {.thread = thread,
                                  .stack = fixture_stack(profile, "main;work"),
                                  .region = number,
                                  .value = {[METRIC_CPU] = cpu_ns, [METRIC_SAMPLES] = 1}};

    profile->regions[number].count = count;
    profile->regions[number].total_ns = total_ns;
    profile->regions[number].longest_ns = longest_ns;
    entries_add(&profile->entries, &entry);
    return number;
}

static char *report(size_t top)
{
    const struct report_options options = {.columns = 80, .top = top, .all = true};

    return fixture_output(&report_text, profile, &options);
}

/* True when a line of `text` holds these words, in this order, and nothing else. */
static bool has_row(const char *text, const char *words)
{
    char *copy = memory_strdup(text);
    char *rest = copy;
    bool found = false;

    for (char *line; !found && (line = strsep(&rest, "\n")) != NULL;) {
        char row[512] = "";
        for (char *word; (word = strsep(&line, " ")) != NULL;)
            if (*word != '\0')
                snprintf(row + strlen(row), sizeof(row) - strlen(row), "%s%s", *row ? " " : "",
                         word);
        found = strcmp(row, words) == 0;
    }
    free(copy);
    return found;
}

Test(text_program, a_row_for_each_region)
{
    uint32_t load = add_region(REGION_NONE, "load", 4, 2000000000, 800000000, 300000000);
    add_region(load, "parse", 1, 500000000, 500000000, 100000000);
    char *text = report(0);

    cr_assert(has_row(text, "region left wall mean longest CPU"), "%s", text);
    cr_assert(has_row(text, "load 4 2.00 s 500 ms 800 ms 400 ms"), "%s", text);
    cr_assert(has_row(text, "load/parse 1 500 ms 500 ms 500 ms 100 ms"), "%s", text);
    free(text);
}

Test(text_program, one_never_left_has_no_mean)
{
    add_region(REGION_NONE, "whole", 0, 0, 0, 300000000);
    char *text = report(0);

    cr_assert(strstr(text, "whole"), "%s", text);
    cr_assert_null(strstr(text, "nan"), "%s", text);
    free(text);
}

Test(text_program, as_many_rows_as_wanted_and_names_that_are_clean)
{
    add_region(REGION_NONE, "first\033[2J", 1, 1, 1, 1);
    add_region(REGION_NONE, "second", 1, 1, 1, 1);
    add_region(REGION_NONE, "third", 1, 1, 1, 1);
    char *text = report(2);

    cr_assert(strstr(text, "first") && strstr(text, "second"), "%s", text);
    cr_assert_null(strstr(text, "third"), "%s", text);
    cr_assert(has_row(text, "and 1 more"), "%s", text);
    cr_assert_null(strchr(text, '\033'), "no name moves the cursor");
    free(text);
}

Test(text_program, counters_with_their_totals)
{
    struct profile_count count = {.thread = thread, .stack = fixture_stack(profile, "main")};

    count.counter = profile_counter(profile, "bytes", false);
    count.value = 1234567;
    profile_add_count(profile, &count);
    count.counter = profile_counter(profile, "cycles", true);
    count.value = -5;
    profile_add_count(profile, &count);
    char *text = report(0);
    cr_assert(has_row(text, "bytes 1 234 567") || has_row(text, "bytes 1,234,567") ||
                  has_row(text, "bytes 1234567"),
              "%s", text);
    cr_assert(has_row(text, "cycles -5 hardware"), "%s", text);
    free(text);
}

Test(text_program, nothing_is_said_of_what_is_not_there)
{
    fixture_entry(profile, thread, fixture_stack(profile, "main"), 1000, 0);
    char *text = report(0);

    cr_assert_null(strstr(text, "Regions"), "%s", text);
    cr_assert_null(strstr(text, "Counters"), "%s", text);
    free(text);
}
