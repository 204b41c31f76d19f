/* Scores and threads by efficiency, worked out by hand, and as text and JSON. */
#include "analyzer/insight/judge.h"
#include "analyzer/reports/judgement_json.h"
#include "analyzer/reports/judgement_text.h"

#include <math.h>

#include "tests/unit/judge_fixture.h"

#include <criterion/criterion.h>

#define NOBODY WAIT_THREAD_NONE
#define NOTHING WAIT_OBJECT_NONE

static struct profile *profile;

static void start(void)
{
    profile = waits_profile(3);
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(scores, .init = start, .fini = stop);

static void expect(enum score score, double value, const char *inputs)
{
    struct judgement judgement;

    judge(&judgement, profile);
    const struct judged_score *found = &judgement.scores[score];
    cr_expect_eq(found->known, !isnan(value), "%s: %s", score_name(score), found->inputs);
    if (found->known)
        cr_expect_float_eq(found->value, value, 1e-6, "%s: %g", score_name(score), found->value);
    cr_expect(strstr(found->inputs, inputs) != NULL, "'%s' is not in '%s'", inputs, found->inputs);
    judgement_release(&judgement);
}

Test(scores, nothing_is_known)
{
    for (int i = 0; i < SCORES; i++)
        expect((enum score)i, NAN, "");
}

/* 800 ms on a processor, 200 ms ready: 80; a quarter of it slowed down: 600 of 1000. */
Test(scores, cpu)
{
    waits_run(profile, 0, "main;hash", 800, 200);
    expect(SCORE_CPU, 80, "on-CPU 800 ms, ready to run 200 ms; slowed: unavailable (recorded");
    judge_rate(profile, "cpu.throttled", "cpu0", 0);
    expect(SCORE_CPU, 80, "on-CPU 800 ms, of it slowed 0 ns, ready to run 200 ms");
    for (size_t i = 0; i < profile->resources.series[0].count; i++)
        profile->resources.series[0].points[i].value = 25;
    expect(SCORE_CPU, 60, "of it slowed 200 ms");
}

/* 1 s: 200 ms in the allocator, 300 ms copying. With 500 ms stalled: 500 of 1500. */
Test(scores, memory)
{
    waits_run(profile, 0, "main;hash", 500, 0);
    expect(SCORE_MEMORY, 100, "in the allocator 0 ns");
    waits_run(profile, 0, "main;malloc", 200, 0);
    waits_run(profile, 0, "main;memcpy", 300, 0);
    expect(SCORE_MEMORY, 50, "in the allocator 200 ms, moving or faulting in memory 300 ms");
    judge_unseen(profile, 0, 500);
    judge_rate(profile, "pressure.memory", NULL, 25); /* of 2 s */
    expect(SCORE_MEMORY, 100 / 3.0, "stalled 500 ms");
}

Test(scores, io)
{
    waits_run(profile, 0, "main;hash", 300, 0);
    expect(SCORE_IO, NAN, "no input or output was seen");
    waits_add(profile,
              (struct made_wait){0, TRACE_WAIT_READ, NOTHING, NOBODY, "main;load", 3, 500});
    waits_add(profile,
              (struct made_wait){0, TRACE_WAIT_SEND, NOTHING, NOBODY, "main;load", 3, 400});
    expect(SCORE_IO, 25, "on-CPU 300 ms, blocked for files 500 ms, for the network 400 ms");
}

/* Calls that never blocked are input and output too. */
Test(scores, io_without_waits)
{
    waits_run(profile, 0, "main;hash", 300, 0);
    waits_file(profile, "/data", (struct object_io){9, 9, 9, 9});
    waits_add(profile, (struct made_wait){0, TRACE_WAIT_POLL, NOTHING, NOBODY, "main;poll", 1, 1});
    expect(SCORE_IO, 100, "blocked for files 0 ns");
}

/* t0 runs 300 of 400 ms; t1 600 of 1000, of which it waits 250 for work: 600 of 750; t2 waits for work
 * all the time. */
static void three_threads(void)
{
    waits_run(profile, 0, "main;hash", 300, 100);
    waits_run(profile, 1, "main;hash", 600, 0);
    waits_add(profile,
              (struct made_wait){1, TRACE_WAIT_READ, NOTHING, NOBODY, "main;load", 3, 150});
    waits_add(profile,
              (struct made_wait){1, TRACE_WAIT_CONDITION, NOTHING, NOBODY, "main;pool", 3, 250});
    waits_add(profile,
              (struct made_wait){2, TRACE_WAIT_CONDITION, NOTHING, NOBODY, "main;pool", 3, 900});
}

Test(scores, threads_by_efficiency)
{
    struct judgement judgement;

    three_threads();
    judge(&judgement, profile);
    cr_assert_eq(judgement.thread_count, 3);
    cr_expect_eq(judgement.threads[0].thread, 1);
    cr_expect_float_eq(judgement.threads[0].efficiency, 0.8, 1e-9);
    cr_expect_float_eq(judgement.threads[0].idle_ns, 250e6, 1);
    cr_expect_eq(judgement.threads[1].thread, 0);
    cr_expect_float_eq(judgement.threads[1].efficiency, 0.75, 1e-9);
    cr_expect_eq(judgement.threads[2].thread, 2);
    cr_expect_not(judgement.threads[2].known);
    judgement_release(&judgement);
}

static char *text_of(const struct judgement *judgement)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    const struct cells cells = {.out = out, .columns = 80};

    judgement_text(&cells, profile, judgement, 2);
    fclose(out);
    return text;
}

