/*
 * Threads that wait for nobody, or not at all, and measure it (see wait_measure.h):
 *
 *     wait_alone_targets SCENARIO [SECONDS]
 *
 * sleeper: waits for time alone, a kind a thread. hog: threads that compute, more than there are
 * processors. spin: one that spins on a lock whose holder sleeps: CPU time, not waiting.
 */
#include "wait_stage.h"

#include <linux/futex.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/syscall.h>

/* --- sleeper --------------------------------------------------------------------- */

static struct timespec part(void)
{
    return (struct timespec){(time_t)(seconds / 4),
                             (long)((seconds / 4 - (double)(time_t)(seconds / 4)) * 1e9)};
}

static struct timespec deadline(clockid_t clock)
{
    uint64_t ns = wait_now(clock) + (uint64_t)(seconds / 4 * 1e9);
    return (struct timespec){(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
}

NOINLINE static void wait_in_nanosleep(void)
{
    struct timespec time = part();
    WAITED("sleep", NULL, nanosleep(&time, NULL), 0);
}

NOINLINE static void wait_in_clock_nanosleep(void)
{
    struct timespec time = deadline(CLOCK_MONOTONIC);
    WAITED("sleep", NULL, clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL), 0);
}

NOINLINE static void wait_in_poll(void)
{
    WAITED("poll", NULL, poll(NULL, 0, (int)(seconds * 250)), 0);
}

NOINLINE static void wait_in_select(void)
{
    struct timeval time = {0, (suseconds_t)(seconds * 250000)};
    WAITED("poll", NULL, select(0, NULL, NULL, NULL, &time), 0);
}

NOINLINE static void wait_in_epoll(void)
{
    struct epoll_event event;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    WAITED("poll", NULL, epoll_wait(epoll, &event, 1, (int)(seconds * 250)), 0);
    close(epoll);
}

NOINLINE static void wait_in_semaphore(void)
{
    static sem_t never;
    struct timespec time = deadline(CLOCK_REALTIME);
    WAITED("semaphore", &never, sem_timedwait(&never, &time), 0);
}

NOINLINE static void wait_in_condition(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
    struct timespec time = deadline(CLOCK_REALTIME);
    pthread_mutex_lock(&mutex);
    WAITED("condition", &never, pthread_cond_timedwait(&never, &mutex, &time), 0);
    pthread_mutex_unlock(&mutex);
}

NOINLINE static void wait_in_sigtimedwait(void)
{
    struct timespec time = part();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR2);
    WAITED("signal", NULL, sigtimedwait(&signals, NULL, &time), 0);
}

NOINLINE static void wait_in_futex(void)
{
    static int word;
    struct timespec time = part();
    WAITED("futex", &word, syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &time, NULL, 0), 0);
}

static const struct {
    const char *name;
    void (*wait)(void);
} sleepers[] = {{"nanosleep", wait_in_nanosleep}, {"clock_nanosleep", wait_in_clock_nanosleep},
                {"poll", wait_in_poll},           {"select", wait_in_select},
                {"epoll", wait_in_epoll},         {"semaphore", wait_in_semaphore},
                {"condition", wait_in_condition}, {"sigtimedwait", wait_in_sigtimedwait},
                {"futex", wait_in_futex}};

static void *sleeper(void *index)
{
    wait_begin(sleepers[(intptr_t)index].name);
    for (int i = 0; i < 4; i++) {
        sleepers[(intptr_t)index].wait();
        compute(0.002);
    }
    wait_end();
    return NULL;
}

/* --- hog, spin ------------------------------------------------------------------- */

static void *hog(void *index)
{
    begin_one_of("hog", index);
    while (goes_on())
        compute(0.01);
    wait_end();
    return NULL;
}

static pthread_spinlock_t spin_lock;

NOINLINE static void wait_by_spinning(void)
{
    pthread_spin_lock(&spin_lock);
    pthread_spin_unlock(&spin_lock);
}

/* The second spins while the first, who has the lock, sleeps. */
static void *spinner(void *index)
{
    begin_one_of("spinner", index);
    for (int i = 0; i < 2; i++) {
        if (!index)
            pthread_spin_lock(&spin_lock);
        wait_asleep(!index ? seconds / 2.5 : 0.02);
        if (!index)
            pthread_spin_unlock(&spin_lock);
        else
            wait_by_spinning();
        wait_asleep(0.05);
    }
    wait_end();
    return NULL;
}

/* --------------------------------------------------------------------------------- */

static int stage(const char *scenario)
{
    int processors = (int)sysconf(_SC_NPROCESSORS_ONLN);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (strcmp(scenario, "sleeper") == 0) {
        start_all(sleeper, sizeof sleepers / sizeof *sleepers);
    } else if (strcmp(scenario, "hog") == 0) {
        start_all(hog, processors < STARTED / 2 ? processors * 2 : STARTED);
    } else if (strcmp(scenario, "spin") == 0) {
        pthread_spin_init(&spin_lock, 0);
        start_all(spinner, 2);
    } else {
        return 0;
    }
    return 1;
}
