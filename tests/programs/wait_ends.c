/*
 * Every call that waits, and what may end it before its time: cancelling, deferred and at once, a
 * signal of its own with and without SA_RESTART, a handler that jumps out. Says what came of each:
 * the same with a profiler as without.
 *
 *     wait_ends [NAME]
 *
 * A thread makes the call; main looks until the kernel says that it sleeps there. The calls are in
 * wait_calls.h.
 */
#include "wait_calls.h"

#include <setjmp.h>
#include <stdatomic.h>
#include <stdlib.h>

enum way { CANCELLED, CANCELLED_AT_ONCE, INTERRUPTED, RESTARTED, JUMPED };

static struct {
    const struct call *call;
    struct place place;
    enum way way;
    atomic_int tid, done, cleaned, handled, jumped;
    long result;
    int error;
} run;

static sigjmp_buf out;

static void handle(int signal)
{
    (void)signal;
    run.handled++;
    if (run.way == JUMPED)
        siglongjmp(out, 1);
}

static void clean_up(void *unused)
{
    (void)unused;
    run.cleaned = 1;
}

/* Whoever jumped out makes other waits afterwards as ever. */
static void wait_again(void)
{
    struct timespec time = {0, 2000000};
    run.jumped = nanosleep(&time, NULL) == 0 ? 1 : -1;
}

static void *make_call(void *unused)
{
    int type = run.way == CANCELLED_AT_ONCE ? PTHREAD_CANCEL_ASYNCHRONOUS : PTHREAD_CANCEL_DEFERRED;
    pthread_setcanceltype(type, NULL);
    pthread_cleanup_push(clean_up, NULL);
    errno = 0;
    run.tid = gettid();
    if (run.way == JUMPED && sigsetjmp(out, 1)) {
        wait_again();
    } else {
        run.result = run.call->make(&run.place);
        run.error = errno;
    }
    pthread_cleanup_pop(0);
    run.done = 1;
    return unused;
}

static char state_of(int tid)
{
    char path[64], text[512] = "", *name_ends;
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 'X';
    ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    name_ends = size > 0 ? strrchr(text, ')') : NULL;
    return name_ends ? name_ends[2] : 'X';
}

/* False when it is done instead. Looks so often that it is no page that it waits for. */
static int sleeps(int looks)
{
    for (int asleep = 0; asleep < looks && !run.done;) {
        usleep(500);
        asleep = run.tid && state_of(run.tid) == 'S' ? asleep + 1 : 0;
    }
    return !run.done;
}

static void set_handler(enum way way)
{
    struct sigaction action = {.sa_handler = handle};
    action.sa_flags = way == RESTARTED ? SA_RESTART : 0;
    sigaction(SIGUSR1, &action, NULL);
}

static void say_result(void)
{
    /* What exactly it returns of a success is not the matter here. */
    if (run.result >= 0)
        printf(" returned");
    else
        printf(" %s", strerrorname_np(run.error));
}

#define SIGNALS 3

/* True when the call sleeps on behind the signal. One that comes in the same microsecond as a tick of the
 * profiler's may be taken for that (README, Limits): what counts is what becomes of several. */
static int goes_on(pthread_t thread)
{
    int sleeps_on = 1;
    for (int i = 0; i < SIGNALS && sleeps_on; i++) {
        run.handled = 0;
        pthread_kill(thread, SIGUSR1);
        while (!run.handled && !run.done)
            usleep(200);
        sleeps_on = sleeps(20);
    }
    return sleeps_on;
}

/* The signal has ended it, or it goes on and is let end. */
static void interrupt(pthread_t thread)
{
    if (run.way == JUMPED) {
        pthread_kill(thread, SIGUSR1);
        while (!run.done)
            usleep(200);
        printf(" %s", run.jumped == 1 ? "out" : "lost");
    } else if (!goes_on(thread)) {
        printf(" ended:");
    } else {
        printf(" goes on,");
        if (run.call->release)
            run.call->release(&run.place);
        else
            pthread_cancel(thread);
    }
}

static void once(const struct call *call, enum way way, const char *what)
{
    pthread_t thread;
    void *result;
    memset(&run, 0, sizeof run);
    run.call = call;
    run.way = way;
    run.result = -2;
    set_place(&run.place, call->needs);
    set_handler(way);
    printf("; %s:", what);
    if (pthread_create(&thread, NULL, make_call, NULL) != 0)
        exit(1);
    if (!sleeps(4))
        printf(" does not wait,");
    else if (way <= CANCELLED_AT_ONCE)
        pthread_cancel(thread);
    else
        interrupt(thread);
    pthread_join(thread, &result);
    if (result == PTHREAD_CANCELED)
        printf(" cancelled%s", run.cleaned ? ", cleaned up" : "");
    else if (way != JUMPED)
        say_result();
    clear_place(&run.place, call->needs);
}

int main(int argc, char **argv)
{
    sigset_t waited;
    sigemptyset(&waited);
    sigaddset(&waited, SIGUSR2);
    sigprocmask(SIG_BLOCK, &waited, NULL);
    for (const struct call *call = calls; call->name; call++) {
        if (argc > 1 && strcmp(argv[1], call->name) != 0)
            continue;
        printf("%s", call->name);
        if (!(call->flags & NO_POINT))
            once(call, CANCELLED, "cancel");
        once(call, CANCELLED_AT_ONCE, "at once");
        once(call, INTERRUPTED, "signal");
        once(call, RESTARTED, "restarting");
        if (call->flags & JUMPS)
            once(call, JUMPED, "jump");
        printf("\n");
        fflush(stdout);
    }
    return 0;
}
