/* The table of threads, without sampling: attaching, strangers, and ends. */
#include "preload/main_stack.h"
#include "preload/sampler.h"
#include "preload/stack_table.h"
#include "preload/threads.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static sem_t ready, go;
static int child_tid, servant_tid, strict_pipe[2];
static bool strict_begun;

static int own_tid(void)
{
    return (int)syscall(SYS_gettid);
}

static void start(void)
{
    const struct sampler_options options = {.max_depth = 64};

    ring_start();
    cr_assert_eq(sampler_init(&options), 0);
    cr_assert_eq(threads_init(ring, &clock_cpu, 1000000), 0);
    sem_init(&ready, 0, 0);
    sem_init(&go, 0, 0);
}

static void stop(void)
{
    threads_disarm_all();
    ring_stop();
}

static struct ring_slot *slot_of(int tid)
{
    for (uint32_t i = 0; i < ring->slot_count; i++)
        if (ring_slot_at(ring, i)->tid == tid)
            return ring_slot_at(ring, i);
    return NULL;
}

static void attach(void)
{
    const struct stack_bounds bounds = main_stack_bounds();

    threads_attach_self(&bounds);
}

TestSuite(threads, .init = start, .fini = stop);

Test(threads, attaching_and_detaching)
{
    cr_assert_null(threads_current_sigsafe());
    cr_assert_eq(threads_memory(), &threads_memory_unread);
    prctl(PR_SET_NAME, "attached");
    attach();
    struct thread *thread = threads_current_sigsafe();
    cr_assert(thread && thread->tid == own_tid() && !thread->foreign && thread->timer == -1);
    struct ring_slot *slot = thread->slot;
    cr_assert_eq(slot->state, RING_SLOT_LIVE);
    cr_assert_eq(slot->tid, own_tid());
    cr_assert_str_eq(slot->name, "attached");
    cr_assert_gt(slot->start_ns, 0);
    cr_assert_eq(threads_memory(), &slot->memory);
    attach();
    cr_assert_eq(ring->slot_count, 1, "once is enough");
    threads_detach_self();
    cr_assert_null(threads_current_sigsafe());
    cr_assert_eq(threads_memory(), &threads_memory_unread);
    cr_assert_eq(slot->state, RING_SLOT_ENDED);
    cr_assert(slot->end_ns >= slot->start_ns && slot->cpu_end_ns > slot->cpu_start_ns);
    cr_assert_eq(ring->slots_ended, 1);
    threads_detach_self();
    cr_assert_eq(ring->slots_ended, 1);
}

static void *wait_there(void *argument)
{
    child_tid = own_tid();
    if (argument)
        attach();
    sem_post(&ready);
    sem_wait(&go);
    if (argument)
        threads_detach_self();
    return NULL;
}

static pthread_t begin_thread(void *argument)
{
    pthread_t thread;

    cr_assert_eq(pthread_create(&thread, NULL, wait_there, argument), 0);
    sem_wait(&ready);
    return thread;
}

static void *sleep_there(void *argument)
{
    servant_tid = own_tid();
    sem_post(&ready);
    sleep(60);
    return argument;
}

/* A thread in the servant's place. What the test's own machinery runs besides is
 * adopted first. */
static void begin_servant(void)
{
    pthread_t thread;

    attach();
    cr_assert_eq(pthread_create(&thread, NULL, sleep_there, NULL), 0);
    sem_wait(&ready);
    threads_scan(servant_tid, true);
}

static void end_thread(pthread_t thread)
{
    sem_post(&go);
    pthread_join(thread, NULL);
    /* The kernel may take a moment longer than the join. */
    while (syscall(SYS_tgkill, getpid(), child_tid, 0) == 0)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
}

/* Scans look at intervals of 100 ms at least. */
static void scan_later(void)
{
    nanosleep(&(struct timespec){0, 110000000}, NULL);
    threads_scan(servant_tid, false);
}

Test(threads, strangers_are_adopted_when_seen_twice)
{
    begin_servant();
    pthread_t thread = begin_thread(NULL);
    uint32_t count = ring->slot_count;
    scan_later();
    threads_scan(servant_tid, false); /* called early for some other reason */
    cr_assert_null(slot_of(child_tid), "it could still attach itself");
    scan_later();
    struct ring_slot *slot = slot_of(child_tid);
    cr_assert(slot && slot->state == RING_SLOT_LIVE);
    cr_assert_eq(slot->flags, TRACE_THREAD_FOREIGN);
    scan_later();
    cr_assert_eq(ring->slot_count, count + 1);
    end_thread(thread);
    scan_later();
    cr_assert_eq(slot->state, RING_SLOT_ENDED);
    cr_assert_gt(slot->end_ns, 0);
    cr_assert_eq(slot_of(own_tid())->state, RING_SLOT_LIVE);
}

static void *detach_and_stay(void *unused)
{
    child_tid = own_tid();
    attach();
    threads_detach_self();
    sem_post(&ready);
    sem_wait(&go);
    return unused;
}

