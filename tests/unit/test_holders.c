/* Unit tests of analyzer/load/holders.c: where who had a lock was. */
#include "analyzer/load/holders.h"
#include "preload/contract/trace_values.h"

#include <criterion/criterion.h>

enum { LOCK = 1, OTHER = 2, HOLDER = 7, WAITER = 8 };

static struct profile *profile;

static void start(void)
{
    profile = profile_new();
}

static void stop(void)
{
    profile_free(profile);
}

static void add(uint32_t thread, uint32_t kind, uint32_t object, uint64_t begin_ns, uint64_t end_ns,
                uint32_t stack)
{
    profile_add_single(profile, &(struct profile_single){.thread = thread,
                                                         .stack = stack,
                                                         .kind = kind,
                                                         .object = object,
                                                         .peer_thread = kind == TRACE_WAIT_MUTEX
                                                                            ? HOLDER
                                                                            : WAIT_THREAD_NONE,
                                                         .begin_ns = begin_ns,
                                                         .end_ns = end_ns});
}

TestSuite(holders, .init = start, .fini = stop);

Test(holders, who_sleeps_with_the_lock_is_there)
{
    add(HOLDER, TRACE_WAIT_SLEEP, WAIT_OBJECT_NONE, 10, 20, 100); /* before */
    add(WAITER, TRACE_WAIT_MUTEX, LOCK, 30, 80, 200);
    add(HOLDER, TRACE_WAIT_SLEEP, WAIT_OBJECT_NONE, 35, 50, 101);
    add(HOLDER, TRACE_WAIT_READ, OTHER, 55, 79, 102);
    add(HOLDER, TRACE_WAIT_MUTEX, LOCK, 85, 99, 103);
    holders_find(profile, 0);
    cr_assert_eq(profile->singles[1].sample_stack, 102);
    cr_assert_eq(profile->singles[1].sample_ns, 79);
}

Test(holders, a_later_sample_stays)
{
    add(WAITER, TRACE_WAIT_MUTEX, LOCK, 30, 80, 200);
    add(HOLDER, TRACE_WAIT_SLEEP, WAIT_OBJECT_NONE, 35, 50, 101);
    profile->singles[0].sample_ns = 60;
    profile->singles[0].sample_stack = 55;
    holders_find(profile, 0);
    cr_assert_eq(profile->singles[0].sample_stack, 55);
}

Test(holders, one_that_is_still_waiting_is_there)
{
    add(WAITER, TRACE_WAIT_MUTEX, LOCK, 30, 80, 200);
    add(HOLDER, TRACE_WAIT_MUTEX, OTHER, 35, 90, 101);
    holders_find(profile, 0);
    cr_assert_eq(profile->singles[0].sample_stack, 101);
}

Test(holders, waits_before_and_of_others_say_nothing)
{
    add(HOLDER, TRACE_WAIT_SLEEP, WAIT_OBJECT_NONE, 10, 20, 100);
    add(WAITER, TRACE_WAIT_MUTEX, LOCK, 30, 80, 200);
    add(WAITER + 1, TRACE_WAIT_SLEEP, WAIT_OBJECT_NONE, 40, 60, 300);
    add(HOLDER, TRACE_WAIT_SLEEP, WAIT_OBJECT_NONE, 82, 90, 101);
    holders_find(profile, 0);
    cr_assert_eq(profile->singles[1].sample_ns, 0);
}
