/* Unit tests of preload/contract/long_waits.c: who is asked, once, and what the answer is. */
#include "preload/contract/libc_clock.h"
#include "preload/contract/long_waits.h"
#include "preload/contract/ticks.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
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
    slot->waiting.kind = TRACE_WAIT_CONDITION;
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

Test(long_waits, what_a_signal_would_cut_short_is_left_alone)
{
    const uint32_t kinds[] = {TRACE_WAIT_WRITE,  TRACE_WAIT_SEND,    TRACE_WAIT_RECEIVE,
                              TRACE_WAIT_ACCEPT, TRACE_WAIT_CONNECT, TRACE_WAIT_IO_EVENTS};
    int ends[2], pipe_ends[2];

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        slot->waiting.kind = kinds[i];
        cr_expect_eq(long_waits_ask(ring, getpid(), 1000000000), 0, "%u", kinds[i]);
    }
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    cr_assert_eq(pipe(pipe_ends), 0);
    slot->waiting.kind = TRACE_WAIT_READ;
    cr_expect_eq(long_waits_ask(ring, getpid(), 1000000000), 0, "of what nobody knows");
    slot->waiting.object = RING_WAIT_DESCRIPTOR | (uint64_t)ends[0];
    cr_expect_eq(long_waits_ask(ring, getpid(), 1000000000), 0, "it may have a time-out");
    slot->waiting.object = RING_WAIT_DESCRIPTOR | (uint64_t)pipe_ends[0];
    cr_expect_eq(long_waits_ask(ring, getpid(), 1000000000), 1);
}

Test(long_waits, who_has_no_handler_is_left_alone)
{
    const struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        uint64_t mask;
    } none = {SIG_DFL, 0, NULL, 0};
    syscall(SYS_rt_sigaction, RING_SIGNAL, &none, NULL, 8);
    cr_assert_eq(long_waits_ask(ring, getpid(), 1000000000), 0);
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
    long_waits_close(ring); /* another thread, which fails */
    long_waits_open(ring);
    cr_assert_eq(long_waits_ask(ring, getpid(), 1000000000), 0);
}
