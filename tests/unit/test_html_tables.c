/* Unit tests of analyzer/reports/html_tables.c: which rows there are, where there are too many, and
 * in which order. */
#include "analyzer/reports/html_tables.h"

#include "analyzer/model/program.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define MANY (HTML_ROWS + 200)

static struct html_document document;
static struct profile *profile;
static uint32_t thread;

static void start(void)
{
    html_document_init(&document);
    profile = profile_new();
    thread = fixture_thread(profile, fixture_process(profile, "p", 1, 0), "one", 1);
}

static void stop(void)
{
    html_document_release(&document);
    profile_free(profile);
}

TestSuite(html_tables, .init = start, .fini = stop);

static const struct html_table *table_of(const char *name)
{
    html_tables_fill(&document, profile);
    for (size_t i = 0; i < document.table_count; i++)
        if (strcmp(document.tables[i].name, name) == 0)
            return &document.tables[i];
    cr_assert(false, "no table '%s'", name);
    return NULL;
}

static void burn(uint32_t region, int64_t cpu_ns)
{
    const struct profile_entry entry = {
        .thread = thread, .region = region, .value = {[METRIC_CPU] = cpu_ns}};

    entries_add(&profile->entries, &entry);
}

Test(html_tables, regions_that_took_the_most_are_not_cut)
{
    char name[32];

    for (uint32_t i = 1; i <= MANY; i++) {
        snprintf(name, sizeof(name), "region %u", i);
        burn(profile_region(profile, REGION_NONE, name), i);
    }
    burn(profile_region(profile, 1, "inside"), 5 * MANY);
    const struct html_table *table = table_of("regions");
    size_t width = table->column_count;
    cr_assert_eq(table->count, HTML_ROWS * width);
    cr_expect_eq(table->cells[0].number, 5 * MANY + 1, "with what is inside");
    cr_expect_str_eq(table->cells[width - 1].text, "region 1");
    cr_expect_str_eq(table->cells[2 * width - 1].text, "region 1/inside");
    cr_expect_eq(table->cells[2 * width].number, MANY);
    cr_expect_eq(table->cells[(HTML_ROWS - 1) * width].number, MANY - (HTML_ROWS - 3));
    cr_expect_not_null(strstr(table->note, "the first 1000 of 1201"));
}

Test(html_tables, counters_that_counted_the_most_are_not_cut)
{
    char name[32];

    for (uint32_t i = 1; i <= MANY; i++) {
        snprintf(name, sizeof(name), "counter %u", i);
        uint32_t counter = profile_counter(profile, name, COUNTER_PROGRAM);
        profile_add_count(profile, &(struct profile_count){.counter = counter, .value = i});
    }
    const struct html_table *table = table_of("counters");
    cr_assert_eq(table->count, HTML_ROWS * table->column_count);
    cr_expect_eq(table->cells[0].number, MANY);
    cr_expect_str_eq(table->cells[1].text, "counter 1200");
    cr_expect_eq(table->cells[(HTML_ROWS - 1) * table->column_count].number, MANY - HTML_ROWS + 1);
}
