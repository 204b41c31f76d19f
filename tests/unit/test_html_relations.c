/* Unit tests of analyzer/reports/html_relations.c and html_judgement.c: what was found, in the
 * document's own numbers of series, functions and threads. */
#include "analyzer/model/judgement.h"
#include "analyzer/model/recommendation.h"
#include "analyzer/model/relations.h"
#include "analyzer/reports/report.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>
#include <math.h>

#define S 1000000000ull

static struct profile *profile;
static struct relations relations;
static struct judgement judgement;
static uint32_t work, locked;

static struct resource_series *add(const char *name, const char *subject, const char *unit)
{
    const struct resource_series series = {.name = name,
                                           .subject = subject,
                                           .unit = unit,
                                           .process = RESOURCE_NOBODY,
                                           .thread = RESOURCE_NOBODY};
    struct resource_series *added = resources_add(&profile->resources, &series);

    resource_series_add(added, 1 * S, 1);
    resource_series_add(added, 2 * S, 3);
    return added;
}

static void start(void)
{
    profile = profile_new();
    uint32_t thread = fixture_thread(profile, fixture_process(profile, "made", 7, 1), "main", 7);
    work = fixture_stack(profile, "main;</script>\n");
    locked = fixture_stack(profile, "main;lock;[off-CPU: mutex]");
    fixture_entry(profile, thread, work, 1000, 0);
    fixture_entry(profile, thread, locked, 0, 0);
    add("disk.read", "sda", "bytes/s");
    add("disk.read", "sdb", "bytes/s");
    add("cpu.busy", NULL, "%");
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(html_relations, .init = start, .fini = stop);

/* The document within the page, as jq sees it. */
static bool page_satisfies(const struct report_options *options, const char *filter)
{
    char *page = fixture_output(&report_html, profile, options);
    const char *data = strstr(page, "octet-stream\">") + strlen("octet-stream\">");
    char *command = memory_printf("base64 -d | gzip -d | jq -e '%s' >/dev/null", filter);
    FILE *jq = popen(command, "w");

    fwrite(data, 1, (size_t)(strstr(data, "</script>") - data), jq);
    free(command);
    free(page);
    return pclose(jq) == 0;
}

Test(html_relations, nobody_looked)
{
    const struct report_options options = {0};

    cr_expect(page_satisfies(&options, ".relations == null and .judgement == null and "
                                       ".advice == [] and (.resources.series | length) == 3"));
}

/* Of a function, of a lock, and of what goes with nothing. */
static struct report_options find_relations(void)
{
    static struct relation_cause causes[2];
    const struct relation_cause found[] = {
        {.activity = ACTIVITY_CPU,
         .frame = profile->stacks[work].frame,
         .stack = work,
         .amount = 1.23456,
         .share = NAN,
         .relation = {.cells = 50,
                      .strength = 0.98765,
                      .lag_s = 0.3,
                      .q = 0.00012345,
                      .significant = true}},
        {.activity = ACTIVITY_LOCK_WAIT,
         .frame = profile->stacks[locked].frame,
         .stack = locked,
         .relation = {.insufficient = "fewer than 30 \"moments\"", .cells = 12}},
    };
    static struct relation_series series[3];
    const struct relation_series followed[] = {
        {.name = "cpu.busy",
         .unit = "%",
         .process = RESOURCE_NOBODY,
         .first = 2,
         .parts = 1,
         .total = NAN},
        {.name = "disk.read",
         .subject = "sdb",
         .unit = "bytes/s",
         .process = 0,
         .first = 1,
         .parts = 1,
         .causes = causes,
         .cause_count = 2},
        {.name = "power.package",
         .unit = "W",
         .process = RESOURCE_NOBODY,
         .first = 99,
         .parts = 1,
         .insufficient = "constant"},
    };
    static struct relation_pair pairs[] = {{0, 1, {.cells = 50, .strength = -0.5, .q = 1}},
                                           {0, 2, {.insufficient = "constant"}}};
    relations = (struct relations){.series = series,
                                   .series_count = 3,
                                   .pairs = pairs,
                                   .pair_count = 2,
                                   .tested = 6,
                                   .significant = 1};
    memcpy(causes, found, sizeof(found));
    memcpy(series, followed, sizeof(followed));
    return (struct report_options){.relations = &relations};
}

Test(html_relations, in_numbers_of_the_document)
{
    const struct report_options options = find_relations();

    cr_expect(page_satisfies(&options, ".relations.series | map(.resource) == [0, 2, -1]"));
    cr_expect(page_satisfies(
        &options, ".relations.series[0] | .whose == null and .total == null and .causes == []"));
    cr_expect(page_satisfies(
        &options,
        ".labels.name as $names | .relations.series[1] | .whose == \"made (7)\" and "
        ".causes[0].activity == 0 and $names[.causes[0].label] == \"</script>\\uFFFD\" and "
        ".causes[0].share == null and .causes[0].amount == 1.23"));
    cr_expect(page_satisfies(
        &options,
        ".relations.series[1].causes[0].relation | .strength == 0.988 and .lag_s == 0.3 and "
        ".q == 0.000123 and .significant and .reason == null"));
    cr_expect(page_satisfies(&options,
                             ".relations.series[1].causes[1].relation == "
                             "{\"reason\": \"fewer than 30 \\\"moments\\\"\", \"cells\": 12}"));
    cr_expect(page_satisfies(
        &options,
        ".relations.pairs | .first == [0, 0] and .second == [1, 2] and .strength == [-0.5, null] "
        "and .significant == [0, null] and .reason == [null, \"constant\"]"));
    cr_expect(page_satisfies(
        &options, ".labels as $labels | [.relations.marks | to_entries[] | select(.value >= 0) | "
                  "[$labels.name[.key], .value]] == [[\"[off-CPU: mutex]\", 2]]"));
}

Test(html_relations, judgement_and_advice)
{
    const struct report_options options = {
        .judgement = &judgement,
        .recommendations = &(struct recommendations){
            .items = (struct recommendation[]){{"rule", "do", (char *)"found </b>", 0.25, locked},
                                               {"other", "record", (char *)"", 0, STACK_NONE}},
            .count = 2}};
    judgement = (struct judgement){
        .verdict = BOTTLENECK_CONTENTION,
        .runner_up = BOTTLENECK_UNKNOWN,
        .text = (char *)"why",
        .threads = (struct judged_thread[]){{.thread = 0, .known = false, .wall_ns = 5}},
        .thread_count = 1};
    judgement.classes[BOTTLENECK_CONTENTION] = (struct judged_class){true, 0.5, (char *)"waits"};
    judgement.scores[SCORE_CPU] = (struct judged_score){true, 93.25, (char *)"in"};

    cr_expect(page_satisfies(
        &options,
        ".judgement | .verdict == \"contention\" and .runner_up == null and .text == \"why\" and "
        ".least == 0.4 and .threads == [{\"thread\": 0, \"efficiency\": null, \"cpu\": 0, "
        "\"wall\": 5, \"idle\": 0}]"));
    cr_expect(page_satisfies(
        &options, "[.judgement.classes[] | select(.strength != null)] == "
                  "[{\"name\": \"contention\", \"strength\": 0.5, \"evidence\": \"waits\"}]"));
    cr_expect(page_satisfies(&options, ".judgement.scores | map(.value) == [93.25, null, null]"));
    cr_expect(page_satisfies(
        &options,
        ".labels.name as $names | .advice | length == 2 and .[0].finding == \"found </b>\" and "
        "[.[0].labels[] | $names[.]] == [\"lock\", \"main\"] and .[1].labels == []"));
}
