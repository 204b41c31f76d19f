/* Unit tests of preload/stopped_threads.c: registers of real threads. */
#include "preload/stopped_threads.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OTHERS 8
#define VALUE 0x5a5a00000000ull
#define LONG_NS 5000000000ull

static struct stopped_thread threads[64];
static uint64_t counts[OTHERS];
static int tids[OTHERS];
static uint32_t ready;
static volatile bool over;

/* Counts, with a value of its own in a register. */
static void *run(void *number)
{
    uint64_t index = (uint64_t)number;
    register uint64_t preserved __asm__("r13") = VALUE + index;

    tids[index] = (int)syscall(SYS_gettid);
    __atomic_add_fetch(&ready, 1, __ATOMIC_RELEASE);
    while (!over) {
        __atomic_add_fetch(&counts[index], 1, __ATOMIC_RELAXED);
        __asm__ volatile("" : "+r"(preserved));
    }
    return NULL;
}

static void nap(void)
{
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

static pthread_t others[OTHERS];

static void start(void)
{
    for (uint64_t i = 0; i < OTHERS; i++)
        cr_assert_eq(pthread_create(&others[i], NULL, run, (void *)i), 0);
    while (__atomic_load_n(&ready, __ATOMIC_ACQUIRE) < OTHERS)
        nap();
}

static void stop(void)
{
    over = true;
    for (int i = 0; i < OTHERS; i++)
        pthread_join(others[i], NULL);
}

static const struct stopped_thread *find(int tid, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (threads[i].tid == tid)
            return &threads[i];
    return NULL;
}

static bool holds(const struct stopped_thread *thread, uint64_t value)
{
    for (uint32_t i = 0; i < thread->count; i++)
        if (thread->words[i] == value)
            return true;
    return false;
}

TestSuite(stopped_threads, .init = start, .fini = stop);

Test(stopped_threads, stand_still_with_their_registers_and_go_on)
{
    uint64_t before[OTHERS];

    errno = 0;
    uint32_t count = stopped_threads_begin(threads, 64, 0, LONG_NS);
    if (count && !threads[0].known) {
        cr_log_warn("ptrace is not permitted here: nothing to test");
        stopped_threads_end();
        return;
    }
    cr_expect_eq(errno, 0);
    for (int i = 0; i < OTHERS; i++) {
        const struct stopped_thread *thread = find(tids[i], count);
        cr_assert(thread != NULL && thread->known);
        cr_expect(holds(thread, VALUE + (uint64_t)i));
        cr_expect(holds(thread, thread->sp));
        before[i] = __atomic_load_n(&counts[i], __ATOMIC_RELAXED);
    }
    nap();
    for (int i = 0; i < OTHERS; i++)
        cr_expect_eq(__atomic_load_n(&counts[i], __ATOMIC_RELAXED), before[i]);
    stopped_threads_end();
    stopped_threads_end();
    for (int i = 0; i < OTHERS; i++)
        while (__atomic_load_n(&counts[i], __ATOMIC_RELAXED) == before[i])
            nap();
    cr_expect_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1, "no child is left");
    cr_expect_eq(errno, ECHILD);
}

Test(stopped_threads, the_one_left_out_runs_on)
{
    uint32_t count = stopped_threads_begin(threads, 64, tids[3], LONG_NS);
    uint64_t before = __atomic_load_n(&counts[3], __ATOMIC_RELAXED);

    cr_expect_null(find(tids[3], count));
    cr_expect_null(find((int)syscall(SYS_gettid), count));
    while (__atomic_load_n(&counts[3], __ATOMIC_RELAXED) == before)
        nap();
    stopped_threads_end();
}

Test(stopped_threads, are_let_go_in_time_whatever_happens)
{
    stopped_threads_begin(threads, 64, 0, 200000000);
    uint64_t before = __atomic_load_n(&counts[0], __ATOMIC_RELAXED);

    while (__atomic_load_n(&counts[0], __ATOMIC_RELAXED) == before)
        nap();
    stopped_threads_end();
}