/* Where it waits for a processor it is in /proc for long. */
Test(threads, one_that_told_its_end_is_not_adopted_until_it_is_gone)
{
    pthread_t thread;

    begin_servant();
    uint32_t ended = ring->slots_ended, count = ring->slot_count;
    cr_assert_eq(pthread_create(&thread, NULL, detach_and_stay, NULL), 0);
    sem_wait(&ready);
    for (int i = 0; i < 3; i++)
        scan_later();
    threads_scan(servant_tid, true);
    cr_assert_eq(ring->slots_ended, ended + 1);
    cr_assert_leq(ring->slot_count, count + 1);
    for (uint32_t i = 0; i < ring->slot_count; i++)
        cr_assert(ring_slot_at(ring, i)->tid != child_tid ||
                  ring_slot_at(ring, i)->state != RING_SLOT_LIVE);
    end_thread(thread);
}

Test(threads, strangers_are_adopted_at_once_where_asked)
{
    begin_servant();
    pthread_t thread = begin_thread(NULL);
    cr_assert_null(slot_of(servant_tid), "the servant's own is skipped");
    threads_scan(servant_tid, true);
    cr_assert(slot_of(child_tid));
    end_thread(thread);
}

static void *end_unheard(void *argument)
{
    attach();
    child_tid = own_tid();
    sem_post(&ready);
    sem_wait(&go);
    syscall(SYS_exit, 0);
    return argument;
}

/* By the bare system call: no hook, no key, no destructor. */
Test(threads, who_ends_unheard_is_let_go)
{
    pthread_t thread;
    begin_servant();
    cr_assert_eq(pthread_create(&thread, NULL, end_unheard, NULL), 0);
    sem_wait(&ready);
    struct ring_slot *slot = slot_of(child_tid);
    scan_later();
    cr_assert_eq(slot->state, RING_SLOT_LIVE);
    end_thread(thread);
    scan_later();
    cr_assert_eq(slot->state, RING_SLOT_ENDED);
    cr_assert_eq(slot_of(own_tid())->state, RING_SLOT_LIVE);
}

/* In strict mode a thread is not followed, however often it is seen. */
static void *stay_strict(void *argument)
{
    child_tid = own_tid();
    bool strict = prctl(PR_SET_SECCOMP, 1) == 0;
    *(bool *)argument = strict;
    char byte = 1;
    __atomic_store_n(&strict_begun, true, __ATOMIC_RELEASE);
    while (strict && read(strict_pipe[0], &byte, 1) == 1 && byte)
        ;
    syscall(SYS_exit, 0);
    return argument;
}

Test(threads, who_is_in_strict_mode_is_not_adopted)
{
    pthread_t thread;
    bool strict = false;
    cr_assert_eq(pipe(strict_pipe), 0);
    begin_servant();
    cr_assert_eq(pthread_create(&thread, NULL, stay_strict, &strict), 0);
    while (!__atomic_load_n(&strict_begun, __ATOMIC_ACQUIRE))
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    if (!strict)
        cr_skip("strict mode is not possible here");
    for (int i = 0; i < 4; i++) {
        scan_later();
        cr_assert_null(slot_of(child_tid));
    }
    cr_assert_eq(write(strict_pipe[1], "", 1), 1);
    end_thread(thread);
}

static void *attach_late(void *argument)
{
    child_tid = own_tid();
    sem_post(&ready);
    sem_wait(&go);
    attach();
    sem_post(&ready);
    sem_wait(&go);
    threads_detach_self();
    return argument;
}

Test(threads, one_that_was_adopted_can_still_attach_itself)
{
    pthread_t thread;

    begin_servant();
    cr_assert_eq(pthread_create(&thread, NULL, attach_late, NULL), 0);
    sem_wait(&ready);
    threads_scan(servant_tid, true);
    struct ring_slot *foreign = slot_of(child_tid);
    cr_assert(foreign && foreign->flags == TRACE_THREAD_FOREIGN);
    sem_post(&go);
    sem_wait(&ready);
    cr_assert(foreign->tid == child_tid && foreign->flags == 0);
    cr_assert_eq(foreign->state, RING_SLOT_LIVE, "it takes no second slot");
    end_thread(thread);
    cr_assert_eq(foreign->state, RING_SLOT_ENDED);
}

/* A tick is taken where it belongs and nowhere else. */
Test(threads, ticks_find_their_thread)
{
    struct thread none = {0};
    struct clock_tick tick = {.clock = &clock_cpu, .handle = 7, .value = &none};
    uint64_t here = (uint64_t)&tick;

    attach();
    struct thread *self = threads_current_sigsafe();
    cr_assert_not(threads_sent_sigsafe(&tick), "no entry of the table: somebody else's timer");
    tick.value = self;
    cr_assert(threads_sent_sigsafe(&tick));
    cr_assert_null(threads_addressee_sigsafe(&tick, here), "no timer of this thread");
    self->clock = &clock_cpu;
    self->timer = 7;
    cr_assert_eq(threads_addressee_sigsafe(&tick, here), self);
    tick.handle = 8;
    cr_assert_null(threads_addressee_sigsafe(&tick, here), "a timer there was");
    tick.handle = 7;
    tick.clock = &clock_perf;
    cr_assert_null(threads_addressee_sigsafe(&tick, here), "another clock");
    tick = (struct clock_tick){.clock = &clock_itimer};
    cr_assert(threads_sent_sigsafe(&tick));
    cr_assert_eq(threads_addressee_sigsafe(&tick, here), self);
    cr_assert_null(threads_addressee_sigsafe(&tick, self->bounds.high + 4096),
                   "a clone() with our thread-local storage");
    self->timer = -1;
}

