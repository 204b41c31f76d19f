/* Unit tests of analyzer/reports/facts.c. */
#include "analyzer/reports/facts.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

Test(facts, sums_and_rates)
{
    struct profile *profile = profile_new();
    struct facts facts;
    uint32_t first = fixture_process(profile, "a", 10, 1);
    uint32_t second = fixture_process(profile, "b", 20, 10);
    uint32_t one = fixture_thread(profile, first, "one", 10);
    uint32_t two = fixture_thread(profile, second, "two", 20);

    profile->processes[second].cpu_ns = 0; /* killed: the threads' clocks stand in */
    profile->processes[first].guessed = 3;
    profile->threads[two].lost = 8;
    profile->threads[two].foreign = true;
    profile->threads[two].paused_ns = 100000000;
    /* 2 stacks that stand for 12 periods of 1 ms */
    fixture_entry(profile, one, fixture_stack(profile, "main"), 4000000, 0);
    fixture_entry(profile, two, fixture_stack(profile, "main"), 8000000, 0);

    facts_init(&facts, profile);
    cr_assert_eq(facts.root, &profile->processes[first]);
    cr_assert_eq(facts.threads, 2);
    cr_assert_eq(facts.cpu_ns, 1000000000);
    cr_assert_eq(facts.wall_ns, 2000000000);
    cr_assert_eq(facts.samples, 200);
    cr_assert_eq(facts.lost, 8);
    cr_assert_eq(facts.guessed, 3);
    cr_assert_eq(facts.bytes, 2000);
    cr_assert_eq(facts.chunks, 4);
    /* 200 in 1 s of threads, of which 0.1 s was a pause */
    cr_assert_float_eq(facts.frequency_delivered, 200.0 / 0.9, 1e-9);
    cr_assert_eq(facts.coverage.measured_ns, 900000000);
    cr_assert_eq(facts.coverage.paused_ns, 100000000);
    cr_assert_eq(facts.coverage.sampled_ns, 1000000000);
    cr_assert_float_eq(facts.weight, 6.0, 1e-9);
    cr_assert_eq(facts.memory.alloc_bytes, 4096); /* the foreign thread's do not count */
    cr_assert_eq(facts.memory_processes, 2);
    cr_assert_eq(facts.foreign_threads, 1);
    profile_free(profile);
}

Test(facts, a_process_that_execs_is_one)
{
    struct profile *profile = profile_new();
    struct facts facts;
    uint32_t shell = fixture_process(profile, "sh", 10, 1);
    uint32_t image = fixture_process(profile, "cc", 10, 1);

    fixture_process(profile, "another", 11, 1);
    profile->processes[shell].end = END_EXEC;
    profile->processes[image].image = 1;
    profile->processes[image].brief_children = 5;
    facts_init(&facts, profile);
    cr_assert_eq(facts.processes, 7);
    profile_free(profile);
}

Test(facts, of_each_process)
{
    struct profile *profile = profile_new();
    uint32_t first = fixture_process(profile, "a", 10, 1);
    uint32_t second = fixture_process(profile, "b", 20, 10);

    fixture_thread(profile, second, "two", 20);
    fixture_thread(profile, second, "three", 21);
    profile->processes[first].has_memory = false;
    struct facts *facts = facts_of_processes(profile);
    cr_assert_eq(facts[0].threads, 0);
    cr_assert_eq(facts[0].memory_processes, 0);
    cr_assert_eq(facts[1].threads, 2);
    cr_assert_eq(facts[1].samples, 200);
    cr_assert_eq(facts[1].memory.alloc_count, 20);
    cr_assert_eq(facts[1].wall_ns, 2000000000);
    free(facts);
    profile_free(profile);
}

Test(facts, the_root_is_the_last_image_of_the_first_process_without_a_parent)
{
    struct profile *profile = profile_new();
    struct facts facts;

    fixture_process(profile, "child", 20, 10);
    uint32_t later = fixture_process(profile, "orphan", 30, 1);
    uint32_t first = fixture_process(profile, "sh", 10, 1);
    uint32_t image = fixture_process(profile, "make", 10, 1);
    uint32_t reused = fixture_process(profile, "another", 10, 1);
    profile->processes[later].start_ns = 2000000000;
    profile->processes[first].end = END_EXEC;
    profile->processes[image].image = 1;
    profile->processes[image].start_ns = 1500000000;
    profile->processes[reused].image = 2;
    profile->processes[reused].start_ns = 1600000000;
    facts_init(&facts, profile);
    cr_assert_str_eq(facts.root->comm, "make");
    profile_free(profile);
}

Test(facts, looks_per_second)
{
    struct profile *profile = profile_new();
    struct facts facts;

    fixture_process(profile, "a", 10, 1);
    fixture_process(profile, "b", 20, 10);
    profile->processes[0].looks = 300;
    profile->processes[0].looking_ns = 4000000000;
    profile->processes[1].looks = 100;
    profile->processes[1].looking_ns = 1000000000;
    facts_init(&facts, profile);
    cr_assert_float_eq(facts_look_rate(&facts), 80.0, 1e-9);
    profile->processes[0].looking_ns = profile->processes[1].looking_ns = 0;
    facts_init(&facts, profile);
    cr_assert_float_eq(facts_look_rate(&facts), 0, 0);
    profile_free(profile);
}

Test(facts, empty_profile)
{
    struct profile *profile = profile_new();
    struct facts facts;

    facts_init(&facts, profile);
    cr_assert_null(facts.root);
    cr_assert_eq(facts.samples, 0);
    cr_assert_float_eq(facts.frequency_delivered, 0, 0);
    profile_free(profile);
}

Test(facts, ends)
{
    struct profile_process process = {.end = END_EXIT, .end_status = 3};

    cr_assert_str_eq(facts_end(&process).text, "exit 3");
    process = (struct profile_process){.end = END_SIGNAL, .end_status = 9};
    cr_assert_str_eq(facts_end(&process).text, "signal 9");
    process.end = END_EXEC;
    cr_assert_str_eq(facts_end(&process).text, "exec");
    process.end = END_UNKNOWN;
    cr_assert_str_eq(facts_end(&process).text, "unknown");
}
