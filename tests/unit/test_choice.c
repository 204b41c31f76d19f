/* Unit tests of analyzer/model/choice.c. */
#include "analyzer/model/choice.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static uint32_t threads[3];

static void add(uint32_t thread, const char *stack, uint64_t bytes)
{
    struct heap_sites *sites = &profile->processes[profile->threads[thread].process].heap.sites;
    struct profile_heap_site site = {.thread = thread,
                                     .stack = fixture_stack(profile, stack),
                                     .number = heap_sites_add(sites, thread)};

    fixture_entry(profile, thread, site.stack, 1000, 0);
    heap_sites_born(sites, site.number, bytes, 1);
    profile_add_heap_site(profile, &site);
    profile_add_mapped_site(profile,
                            &(struct profile_mapped_site){.thread = thread, .stack = site.stack});
}

static void start(void)
{
    profile = profile_new();
    uint32_t first = fixture_process(profile, "server", 10, 1);
    uint32_t second = fixture_process(profile, "worker", 20, 10);
    threads[0] = fixture_thread(profile, first, "main", 10);
    threads[1] = fixture_thread(profile, first, "pool", 11);
    threads[2] = fixture_thread(profile, second, "main", 20);
    add(threads[0], "main;parse;grow", 100);
    add(threads[1], "start;serve;parse", 20);
    add(threads[2], "main;serve", 3);
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(choice, .init = start, .fini = stop);

static void expect(struct profile_choice choice, int64_t cpu, double first, double second)
{
    struct problem problem = {0};

    cr_assert_eq(profile_choose(profile, &choice, &problem), 0, "%s", problem.text);
    cr_expect_eq(profile_total(profile, METRIC_CPU), cpu);
    cr_expect_eq(profile_total(profile, METRIC_LIVE_BYTES), (int64_t)(first + second));
    cr_expect_eq(profile->processes[0].heap.live.bytes.total, first);
    cr_expect_eq(profile->processes[1].heap.live.bytes.total, second);
    cr_expect(profile->processes[0].heap.part);
    cr_expect_eq((int64_t)profile->mapped_site_count, cpu / 1000);
}

static void expect_problem(struct profile_choice choice, int code, const char *text)
{
    struct problem problem = {0};

    cr_assert_eq(profile_choose(profile, &choice, &problem), code);
    cr_expect_not_null(strstr(problem.text, text), "%s", problem.text);
}

Test(choice, nothing_asked_for_is_everything)
{
    struct profile_choice choice = {0};
    struct problem problem = {0};

    cr_expect_not(profile_choice_any(&choice));
    cr_assert_eq(profile_choose(profile, &choice, &problem), 0);
    cr_expect_eq(profile_total(profile, METRIC_CPU), 3000);
    cr_expect_not(profile->processes[0].heap.part);
}

Test(choice, thread_by_name)
{
    expect((struct profile_choice){.thread = "main"}, 2000, 100, 3);
}

Test(choice, thread_by_number)
{
    expect((struct profile_choice){.thread = "11"}, 1000, 20, 0);
}

Test(choice, process_by_name)
{
    expect((struct profile_choice){.process = "server"}, 2000, 120, 0);
}

Test(choice, process_by_number_and_thread)
{
    expect((struct profile_choice){.process = "20", .thread = "main"}, 1000, 0, 3);
}

Test(choice, stacks_with_a_function)
{
    expect((struct profile_choice){.focus = "^pars"}, 2000, 120, 0);
}

Test(choice, stacks_without_a_function)
{
    expect((struct profile_choice){.ignore = "grow|start"}, 1000, 0, 3);
}

Test(choice, with_and_without)
{
    expect((struct profile_choice){.focus = "serve", .ignore = "parse"}, 1000, 0, 3);
}

Test(choice, what_is_not_there_is_told)
{
    expect_problem((struct profile_choice){.thread = "nobody"}, PROBLEM_USAGE,
                   "--thread 'nobody': the recording has: main (10), pool (11), main (20)");
    expect_problem((struct profile_choice){.process = "nobody"}, PROBLEM_USAGE,
                   "--process 'nobody': the recording has: server (10), worker (20)");
    expect_problem((struct profile_choice){.focus = "("}, PROBLEM_USAGE, "--focus '('");
    expect_problem((struct profile_choice){.ignore = "["}, PROBLEM_USAGE, "--ignore '['");
}

Test(choice, nothing_left_is_told)
{
    expect_problem((struct profile_choice){.focus = "nothing"}, PROBLEM_NOTHING,
                   "no stack is left by --focus 'nothing'");
}

Test(choice, threads_of_different_processes_do_not_meet)
{
    expect_problem((struct profile_choice){.process = "worker", .thread = "pool"}, PROBLEM_NOTHING,
                   "nothing was sampled of --thread 'pool'");
}
