/* Waits are settled with what the kernel counted: blocked, ready to run, elsewhere. */
#include "analyzer/load/wait_ledger.h"

#include <criterion/criterion.h>

#define MS 1000000ull

static struct wait_ledger ledger;

static void start(void)
{
    wait_ledger_init(&ledger);
}

static void stop(void)
{
    wait_ledger_release(&ledger);
}

TestSuite(wait_ledger, .init = start, .fini = stop);

static void wait_as(uint32_t stack, uint64_t begin_ms, uint64_t end_ms, uint64_t total_ms,
                    uint64_t count, bool held)
{
    struct wait_place place = {.thread = 0, .stack = stack, .kind = 1};
    struct trace_waits waits = {.begin_ns = begin_ms * MS,
                                .end_ns = end_ms * MS,
                                .total_ns = total_ms * MS,
                                .longest_ns = total_ms * MS / (count > 0 ? count : 1),
                                .count = count,
                                .held = held};

    wait_ledger_waits(&ledger, &place, &waits);
}

static void wait_once(uint32_t stack, uint64_t begin_ms, uint64_t end_ms)
{
    wait_as(stack, begin_ms, end_ms, end_ms - begin_ms, 1, false);
}

static void schedule(uint64_t when_ms, uint64_t cpu_ms, uint64_t runnable_ms)
{
    wait_ledger_scheduling(
        &ledger, 0, 0,
        &(struct trace_scheduling){.when_ns = when_ms * MS,
                                   .known = TRACE_SCHEDULING_RUNNABLE | TRACE_SCHEDULING_SWITCHES,
                                   .cpu_ns = cpu_ms * MS,
                                   .runnable_ns = runnable_ms * MS});
}

static void finish(uint64_t end_ms, uint64_t cpu_ms)
{
    wait_ledger_finish(&ledger, 0, end_ms * MS, cpu_ms * MS);
}

static const struct wait_sums *sums_of(uint32_t stack)
{
    for (size_t i = 0; i < ledger.place_count; i++)
        if (ledger.places[i].stack == stack)
            return &ledger.sums[i];
    return NULL;
}

/* Within a microsecond: shares are rounded. */
#define EXPECT_MS(ns, ms)                                                        \
    cr_expect((ns) + 1000 >= (ms)*MS && (ns) <= (ms)*MS + 1000, "%s: %llu", #ns, \
              (unsigned long long)(ns))

static void expect_sums(uint64_t wall_ms, uint64_t cpu_ms, uint64_t runnable_ms, uint64_t hooked_ms)
{
    const struct ledger_thread *thread = wait_ledger_thread(&ledger, 0);
    uint64_t in_waits = 0;

    for (size_t i = 0; i < ledger.place_count; i++)
        in_waits += ledger.sums[i].runnable_ns;
    EXPECT_MS(thread->wall_ns, wall_ms);
    EXPECT_MS(thread->cpu_ns, cpu_ms);
    EXPECT_MS(thread->runnable_ns, runnable_ms);
    EXPECT_MS(thread->hooked_ns, hooked_ms);
    cr_expect_eq(thread->wall_ns, thread->cpu_ns + thread->runnable_ns + thread->blocked_ns);
    EXPECT_MS(thread->hooked_ns + thread->blocked_left_ns, wall_ms - cpu_ms - runnable_ms);
    EXPECT_MS(in_waits + thread->runnable_left_ns, runnable_ms);
}

Test(wait_ledger, what_no_hook_saw_is_left)
{
    wait_once(1, 10, 40);
    schedule(100, 50, 5);
    finish(100, 50);
    expect_sums(100, 50, 5, 30);
    EXPECT_MS(sums_of(1)->blocked_ns, 30);
    EXPECT_MS(wait_ledger_thread(&ledger, 0)->blocked_left_ns, 15);
    EXPECT_MS(wait_ledger_thread(&ledger, 0)->runnable_left_ns, 5);
}

/* A mutex that spins, a thread that has to wait for a processor when it is woken. */
Test(wait_ledger, waits_beyond_blocked_time_were_ready_to_run_then_running)
{
    wait_once(1, 0, 60);
    wait_once(2, 60, 90);
    schedule(100, 35, 15); /* blocked: 50 */
    finish(100, 35);
    expect_sums(100, 35, 15, 50);
    EXPECT_MS(sums_of(1)->blocked_ns, 40);
    EXPECT_MS(sums_of(2)->blocked_ns, 10);
    EXPECT_MS(sums_of(1)->total_ns, 60);
    EXPECT_MS(sums_of(1)->runnable_ns + sums_of(2)->runnable_ns, 15);
}

/* Many short writes and one long wait: data are copied in the writes. */
Test(wait_ledger, a_thread_ran_in_waits_that_copy_data)
{
    const struct wait_place place = {.thread = 0, .stack = 2, .kind = TRACE_WAIT_WRITE};
    const struct trace_waits writes = {
        .begin_ns = 0, .end_ns = 50 * MS, .total_ns = 40 * MS, .count = 9};

    wait_ledger_waits(&ledger, &place, &writes);
    wait_once(1, 50, 100);
    schedule(100, 40, 10); /* blocked: 50; 10 outside of waits */
    finish(100, 40);
    expect_sums(100, 40, 10, 50);
    EXPECT_MS(sums_of(2)->runnable_ns + sums_of(1)->runnable_ns, 10);
    EXPECT_MS(sums_of(1)->blocked_ns, 49);
    EXPECT_MS(sums_of(2)->blocked_ns, 1);
}

