/* What the kernel counts of a thread, and from when on it is of the time that is profiled. */
#include "preload/contract/scheduling.h"

#include "preload/contract/libc_clock.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAITED_NS 5000000u

TestSuite(scheduling, .init = ring_start, .fini = ring_stop, .timeout = 60);

static struct ring_slot *make_slot(void)
{
    struct ring_slot *slot = ring_claim_slot(ring);

    cr_assert_not_null(slot);
    slot->tid = gettid();
    slot->start_ns = libc_clock_now_sigsafe();
    ring->wait_clock = 1;
    scheduling_begin(ring, slot);
    __atomic_store_n(&slot->state, RING_SLOT_LIVE, __ATOMIC_RELEASE);
    return slot;
}

/* As control.c does. */
static void switch_on(void)
{
    scheduling_begin_all_late(ring);
    scheduling_switch(ring, true, libc_clock_now_sigsafe());
}

static struct ring_scheduling times(void)
{
    struct ring_scheduling now;

    scheduling_read(0, gettid(), SCHEDULING_TIMES, &now);
    return now;
}

/* Computes beside a child on one processor, until it was ready for so long and had none. */
static void wait_for_processor(void)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    cr_assert_eq(sched_setaffinity(0, sizeof one, &one), 0);
    pid_t child = fork();
    if (child == 0)
        for (;;)
            ;
    uint64_t before = times().runnable_ns;
    while (times().runnable_ns - before < WAITED_NS)
        ;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

Test(scheduling, what_a_thread_waited_before_the_program_began_is_not_of_its_time)
{
    if (!(times().known & TRACE_SCHEDULING_RUNNABLE))
        cr_skip("no schedstat in this kernel");
    struct ring_slot *slot = make_slot();
    wait_for_processor();
    uint64_t before = times().runnable_ns;
    switch_on();
    cr_expect_geq(slot->begun.runnable_ns, before);
    cr_expect_geq(ring->paused_ns, WAITED_NS, "nor is it wall time of its");
}

Test(scheduling, of_a_fork_child_it_is)
{
    struct ring_slot *slot = make_slot();
    uint64_t begun = slot->begun.runnable_ns;

    ring->start_ns -= 1000; /* its fork */
    switch_on();
    cr_expect_eq(slot->begun.runnable_ns, begun);
}

Test(scheduling, a_pause_in_between_changes_nothing)
{
    struct ring_slot *slot = make_slot();

    switch_on();
    uint64_t begun = slot->begun.runnable_ns;
    scheduling_switch(ring, false, libc_clock_now_sigsafe());
    if (times().known & TRACE_SCHEDULING_RUNNABLE)
        wait_for_processor();
    switch_on();
    cr_expect_eq(slot->begun.runnable_ns, begun);
}