Test(scores, as_text)
{
    struct judgement judgement;

    three_threads();
    profile->threads[1].name = "a\x1b[31m<b>\xff";
    judge(&judgement, profile);
    char *text = text_of(&judgement);
    cr_expect_not_null(strstr(text, "\nBottleneck   (shares of thread time; a verdict needs 40 %)\n"
                                    "  CPU-bound: 64 % of thread time on a processor"));
    cr_expect_not_null(strstr(text, "  gpu                -  unavailable (recorded without"), "%s",
                       text);
    cr_expect_not_null(strstr(text, "\n  cpu               90  100 * (on-CPU - slowed)"), "%s",
                       text);
    cr_expect_not_null(strstr(text, "\nThreads by efficiency   (on-CPU / (wall - idle))\n"));
    cr_expect_not_null(strstr(text, "80 %     600 ms     1.00 s     250 ms\n"), "%s", text);
    cr_expect_not_null(strstr(text, "\n  and 1 more\n"));
    cr_expect_null(strchr(text, '\x1b'));
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
        cr_expect_leq(strlen(line), 84, "%s", line); /* an ellipsis has three bytes */
    free(text);
    judgement_release(&judgement);
    text = text_of(NULL);
    cr_expect_str_empty(text);
    free(text);
}

Test(scores, as_json)
{
    struct judgement judgement;

    three_threads();
    judge(&judgement, profile);
    cr_assert(fixture_satisfies(
        &report_text, profile, &(struct report_options){.json = true, .judgement = &judgement},
        ".judgement | .verdict == \"cpu\" and .runner_up == \"contention\" and "
        "(.classes | length == 8 and map((.share // 0) * 1400 | round) == [900, 0, 150, 0, 0, "
        "250, 0, 0]) and (.classes[] | select(.class == \"gpu\") | .share == null and "
        ".evidence == null and .unavailable == \"recorded without resources\") and "
        "(.scores.cpu.value * 1000 | round) == 90000 and .scores.io.inputs != null and "
        "(.thread_efficiency.threads | map(if .efficiency then .efficiency * 1000 | round else "
        "null end) == [800, 750, null] and .[0].idle_seconds == 0.25)"));
    judgement_release(&judgement);
    cr_assert(fixture_satisfies(&report_text, profile, &(struct report_options){.json = true},
                                ".judgement == null"));
}
