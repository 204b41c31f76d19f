/* Who is obeyed: the plan, the signal, requests in the ring file, the end. */
#include "preload/control.h"

#include "preload/clock.h"
#include "preload/contract/libc_clock.h"
#include "preload/sampler.h"
#include "preload/threads.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>

#define HOUR_NS 3600000000000u

static void start(void)
{
    const struct sampler_options options = {.max_depth = 64};

    ring_start();
    cr_assert_eq(sampler_init(&options), 0);
    cr_assert_eq(threads_init(ring, &clock_cpu, 1000000), 0);
}

static void stop(void)
{
    control_switch(false);
    ring_stop();
}

static void begin(struct control_plan plan)
{
    control_init(&plan);
    control_use_ring(ring);
    control_start();
}

/* On for all who ask: the handler, a fork child, another process. */
static bool is_on(void)
{
    bool on = sampler_enabled_sigsafe();

    cr_assert_eq(control_is_on(), on);
    cr_assert_eq(ring->sampling, (uint32_t)on);
    return on;
}

TestSuite(control, .init = start, .fini = stop, .timeout = 20);

Test(control, starts_at_once)
{
    begin((struct control_plan){.start_ns = libc_clock_now_sigsafe()});
    cr_assert(is_on());
    cr_assert_eq(control_wait_ns(5000), 5000, "nothing is planned");
}

Test(control, starts_paused_and_stays_so)
{
    begin((struct control_plan){.paused = true});
    cr_assert_not(is_on());
    cr_assert_not(control_serve());
    cr_assert_not(is_on());
    cr_assert_eq(control_wait_ns(5000), 5000);
}

static void *cancelled(void *seen)
{
    pthread_cancel(pthread_self());
    errno = ENOTTY;
    control_switch(true);
    *(int *)seen = errno;
    return NULL;
}

/* Files are read of threads that began before, here of one that is gone. */
Test(control, who_is_cancelled_leaves_no_lock_held_and_errno_as_it_was)
{
    struct ring_slot *slot = ring_claim_slot(ring);
    int seen = 0;
    pthread_t thread;

    slot->tid = 1 << 30;
    __atomic_store_n(&slot->state, RING_SLOT_LIVE, __ATOMIC_RELEASE);
    ring->wait_clock = 1;
    begin((struct control_plan){.paused = true});
    pthread_create(&thread, NULL, cancelled, &seen);
    pthread_join(thread, NULL);
    cr_assert(control_is_free());
    cr_expect_eq(seen, ENOTTY, "%d", seen);
    cr_expect(is_on());
}

Test(control, a_delay_is_waited_for)
{
    uint64_t now = libc_clock_now_sigsafe();

    begin((struct control_plan){.start_ns = now + 50000000});
    cr_assert_leq(control_wait_ns(HOUR_NS), 50000000);
    cr_assert(!control_serve() && (!is_on() || libc_clock_now_sigsafe() >= now + 50000000));
    while (control_wait_ns(HOUR_NS) > 0)
        cr_assert_lt(libc_clock_now_sigsafe(), now + HOUR_NS);
    cr_assert_not(control_serve(), "a start writes nothing");
    cr_assert(is_on());
    cr_assert_eq(control_wait_ns(HOUR_NS), HOUR_NS);
}

Test(control, a_duration_ends_and_what_there_is_is_written)
{
    uint64_t now = libc_clock_now_sigsafe();

    begin((struct control_plan){.start_ns = now, .end_ns = now + 20000000});
    while (control_wait_ns(HOUR_NS) > 0)
        usleep(1000);
    cr_assert(control_serve());
    cr_assert_not(is_on());
    cr_assert_not(control_serve(), "once");
    control_switch(true);
    control_serve();
    cr_assert(is_on(), "who asks afterwards is obeyed");
}

Test(control, a_program_begun_after_the_end_is_not_sampled)
{
    uint64_t now = libc_clock_now_sigsafe();

    begin((struct control_plan){.start_ns = now - 2000, .end_ns = now - 1000});
    cr_assert_not(is_on());
    cr_assert_eq(control_wait_ns(HOUR_NS), HOUR_NS);
}

static bool serve(uint32_t requests)
{
    ring->requests = requests;
    ring->asked++;
    bool flush = control_serve();
    cr_assert_eq(ring->requests, 0);
    return flush;
}

Test(control, obeys_requests)
{
    begin((struct control_plan){.paused = true});
    cr_assert_not(serve(RING_ASK_RESUME));
    cr_assert(is_on());
    cr_assert(serve(RING_ASK_FLUSH));
    cr_assert(is_on());
    cr_assert(serve(RING_ASK_PAUSE), "what was sampled is written");
    cr_assert_not(is_on());
    cr_assert_not(serve(RING_ASK_TOGGLE));
    cr_assert(is_on());
    cr_assert(serve(RING_ASK_TOGGLE));
    cr_assert_not(is_on());
    serve(RING_ASK_PAUSE | RING_ASK_RESUME);
    cr_assert_not(is_on(), "the cautious one");
}

Test(control, answers_what_was_asked)
{
    begin((struct control_plan){.paused = true});
    ring->asked = 41;
    uint32_t asked = control_asked();
    ring->asked = 42; /* meanwhile */
    control_answer(asked);
    cr_assert_eq(ring->answered, 41);
}

Test(control, a_signal_toggles)
{
    begin((struct control_plan){.toggle_signal = SIGUSR1});
    cr_assert(is_on());
    uint32_t bell = ring->bell;
    raise(SIGUSR1);
    cr_assert(is_on(), "left to the servant");
    cr_assert_gt(ring->bell, bell, "who is called");
    control_serve();
    cr_assert_not(is_on());
    raise(SIGUSR1);
    raise(SIGUSR1);
    control_serve();
    cr_assert_not(is_on(), "two cancel out");
    control_fork_child();
    raise(SIGUSR1); /* no ring to note it in */
}

Test(control, the_end_is_final)
{
    begin((struct control_plan){.paused = false});
    control_end();
    cr_assert_not(is_on());
    serve(RING_ASK_RESUME);
    control_switch(true);
    cr_assert_not(is_on());
}