/* A wait is told of when it is over: the intervals it lies in have passed. */
Test(wait_ledger, a_long_wait_claims_blocked_time_of_before)
{
    schedule(100, 20, 0);
    schedule(200, 20, 0);
    schedule(300, 20, 0);
    wait_once(1, 50, 320);
    schedule(400, 90, 10);
    finish(400, 90);
    expect_sums(400, 90, 10, 270);
    EXPECT_MS(sums_of(1)->blocked_ns, 270);
}

Test(wait_ledger, no_more_than_the_part_of_an_interval_it_lies_in)
{
    schedule(100, 0, 0);
    wait_once(1, 90, 150); /* 40 blocked behind 100, 10 more before */
    schedule(200, 60, 0);
    finish(200, 60);
    EXPECT_MS(sums_of(1)->blocked_ns, 50);
    expect_sums(200, 60, 0, 50);
}

/* Several as one record: where exactly they lay is not known. */
Test(wait_ledger, waits_in_one_record_find_the_interval_that_has_room)
{
    schedule(100, 100, 0);
    wait_as(1, 50, 200, 60, 20, false);
    schedule(200, 130, 0);
    finish(200, 130);
    EXPECT_MS(sums_of(1)->blocked_ns, 60);
    cr_expect_eq(sums_of(1)->count, 20);
    expect_sums(200, 130, 0, 60);
}

Test(wait_ledger, without_scheduling_waits_count_as_they_are)
{
    wait_once(1, 10, 40);
    wait_once(1, 50, 60);
    finish(100, 10);
    EXPECT_MS(sums_of(1)->blocked_ns, 40);
    cr_expect_eq(sums_of(1)->count, 2);
    EXPECT_MS(sums_of(1)->longest_ns, 30);
    cr_expect_not(wait_ledger_thread(&ledger, 0)->has_scheduling);
    cr_expect_eq(wait_ledger_thread(&ledger, 0)->blocked_left_ns, 0);
}

/* Behind the last TRACE_SCHEDULING the thread's CPU clock tells what was not blocked. */
Test(wait_ledger, the_end_of_a_thread_closes_the_last_interval)
{
    schedule(100, 100, 0);
    wait_once(1, 110, 180);
    finish(200, 120);
    expect_sums(200, 120, 0, 70);
    EXPECT_MS(wait_ledger_thread(&ledger, 0)->blocked_left_ns, 10);
}

Test(wait_ledger, held_waits_count_once_the_end_holds)
{
    schedule(100, 0, 0);
    wait_as(1, 20, 100, 80, 0, true);
    wait_ledger_go_on(&ledger);
    wait_as(1, 20, 150, 130, 0, true);
    schedule(150, 0, 0);
    finish(150, 0);
    EXPECT_MS(sums_of(1)->blocked_ns, 130);
    cr_expect_eq(sums_of(1)->open, 1);
    cr_expect_eq(sums_of(1)->count, 0);
}

Test(wait_ledger, a_window_takes_its_part)
{
    ledger.window = (struct time_window){50 * MS, 150 * MS};
    schedule(100, 40, 0);
    wait_once(1, 60, 160);
    schedule(200, 80, 0);
    finish(200, 80);
    const struct ledger_thread *thread = wait_ledger_thread(&ledger, 0);
    EXPECT_MS(thread->wall_ns, 100);
    EXPECT_MS(thread->cpu_ns, 40);
    EXPECT_MS(thread->blocked_ns, 60);
    cr_expect_leq(sums_of(1)->blocked_ns, 60 * MS);
    EXPECT_MS(sums_of(1)->total_ns, 90);
    EXPECT_MS(thread->hooked_ns + thread->blocked_left_ns, 60);
}

/* However many records there are: all of a thread's time is kept. */
Test(wait_ledger, old_intervals_become_one)
{
    for (uint64_t i = 1; i <= 1000; i++) {
        if (i % 3 == 0)
            wait_once(1, (i - 1) * 100, (i - 1) * 100 + 30);
        schedule(i * 100, i * 50, i * 10);
    }
    wait_once(2, 10, 99999);
    finish(100000, 50000);
    cr_expect_leq(wait_ledger_thread(&ledger, 0)->interval_count, LEDGER_INTERVALS + 1);
    EXPECT_MS(sums_of(1)->blocked_ns, 333 * 30);
    expect_sums(100000, 50000, 10000, 40000);
}

/* Clocks of CPU and wall are not read at one moment. */
Test(wait_ledger, what_an_interval_has_no_room_for_is_the_next_ones)
{
    schedule(100, 110, 0);
    schedule(200, 150, 0);
    finish(200, 150);
    expect_sums(200, 150, 0, 0);
}

