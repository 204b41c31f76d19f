/* How threads spent their time, and which of them have nothing to do. */
#include "analyzer/model/time_shares.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static uint32_t process;
static struct time_shares shares;

static void start(void)
{
    profile = profile_new();
    process = fixture_process(profile, "made-up", 1, 0);
}

static void stop(void)
{
    time_shares_release(&shares);
    profile_free(profile);
}

TestSuite(time_shares, .init = start, .fini = stop);

static uint32_t add_thread(int tid, int64_t cpu)
{
    uint32_t thread = fixture_thread(profile, process, "t", tid);

    entries_add(&profile->entries,
                &(struct profile_entry){.thread = thread,
                                        .stack = fixture_stack(profile, "main"),
                                        .value = {[METRIC_CPU] = cpu, [METRIC_WALL] = cpu}});
    return thread;
}

static void add_off(uint32_t thread, uint32_t kind, int64_t blocked, int64_t runnable)
{
    uint32_t stack = fixture_stack(profile, kind ? wait_kind_mark(kind) : "[off-CPU]");
    const struct profile_wait wait = {.thread = thread,
                                      .stack = stack,
                                      .kind = kind,
                                      .sums = {.count = 1, .blocked_ns = (uint64_t)blocked}};

    entries_add(&profile->entries,
                &(struct profile_entry){.thread = thread,
                                        .stack = stack,
                                        .value = {[METRIC_OFFCPU] = blocked + runnable,
                                                  [METRIC_RUNNABLE] = runnable,
                                                  [METRIC_WALL] = blocked + runnable}});
    if (kind != 0)
        profile_add_wait(profile, &wait);
}

Test(time_shares, all_of_the_time_is_in_one_part)
{
    uint32_t thread = add_thread(1, 380);

    add_off(thread, TRACE_WAIT_MUTEX, 400, 0);
    add_off(thread, TRACE_WAIT_READ, 100, 20);
    add_off(thread, TRACE_WAIT_CONDITION, 40, 0);
    add_off(thread, 77, 10, 0);
    add_off(thread, 0, 50, 0);
    time_shares_init(&shares, profile);
    cr_expect_float_eq(shares.wall, 1000, 0.1);
    cr_expect_float_eq(shares.on, 380, 0.1);
    cr_expect_float_eq(shares.runnable, 20, 0.1);
    cr_expect_float_eq(shares.group[WAIT_GROUP_LOCK], 400, 0.1);
    cr_expect_float_eq(shares.group[WAIT_GROUP_IO], 100, 0.1);
    cr_expect_float_eq(shares.group[WAIT_GROUP_SYNC], 40, 0.1);
    cr_expect_float_eq(shares.group[WAIT_GROUP_OTHER], 60, 0.1, "unknown kinds and no hook's");
    cr_expect_float_eq(shares.kind[TRACE_WAIT_MUTEX], 400, 0.1);
    cr_expect(shares.threads == 1 && shares.idle_threads == 0);
}

Test(time_shares, a_pool_that_waits_for_work_is_left_out)
{
    uint32_t busy = add_thread(1, 500);

    add_off(busy, TRACE_WAIT_MUTEX, 500, 0);
    for (int i = 0; i < 30; i++)
        add_off(add_thread(2 + i, 10), TRACE_WAIT_CONDITION, 990, 0);
    time_shares_init(&shares, profile);
    cr_expect_eq(shares.idle_threads, 30);
    cr_expect_float_eq(shares.wall, 1000, 0.1);
    cr_expect_float_eq(shares.idle, 30000, 0.1);
    cr_expect_float_eq(shares.group[WAIT_GROUP_LOCK], 500, 0.1);
    cr_expect_float_eq(shares.group[WAIT_GROUP_SYNC], 0, 0.1);
    cr_expect(shares.is_idle[1] && !shares.is_idle[busy]);
}

Test(time_shares, a_program_that_sleeps_is_not_left_out)
{
    add_off(add_thread(1, 1), TRACE_WAIT_SLEEP, 999, 0);
    time_shares_init(&shares, profile);
    cr_expect_eq(shares.idle_threads, 0);
    cr_expect_float_eq(shares.group[WAIT_GROUP_SLEEP], 999, 0.1);
}

/* Who waits for a lock or a disk all the time is what the program suffers from. */
Test(time_shares, only_waits_for_work_make_a_thread_idle)
{
    add_thread(1, 1000);
    add_off(add_thread(2, 1), TRACE_WAIT_MUTEX, 999, 0);
    add_off(add_thread(3, 1), TRACE_WAIT_READ, 999, 0);
    add_off(add_thread(4, 1), TRACE_WAIT_BARRIER, 999, 0);
    time_shares_init(&shares, profile);
    cr_expect_eq(shares.idle_threads, 0);
}

/* A program that is over before the first tick. */
Test(time_shares, cpu_time_is_that_of_the_clocks)
{
    uint32_t thread = add_thread(1, 0);

    add_off(thread, TRACE_WAIT_READ, 30, 10);
    profile->threads[thread].time = (struct thread_time){.known = true, .cpu_ns = 60};
    time_shares_init(&shares, profile);
    cr_expect_float_eq(shares.on, 60, 0.1);
    cr_expect_float_eq(shares.wall, 100, 0.1);
    time_shares_release(&shares);
    profile->part = "with 'read'";
    time_shares_init(&shares, profile);
    cr_expect_float_eq(shares.on, 0, 0.1, "of a part only what was sampled is known");
}

/* One that only looks know, as of an allocator's: nobody looked before the first. */
Test(time_shares, a_thread_that_looks_found_waiting_is_idle_between_them_too)
{
    uint32_t worker = add_thread(1, 500), pool = add_thread(2, 1);

    add_off(worker, TRACE_WAIT_READ, 500, 0);
    add_off(pool, TRACE_WAIT_FUTEX, 719, 0);
    add_off(pool, 0, 280, 0);
    profile->threads[pool].time.looked_ns = 719;
    time_shares_init(&shares, profile);
    cr_expect(shares.is_idle[pool]);
    cr_expect_eq(shares.wall, 1000);
    cr_expect_float_eq(shares.of_thread[pool].for_work, 999, 1e-9);
}

/* Hooks would have told of a call that takes so long; and looks that found it seldom tell little. */
Test(time_shares, what_nobody_saw_is_no_idleness)
{
    uint32_t worker = add_thread(1, 1), hooked = add_thread(2, 1), seldom = add_thread(3, 1);

    add_off(worker, TRACE_WAIT_READ, 999, 0);
    add_off(hooked, TRACE_WAIT_FUTEX, 719, 0);
    add_off(hooked, 0, 280, 0);
    profile->threads[hooked].time.looked_ns = 700;
    profile->threads[hooked].time.hooked_ns = 19;
    add_off(seldom, TRACE_WAIT_FUTEX, 400, 0);
    add_off(seldom, 0, 599, 0);
    profile->threads[seldom].time.looked_ns = 400;
    time_shares_init(&shares, profile);
    cr_expect_eq(shares.idle_threads, 0);
}