/* The first tick of a clock that came late stands for what nothing else does. */
Test(threads, a_late_clock_catches_up)
{
    struct clock_tick tick = {.clock = &clock_perf, .handle = 7, .weight = 1};
    uint64_t here = (uint64_t)&tick;

    attach();
    struct thread *self = tick.value = threads_current_sigsafe();
    self->clock = &clock_perf;
    self->timer = 7;
    self->overtaken = false;
    self->late_periods = 5;
    self->armed_periods = self->slot->periods = 100;
    cr_assert_eq(threads_addressee_sigsafe(&tick, here), self);
    cr_assert_eq(tick.weight, 6);
    tick.weight = 1;
    cr_assert_eq(threads_addressee_sigsafe(&tick, here), self);
    cr_assert_eq(tick.weight, 1, "the first one only");
    self->overtaken = false;
    self->slot->periods = 104; /* a timer had ticked meanwhile */
    cr_assert_eq(threads_addressee_sigsafe(&tick, here), self);
    cr_assert_eq(tick.weight, 2);
    self->overtaken = false;
    self->slot->periods = 106;
    tick.weight = 1;
    cr_assert_null(threads_addressee_sigsafe(&tick, here), "all is accounted for");
    cr_assert(self->overtaken);
    self->timer = -1;
}

Test(threads, a_fork_child_that_is_not_profiled_counts_nothing)
{
    attach();
    threads_forget();
    cr_assert_null(threads_current_sigsafe());
    cr_assert_eq(threads_memory(), &threads_memory_unread);
}

static void burn(uint64_t cpu_ns)
{
    struct timespec now;

    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while ((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec < cpu_ns);
}

static uint64_t own_cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* What is used while no clock is to run is known: before the start, in between, at the end. */
Test(threads, pauses_are_measured)
{
    attach();
    struct ring_slot *slot = threads_current_sigsafe()->slot;
    uint64_t begin = own_cpu_ns();

    cr_assert_eq(slot->paused_since_ns, slot->cpu_start_ns);
    burn(begin + 20000000);
    threads_arm_all();
    uint64_t first = slot->paused_ns;
    cr_assert_eq(slot->paused_since_ns, 0);
    cr_assert(first >= 20000000 && first <= own_cpu_ns() - slot->cpu_start_ns);
    burn(begin + 60000000);
    cr_assert_eq(slot->paused_ns, first);
    threads_disarm_all();
    uint64_t since = slot->paused_since_ns;
    cr_assert_geq(since, begin + 60000000);
    threads_disarm_all();
    cr_assert_eq(slot->paused_since_ns, since, "it was paused already");
    burn(begin + 90000000);
    threads_detach_self();
    cr_assert_eq(slot->paused_ns, first + slot->cpu_end_ns - since);
    cr_assert_eq(slot->paused_since_ns, 0);
}

Test(threads, one_that_comes_while_clocks_run_is_not_paused)
{
    threads_arm_all();
    attach();
    struct ring_slot *slot = threads_current_sigsafe()->slot;
    burn(own_cpu_ns() + 5000000);
    threads_detach_self();
    cr_assert(slot->paused_ns == 0 && slot->paused_since_ns == 0);
}

/* The weights of a thread's samples come to its CPU time in periods of 1 ms. */
Test(threads, timers_count_cpu_time)
{
    uint64_t weight = 0;

    cr_assert_eq(stack_table_init(), 0);
    sampler_use_ring(ring);
    sampler_enable(true);
    threads_arm_all(); /* those that come later too */
    attach();
    struct ring_slot *slot = threads_current_sigsafe()->slot;
    cr_assert_geq(threads_current_sigsafe()->timer, 0);
    burn(300000000);
    threads_disarm_all();
    uint64_t samples = slot->samples;
    for (uint64_t at = 0; at < slot->reserved; at += sizeof(struct ring_sample))
        weight += ((const struct ring_sample *)(slot->data + at))->weight;
    cr_assert_gt(samples, 10);
    cr_assert(weight > 240 && weight < 330, "%lu periods", (unsigned long)weight);
    burn(400000000);
    cr_assert_eq(slot->samples, samples, "disarmed");
    threads_arm_all();
    sampler_enable(false);
    burn(450000000);
    cr_assert_eq(slot->samples, samples, "and not enabled");
}