Test(wait_ledger, what_was_before_the_trace_is_not_in_it)
{
    ledger.from_ns = 50 * MS;
    schedule(100, 60, 10);
    wait_once(1, 110, 140);
    schedule(200, 110, 30);
    finish(200, 110);
    expect_sums(100, 50, 20, 30);
}

Test(wait_ledger, records_that_no_writer_makes_do_no_harm)
{
    schedule(100, 10, 0);
    schedule(50, 5, 0);
    wait_as(1, 60, 70, 500, 3, false);
    wait_as(1, 90, 90, 5, 1, false);
    schedule(100, 10, 0);
    schedule(200, 5, 0);
    finish(150, 10);
    const struct ledger_thread *thread = wait_ledger_thread(&ledger, 0);
    cr_expect_eq(thread->wall_ns, thread->cpu_ns + thread->runnable_ns + thread->blocked_ns);
    cr_expect_leq(thread->hooked_ns, thread->blocked_ns);
    wait_ledger_finish(&ledger, 7, 1, 1);
    cr_expect_null(wait_ledger_thread(&ledger, 7));
}

/* Told of while it lasts, then when it is over: one wait. */
Test(wait_ledger, a_wait_that_was_not_over_is_told_of_once)
{
    wait_as(1, 20, 100, 80, 0, true);
    schedule(100, 0, 0);
    wait_as(1, 20, 150, 130, 0, true);
    wait_once(1, 20, 180);
    schedule(200, 0, 0);
    finish(200, 0);
    EXPECT_MS(sums_of(1)->total_ns, 160);
    cr_expect_eq(sums_of(1)->count, 1);
    cr_expect_eq(sums_of(1)->open, 0);
}

Test(wait_ledger, a_wait_that_is_never_over_lasts_to_the_end)
{
    wait_as(1, 20, 100, 80, 0, true);
    schedule(100, 0, 0);
    schedule(500, 0, 0);
    finish(500, 0);
    EXPECT_MS(sums_of(1)->blocked_ns, 480);
    cr_expect_eq(sums_of(1)->open, 1);
}

Test(wait_ledger, what_came_next_ended_it)
{
    wait_as(1, 20, 100, 80, 0, true);
    wait_ledger_ran(&ledger, 0, 150 * MS);
    wait_once(2, 200, 300);
    wait_as(3, 310, 400, 90, 0, true);
    wait_ledger_ran(&ledger, 0, 450 * MS);
    schedule(500, 60, 0);
    finish(500, 60);
    EXPECT_MS(sums_of(1)->total_ns, 130);
    cr_expect_eq(sums_of(1)->count, 1);
    EXPECT_MS(sums_of(3)->total_ns, 140);
    cr_expect_eq(sums_of(3)->open, 1);
}

/* The kernel counts time ready to run once it is over. */
Test(wait_ledger, time_ready_to_run_is_counted_late)
{
    schedule(100, 60, 0);
    schedule(200, 80, 110);
    finish(200, 80);
    expect_sums(200, 80, 110, 0);
    EXPECT_MS(wait_ledger_thread(&ledger, 0)->blocked_left_ns, 10);
}

Test(wait_ledger, what_a_wait_has_claimed_is_not_taken_back)
{
    wait_once(1, 60, 100);
    schedule(100, 60, 0);
    schedule(200, 80, 110);
    schedule(300, 80, 110);
    finish(300, 80);
    EXPECT_MS(sums_of(1)->blocked_ns, 40);
    expect_sums(300, 80, 110, 40);
}

/* Parts of them in several intervals are rounded. */
Test(wait_ledger, none_of_many_waits_is_missing)
{
    const struct wait_place place = {.thread = 0, .stack = 1, .kind = 1};
    const struct trace_waits waits = {
        .begin_ns = 7, .end_ns = 100 * MS + 3, .total_ns = 33333333, .count = 166};

    wait_ledger_waits(&ledger, &place, &waits);
    for (uint64_t i = 1; i <= 12; i++)
        schedule(i * 9, i * 3, 0);
    finish(120, 36);
    cr_expect_eq(sums_of(1)->count, 166, "%lu", sums_of(1)->count);
}

/* The thread's own clock is exact where the kernel's count is a tick behind. */
Test(wait_ledger, the_end_of_a_thread_knows_its_cpu_time)
{
    schedule(100, 96, 0);
    finish(100, 100);
    expect_sums(100, 100, 0, 0);
}

/* Each interval's part of a wait is rounded down: that is no part of the wait. */
Test(wait_ledger, bytes_of_several_intervals_are_all_of_them)
{
    struct wait_place place = {.thread = 0, .stack = 1, .kind = TRACE_WAIT_READ};
    struct trace_waits waits = {
        .end_ns = 100 * MS, .total_ns = 70 * MS + 1, .count = 7, .bytes = 4096};

    schedule(33, 1, 0);
    schedule(71, 2, 0);
    wait_ledger_waits(&ledger, &place, &waits);
    schedule(103, 3, 0);
    finish(103, 3);
    cr_expect_eq(sums_of(1)->bytes, 4096);
    cr_expect_eq(sums_of(1)->count, 7);
}
