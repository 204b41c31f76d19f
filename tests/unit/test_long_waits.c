/* Unit tests of preload/contract/long_waits.c: who is asked, once, and what the answer is. */
#include "preload/contract/libc_clock.h"
#include "preload/contract/long_waits.h"
#include "preload/contract/ticks.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct ring_slot *slot;
static volatile unsigned come;
static volatile uint64_t carried;

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context;
    carried = (uint64_t)info->si_value.sival_ptr;
    come++;
}

/* The C library keeps the signal from sigaction(). */
static void take_signal(void)
{
    struct {
        void (*handler)(int, siginfo_t *, void *);
        unsigned long flags;
        void (*restorer)(void);
        uint64_t mask;
    } action = {0}, model = {0};
    struct sigaction usual = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR1, &usual, NULL);
    syscall(SYS_rt_sigaction, SIGUSR1, NULL, &model, 8);
    action = model;
    syscall(SYS_rt_sigaction, RING_SIGNAL, &action, NULL, 8);
}

static void start(void)
{
    ring_start();
    take_signal();
    ring->wait_clock = TICKS_MONOTONIC;
    ring->wait_ns = libc_clock_now_sigsafe() - 3000000000;
    ring->wait_ticks = ring->wait_ns >> 3;
    slot = ring_claim_slot(ring);
    slot->tid = gettid();
    slot->waiting.ticks = (libc_clock_now_sigsafe() - 2000000000) >> 3;
    slot->waiting.kind = TRACE_WAIT_READ;
    slot->state = RING_SLOT_LIVE;
    come = 0;
}

TestSuite(long_waits, .init = start, .fini = ring_stop);

Test(long_waits, a_thread_is_asked_once_a_wait)
{
    cr_assert_eq(long_waits_ask(ring, getpid(), 1000000000), 1);
    cr_assert_eq(come, 1);
    cr_assert_eq(carried, ring->nonce);
    cr_assert_eq(long_waits_unanswered(ring), 1);
    cr_assert_eq(long_waits_ask(ring, getpid(), 1000000000), 0);
    slot->waiting.stack_ticks = slot->waiting.ticks;
    cr_assert_eq(long_waits_unanswered(ring), 0);
    slot->waiting.ticks += 1000;
    cr_assert_eq(long_waits_ask(ring, getpid(), 1000000000), 1);
    slot->waiting.kind = 0;
    cr_assert_eq(long_waits_unanswered(ring), 0, "it waits no more");
}

Test(long_waits, brief_ones_others_and_those_that_would_end_are_left_alone)
{
    cr_assert_eq(long_waits_ask(ring, getpid(), 10000000000), 0);
    slot->waiting.kind = TRACE_WAIT_FUTEX;
    cr_assert_eq(long_waits_ask(ring, getpid(), 1000000000), 0);
    slot->waiting.kind = 0;
    cr_assert_eq(long_waits_ask(ring, getpid(), 1000000000), 0);
    slot->waiting.kind = TRACE_WAIT_SLEEP;
    slot->state = RING_SLOT_ENDED;
    cr_assert_eq(long_waits_ask(ring, getpid(), 1000000000), 0);
    cr_assert_eq(come, 0);
}

Test(long_waits, nobody_is_asked_from_before_exec_on)
{
    long_waits_close(ring);
    cr_assert_eq(long_waits_ask(ring, getpid(), 1000000000), 0);
    long_waits_open(ring);
    cr_assert_eq(long_waits_ask(ring, getpid(), 1000000000), 1);
}

Test(long_waits, exec_waits_for_who_is_asking_but_not_for_ever)
{
    ring->asking = 1; /* and killed in the middle of it */
    long_waits_close(ring);
    cr_assert_eq(long_waits_ask(ring, getpid(), 1000000000), 0);
}
