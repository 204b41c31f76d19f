/* Looks at threads that wait, run, and are no more. */
#include "preload/modules.h"
#include "preload/platform.h"
#include "preload/stack_table.h"
#include "preload/waiting_thread.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>

static volatile int tid, over;
static int ends[2];

static void start(void)
{
    ring_start();
    modules_init();
    cr_assert(stack_table_init() == 0 && pipe(ends) == 0);
    if (waiting_thread_init(100) != 0)
        cr_skip_test("the kernel does not tell where threads wait");
}

static void stop(void)
{
    waiting_thread_release();
    ring_stop();
}

static void *wait_for_byte(void *unused)
{
    char byte;
    (void)unused;
    tid = (int)syscall(SYS_gettid);
    volatile ssize_t size = read(ends[0], &byte, 1);
    (void)size;
    return NULL;
}

static void *spin(void *unused)
{
    (void)unused;
    tid = (int)syscall(SYS_gettid);
    while (!over)
        ;
    return NULL;
}

static uint64_t cpu_ns_of(int thread)
{
    struct timespec now = {0, 0};

    clock_gettime(platform_thread_clock(thread), &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

TestSuite(waiting_thread, .init = start, .fini = stop, .timeout = 20);

Test(waiting_thread, one_that_waits_has_a_stack)
{
    enum waiting waiting = WAITING_UNKNOWN;
    uint32_t stack = 0, again = 0;
    pthread_t thread;

    pthread_create(&thread, NULL, wait_for_byte, NULL);
    for (int i = 0; i < 2000 && waiting != WAITING_BLOCKED; i++) {
        usleep(1000);
        if (tid)
            waiting = waiting_thread_look(ring, tid, cpu_ns_of(tid), &stack);
    }
    cr_assert_eq(waiting, WAITING_BLOCKED);
    cr_assert_geq(stack, TRACE_STACK_FIRST);
    cr_assert_eq(waiting_thread_look(ring, tid, cpu_ns_of(tid), &again), WAITING_BLOCKED);
    cr_assert_eq(again, stack, "the same block is the same stack");
    cr_assert_eq(waiting_thread_look(ring, tid, cpu_ns_of(tid) - 1, &again), WAITING_UNKNOWN,
                 "it ran since");
    cr_assert_eq(write(ends[1], "x", 1), 1);
    pthread_join(thread, NULL);
    cr_assert_eq(waiting_thread_look(ring, tid, 0, &again), WAITING_UNKNOWN, "it is gone");
}

Test(waiting_thread, one_that_runs_has_none)
{
    uint32_t stack = 0;
    pthread_t thread;

    pthread_create(&thread, NULL, spin, NULL);
    while (!tid)
        usleep(1000);
    for (int i = 0; i < 20; i++) {
        cr_assert_neq(waiting_thread_look(ring, tid, cpu_ns_of(tid), &stack), WAITING_BLOCKED);
        usleep(1000);
    }
    over = 1;
    pthread_join(thread, NULL);
}

Test(waiting_thread, none_is_looked_at_while_a_library_goes)
{
    uint32_t stack = 0;
    pthread_t thread;

    pthread_create(&thread, NULL, wait_for_byte, NULL);
    for (int i = 0; i < 100 && !tid; i++)
        usleep(1000);
    usleep(20000);
    modules_begin_closing();
    cr_assert_neq(waiting_thread_look(ring, tid, cpu_ns_of(tid), &stack), WAITING_BLOCKED);
    modules_end_closing();
    cr_assert_eq(waiting_thread_look(ring, tid, cpu_ns_of(tid), &stack), WAITING_BLOCKED);
    cr_assert_eq(write(ends[1], "x", 1), 1);
    pthread_join(thread, NULL);
}
