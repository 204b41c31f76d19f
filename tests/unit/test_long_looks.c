/* Unit tests of preload/contract/long_looks.c: a thread that does not run is seen, asked where it is
 * once, and told of as it goes on. */
#include "preload/contract/libc_clock.h"
#include "preload/contract/long_looks.h"
#include "preload/contract/ticks.h"
#include "tests/unit/drain_fixture.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/syscall.h>

#define S 1000000000ull

static struct ring_slot *slot;
static pthread_t thread;
static volatile int tid;
static int ends[2];
static volatile unsigned asked;

static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)number, (void)context, (void)info;
    asked++;
    if (long_looks_asks_sigsafe(slot))
        long_looks_answer_sigsafe(slot, invent_stack(10, 3, 1));
}

static void take_signal(void)
{
    struct {
        void (*handler)(int, siginfo_t *, void *);
        unsigned long flags;
        void (*restorer)(void);
        uint64_t mask;
    } action = {0};
    struct sigaction usual = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGUSR1, &usual, NULL);
    syscall(SYS_rt_sigaction, SIGUSR1, NULL, &action, 8);
    syscall(SYS_rt_sigaction, RING_SIGNAL, &action, NULL, 8);
}

static void *wait_for_bytes(void *unused)
{
    char byte;
    (void)unused;
    tid = (int)syscall(SYS_gettid);
    while (syscall(SYS_read, ends[0], &byte, 1) == 1 && byte != 'x')
        ;
    return NULL;
}

static void start(void)
{
    drain_start();
    take_signal();
    cr_assert_eq(pipe(ends), 0);
    pthread_create(&thread, NULL, wait_for_bytes, NULL);
    while (!tid)
        usleep(1000);
    usleep(20000);
    ring->wait_clock = TICKS_MONOTONIC;
    ring->sampling = 1;
    slot = invent_thread(1);
    slot->tid = tid;
}

static void stop(void)
{
    cr_assert_eq(write(ends[1], "x", 1), 1);
    pthread_join(thread, NULL);
    drain_stop();
}

TestSuite(long_looks, .init = start, .fini = stop, .timeout = 30);

/* As if the last look had been so long ago. */
static void look_after(uint64_t ns)
{
    ring->looked_ns -= ns;
    slot->look.since_ns -= slot->look.since_ns ? ns : 0;
    slot->look.seen_ns -= slot->look.seen_ns ? ns : 0;
    slot->look.told_ns -= slot->look.told_ns ? ns : 0;
    long_looks_look(ring, getpid());
}

Test(long_looks, a_thread_is_asked_once_and_told_of_as_it_goes_on)
{
    look_after(2 * S);
    cr_assert_eq(asked, 0, "seen for the first time");
    look_after(S / 2);
    cr_assert_eq(asked, 0, "no look was due");
    look_after(2 * S);
    cr_assert_eq(asked, 1);
    cr_assert_eq(slot->look.kind, TRACE_WAIT_READ);
    cr_assert_eq(slot->look.asked, RING_LOOK_ANSWERED);
    look_after(2 * S);
    cr_assert_eq(asked, 1, "what it ran to answer is no end of the wait");
    cr_assert(long_looks_has_news(slot, false));
    uint64_t until = slot->look.seen_ns, from = long_looks_from_ns(&slot->look);
    cr_assert_geq(until - from, 4 * S);
    long_looks_told(slot, until);
    cr_assert_not(long_looks_has_news(slot, true));
    look_after(2 * S);
    cr_assert_not(long_looks_has_news(slot, false), "not yet as much again");
    cr_assert(long_looks_has_news(slot, true));
    look_after(3 * S);
    cr_assert(long_looks_has_news(slot, false));
}

Test(long_looks, what_ran_is_told_of_then_seen_anew)
{
    look_after(2 * S);
    look_after(2 * S);
    cr_assert_eq(write(ends[1], "-", 1), 1);
    usleep(20000);
    look_after(S);
    cr_assert(long_looks_has_news(slot, false), "it is over");
    long_looks_told(slot, slot->look.seen_ns);
    cr_assert_not(long_looks_has_news(slot, true));
    look_after(S);
    look_after(2 * S);
    cr_assert_eq(asked, 2);
}

Test(long_looks, waits_of_hooks_are_theirs)
{
    slot->waiting.kind = TRACE_WAIT_READ;
    look_after(2 * S);
    look_after(2 * S);
    look_after(2 * S);
    cr_assert_eq(asked, 0);
    cr_assert_not(long_looks_has_news(slot, true));
}

static struct trace_stretch stretch;
static unsigned stretches;

static void on_offcpu(void *context, const struct trace_stretch *told)
{
    (void)context;
    stretch = *told;
    stretches++;
}

Test(long_looks, the_drain_tells_with_stack_and_kind)
{
    const struct trace_visitor visitor = {.stack = on_stack, .offcpu = on_offcpu};
    struct trace_summary summary;
    struct problem problem;

    look_after(2 * S);
    look_after(5 * S);
    uint64_t length = slot->look.seen_ns - slot->look.since_ns;
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    memset(&found, 0, sizeof(found));
    cr_assert_eq(trace_read("trace.pinj", &visitor, &summary, &problem), 0);
    cr_assert_eq(stretches, 1);
    cr_assert_eq(stretch.length_ns, length);
    cr_assert_eq(stretch.state, TRACE_OFFCPU_BLOCKED);
    cr_assert_eq(stretch.kind, TRACE_WAIT_READ);
    cr_assert(is_stack(stretch.stack, 10, 3, 1));
}
