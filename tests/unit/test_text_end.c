/* What the report says of an end that the program did not choose, in a made-up profile. */
#include "analyzer/model/last_second.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>
#include <signal.h>

#define MS 1000000ull

static struct profile *profile;
static uint32_t thread;

static void start(void)
{
    profile = profile_new();
    fixture_process(profile, "victim", 10, 1);
    thread = fixture_thread(profile, 0, "worker", 11);
    profile->processes[0].end = END_SIGNAL;
    profile->processes[0].end_status = SIGSEGV;
    profile->threads[thread].last = (struct profile_last){2900 * MS, fixture_stack(profile, "a;b")};
    profile_add_moment(profile,
                       &(struct profile_moment){thread, fixture_stack(profile, "a;b"), 30 * MS});
    profile_add_moment(profile,
                       &(struct profile_moment){thread, fixture_stack(profile, "a;c"), 60 * MS});
    profile_add_moment(profile,
                       &(struct profile_moment){thread, fixture_stack(profile, "b"), 10 * MS});
}

static void stop(void)
{
    profile_free(profile);
}

static bool says(const char *words)
{
    const struct report_options options = {.columns = 200};
    char *text = fixture_output(&report_text, profile, &options);
    bool found = text != NULL && strstr(text, words) != NULL;

    free(text);
    return found;
}

TestSuite(text_end, .init = start, .fini = stop);

Test(text_end, of_a_kill_the_last_samples_are_told)
{
    profile->processes[0].end_status = SIGKILL;
    cr_assert(says("End   killed by signal 9 (Killed)\n"));
    cr_assert(says("found gone 2.00 s after the start"));
    cr_assert(says("100 ms CPU: c 60 %, b 40 %; last sample at 1.90 s, in b < a\n"));
}

/* Of a thread that slept there is no sample. */
Test(text_end, so_are_waits_that_were_not_over)
{
    profile->processes[0].end_status = SIGKILL;
    cr_assert(says("known from their last samples only\n"));
    profile_add_wait(profile, &(struct profile_wait){.thread = thread,
                                                     .stack = fixture_stack(profile, "a"),
                                                     .kind = TRACE_WAIT_MUTEX,
                                                     .object = WAIT_OBJECT_NONE,
                                                     .peer_thread = WAIT_THREAD_NONE,
                                                     .sums = {.open = 1, .total_ns = MS}});
    cr_assert(says("known from their last samples and the waits they were in\n"));
}

Test(text_end, of_a_fault_its_word_is_told)
{
    profile->processes[0].death = (struct profile_death){.told = true,
                                                         .core = true,
                                                         .signal = SIGSEGV,
                                                         .code = SEGV_ACCERR,
                                                         .address = 0xabc,
                                                         .tid = 11,
                                                         .time_ns = 2950 * MS,
                                                         .thread = thread,
                                                         .stack = fixture_stack(profile, "a;d")};
    cr_assert(says("signal 11 (Segmentation fault), core dumped\n"));
    cr_assert(says("at address 0xabc; in thread worker (11), 1.95 s after the start:\n        d "));
    profile->processes[0].end_status = SIGKILL; /* it was not of that */
    cr_assert_not(says("0xabc"));
}

Test(text_end, json_has_the_same)
{
    const struct report_options options = {.json = true};

    cr_assert(fixture_satisfies(
        &report_text, profile, &options,
        ".deaths | length == 1 and .[0].signal_name == \"SIGSEGV\" and .[0].fault == null and "
        "(.[0].threads[0] | .name == \"worker\" and .last_second[0].cpu_ns == 60000000 and "
        ".last_stack[0].function == \"b\" and .last_second_cpu_ns == 100000000)"));
    profile->processes[0].end = END_EXIT;
    cr_assert(fixture_satisfies(&report_text, profile, &options, ".deaths == []"));
}

Test(text_end, names_are_hostile)
{
    profile->processes[0].death.oom = strings_intern(profile->strings, "\033[31mlog");
    cr_assert_not(says("\033[31m"));
}

Test(text_end, an_ordinary_end_is_no_news)
{
    profile->processes[0].end = END_EXIT;
    profile->processes[0].end_status = 3;
    cr_assert_not(says("End "));
    cr_assert_null(last_second_of_whom(profile, &profile->processes[0]));
}
