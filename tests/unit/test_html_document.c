/* Unit tests of analyzer/reports/html_document*.c: what jq makes of documents nobody would record. */
#include "analyzer/reports/html_document.h"
#include "analyzer/reports/report.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>
#include <math.h>

static struct html_document document;

static bool satisfies(const char *filter)
{
    char *command = memory_printf("jq -e '%s' >/dev/null", filter);
    FILE *jq = popen(command, "w");

    html_document_write(&document, jq);
    free(command);
    return pclose(jq) == 0;
}

Test(html_document, empty)
{
    html_document_init(&document);
    cr_expect(satisfies(".schema == \"profinject-html-1\" and .regions == [\"\"] and "
                        ".slices == null and .diff == null and .why == null and "
                        ".entries.values == {} and .tables == []"));
    html_document_release(&document);
}

Test(html_document, of_an_empty_profile)
{
    const struct report_options options = {0};
    struct profile *profile = profile_new();
    char *page = fixture_output(&report_html, profile, &options);

    cr_assert_not_null(page);
    cr_expect_not_null(strstr(page, "<title>empty recording - profinject</title>"));
    free(page);
    profile_free(profile);
}

Test(html_document, text_is_fit_to_show)
{
    html_document_init(&document);
    html_document_fact(&document, "a\nb", "</script>\xFF\x1B[31m \xE2\x80\xAE");
    html_document_process(&document, "comm\"", -1);
    html_document_thread(&document, "", 7, 0);
    html_document_region(&document, "x/\\");
    cr_expect(satisfies(".facts[0][0] == \"a\\uFFFDb\" and "
                        ".facts[0][1] == \"</script>\\uFFFD\\uFFFD[31m \\uFFFD\""));
    cr_expect(satisfies(".processes[0] == {\"comm\": \"comm\\\"\", \"pid\": -1} and "
                        ".threads[0].name == \"\" and .regions[1] == \"x/\\\\\""));
    html_document_release(&document);
}

Test(html_document, columns_are_as_short_as_can_be)
{
    html_document_init(&document);
    document.entries.count = 5;
    document.entries.node = memory_alloc(5 * sizeof(uint32_t));
    document.entries.thread = memory_alloc(5 * sizeof(uint32_t));
    document.entries.region = memory_alloc(5 * sizeof(uint32_t));
    for (uint32_t i = 0; i < 5; i++)
        document.entries.node[i] = 2 * i + 1;
    int64_t *full = html_document_column(&document, "full");
    int64_t *few = html_document_column(&document, "few:before");
    html_document_column(&document, "none");
    for (int i = 0; i < 5; i++)
        full[i] = i - 1;
    few[1] = -7;
    few[4] = 9;
    cr_expect(satisfies(".entries.node == [1, 2, 2, 2, 2]"));
    cr_expect(satisfies(".entries.values.full == [-1, 0, 1, 2, 3]"));
    cr_expect(
        satisfies(".entries.values.\"few:before\" == {\"index\": [1, 3], \"value\": [-7, 9]}"));
    cr_expect(satisfies(".entries.values.none == {\"index\": [], \"value\": []}"));
    html_document_release(&document);
}

Test(html_document, what_is_unknown_is_null)
{
    static const struct html_table about = {
        .name = "t", .title = "T", .note = "n", .columns = {{"a", "bytes"}, {"b", "text"}}};

    html_document_init(&document);
    struct html_table *table = html_document_table(&document, &about);
    html_table_unavailable(table);
    html_table_text(&document, table, "x");
    html_table_number(table, 0);
    html_table_text(&document, table, "");
    struct html_series *series = html_document_series(
        &document,
        &(struct html_series){.name = "s", .title = "S", .unit = "u", .group = "g", .label = "l"},
        2);
    series->time_s[1] = 0.5;
    series->value[0] = NAN;
    series->value[1] = 2.5;
    document.diff = (struct html_diff){"a", "b", true, {3, 4}};
    cr_expect(satisfies(".tables[0].rows == [[null, \"x\"], [0, \"\"]] and "
                        "(.tables[0].columns | length) == 2"));
    cr_expect(satisfies(".series[0].time == [0, 0.5] and .series[0].value == [null, 2.5]"));
    cr_expect(satisfies(".diff == {\"before\": \"a\", \"after\": \"b\", \"normalised\": true, "
                        "\"runs\": [3, 4]}"));
    html_document_release(&document);
}
