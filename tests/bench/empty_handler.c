/*
 * The floor every sampling profiler stands on: a preloaded library that arms the
 * clocks of libprofinject.so in every thread, with a handler that does nothing.
 *
 *     EMPTY_CLOCK=cpu|perf EMPTY_HZ=N LD_PRELOAD=libempty_handler.so PROGRAM...
 *
 * What a profiler costs beyond this is its own; the rest belongs to the clock.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static long period_ns;
static int by_perf;
static __thread int event = -1;

struct start {
    void *(*routine)(void *);
    void *argument;
};

static void handle(int number)
{
    (void)number;
}

static void arm_cpu(void)
{
    struct sigevent notice = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGPROF};
    notice.sigev_notify_thread_id = gettid();
    timer_t timer;
    if (timer_create(CLOCK_THREAD_CPUTIME_ID, &notice, &timer) != 0)
        return;
    struct itimerspec every = {{0, period_ns}, {0, period_ns}};
    timer_settime(timer, 0, &every, NULL);
}

static void arm_perf(void)
{
    struct perf_event_attr attr = {.size = sizeof attr,
                                   .type = PERF_TYPE_SOFTWARE,
                                   .config = PERF_COUNT_SW_TASK_CLOCK,
                                   .sample_period = (uint64_t)period_ns,
                                   .disabled = 1,
                                   .wakeup_events = 1,
                                   .remove_on_exec = 1};
    event = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (event < 0)
        return;
    struct f_owner_ex owner = {F_OWNER_TID, gettid()};
    fcntl(event, F_SETFL, O_ASYNC | O_NONBLOCK);
    fcntl(event, F_SETSIG, SIGPROF);
    fcntl(event, F_SETOWN_EX, &owner);
    ioctl(event, PERF_EVENT_IOC_ENABLE, 0);
}

static void arm(void)
{
    if (by_perf)
        arm_perf();
    else
        arm_cpu();
}

static void disarm(void *unused)
{
    (void)unused;
    if (event >= 0)
        close(event);
    event = -1;
}

static void *run(void *argument)
{
    struct start start = *(struct start *)argument;
    free(argument);
    arm();
    void *result;
    pthread_cleanup_push(disarm, NULL);
    result = start.routine(start.argument);
    pthread_cleanup_pop(1);
    return result;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*routine)(void *),
                   void *argument)
{
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
        dlsym(RTLD_NEXT, "pthread_create");
    struct start *start = period_ns ? malloc(sizeof *start) : NULL;
    if (!start)
        return real(thread, attr, routine, argument);
    *start = (struct start){routine, argument};
    return real(thread, attr, run, start);
}

__attribute__((constructor)) static void begin(void)
{
    const char *clock = getenv("EMPTY_CLOCK"), *hz = getenv("EMPTY_HZ");
    if (!clock || !hz || atol(hz) <= 0)
        return;
    by_perf = strcmp(clock, "perf") == 0;
    period_ns = 1000000000 / atol(hz);
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigaction(SIGPROF, &action, NULL);
    pthread_atfork(NULL, NULL, arm);
    arm();
}
