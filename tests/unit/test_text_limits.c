/* Unit tests of analyzer/reports/text_limits.c, and of recommendations as JSON. */
#include "analyzer/model/recommendation.h"
#include "analyzer/util/utf8.h"
#include "tests/unit/waits_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;

/* Half of the time running, half in a lock. */
static void start(void)
{
    profile = waits_profile(2);
    uint32_t lock = waits_lock(profile, "dict_lock", 0x10);

    waits_run(profile, 0, "main;rehash", 500, 0);
    waits_add(profile, (struct made_wait){1, TRACE_WAIT_MUTEX, lock, 0, "main;find", 3, 490});
    waits_add(profile, (struct made_wait){1, TRACE_WAIT_READ, WAIT_OBJECT_NONE, WAIT_THREAD_NONE,
                                          "main;load", 3, 5});
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(text_limits, .init = start, .fini = stop);

static void assert_contains(const char *text, const char *part)
{
    cr_assert_not_null(strstr(text, part), "no '%s' in:\n%s", part, text);
}

Test(text_limits, verdict_with_its_evidence_and_advice)
{
    char finding[] =
        "12 figures of a rule, which are many words, so that they take more than one line";
    struct recommendation one = {.rule = "convoy",
                                 .advice = "hold it for less work",
                                 .finding = finding,
                                 .share = 0.5,
                                 .stack = fixture_stack(profile, "main;find")};
    const struct recommendations all = {&one, 1, 1};
    struct report_options options = {.all = true, .columns = 80, .recommendations = &all};
    char *text = fixture_output(&report_text, profile, &options);

    assert_contains(
        text, "\nWhat limits this program   (and by which figures)\n"
              "  CPU-bound: 50 % of thread time is spent running, most in rehash (100 % of CPU\n"
              "  time)\n"
              "    waits  490 ms (49 % of thread time): mutex, find() from main()\n"
              "    runs   500 ms (100 % of CPU time): rehash\n"
              "  1. 12 figures of a rule, which are many words, so that they take more than one\n"
              "     line\n"
              "     -> hold it for less work\n");
    free(text);
    cr_assert(fixture_satisfies(
        &report_text, profile, &(struct report_options){.json = true, .recommendations = &all},
        ".recommendations == [{\"rule\": \"convoy\", \"finding\": "
        ".recommendations[0].finding, \"advice\": \"hold it for less work\", "
        "\"share\": 0.5, \"frames\": .recommendations[0].frames}] and "
        "[.recommendations[0].frames[].function] == [\"find\", \"main\"]"));
}

Test(text_limits, nothing_to_recommend_is_said)
{
    const struct recommendations none = {.count = 0};
    struct report_options options = {.all = true, .columns = 80, .recommendations = &none};
    char *text = fixture_output(&report_text, profile, &options);

    assert_contains(text, "  nothing stands out that would be worth a recommendation\n");
    free(text);
    cr_assert(fixture_satisfies(&report_text, profile,
                                &(struct report_options){.json = true, .recommendations = &none},
                                ".recommendations == []"));
    /* Nobody looked: that is not nothing. */
    cr_assert(fixture_satisfies(&report_text, profile, &(struct report_options){.json = true},
                                ".recommendations == null"));
}

Test(text_limits, hostile_names_fit)
{
    char name[5000];

    memset(name, 'x', sizeof(name));
    memcpy(name, "\x1b[31m\xff", 6);
    name[sizeof(name) - 1] = '\0';
    fixture_entry(profile, 0,
                  profile_add_stack(profile, STACK_NONE, fixture_frame(profile, name), false),
                  900000000, 0);
    struct report_options options = {.all = true, .columns = 80};
    char *text = fixture_output(&report_text, profile, &options);
    char *from = strstr(text, "What limits");
    char *end = strstr(from, "\n\n");

    cr_assert_null(strchr(text, '\x1b'));
    *end = '\0';
    for (char *line; (line = strsep(&from, "\n")) != NULL;)
        if (strncmp(line, "    runs", 8) == 0)
            cr_assert_leq(utf8_length(line), 80);
    free(text);
}
