/*
 * The progress line. Its own file because it is state of the whole process, of
 * which the analyzer has no other.
 */
#include "analyzer/util/progress.h"

#include "preload/contract/libc_clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_NS 500000000ull /* before the first line */
#define PAUSE_NS 100000000ull    /* between lines */
#define SILENCE_NS 700000000ull  /* after which the painter says what lasts so long */
#define LINE_MAX_SIZE 128

/* Steps that take long themselves (one large trace, sorting, an export) are told by a thread,
 * which knows only the last line. It holds no lock that a forked worker could miss: it neither
 * allocates nor uses stdio. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended;
static pthread_t painter;
static bool painting; /* there is a painter */
static bool working;  /* all below under `lock` */
static uint64_t begin_ns;
static uint64_t next_ns; /* when a line may be written; 0: no work, or nobody to see it */
static uint64_t told_ns; /* when the last one was, or the work began */
static char line[LINE_MAX_SIZE];
static bool shown;

static void write_line(const char *time)
{
    char text[LINE_MAX_SIZE + 64];
    int size = snprintf(text, sizeof(text), "\rprofinject: %s%s\033[K", line, time);

    /* Nobody can do anything about a terminal that takes nothing. */
    if (write(STDERR_FILENO, text, (size_t)size) < 0)
        return;
    shown = true;
    told_ns = libc_clock_now_sigsafe();
    next_ns = told_ns + PAUSE_NS;
}

static void *paint(void *nothing)
{
    pthread_mutex_lock(&lock);
    while (working) {
        uint64_t now = libc_clock_now_sigsafe();
        uint64_t due = told_ns + SILENCE_NS;
        if (now >= due && line[0] != '\0') {
            char time[32];
            snprintf(time, sizeof(time), " (%.0f s)", (double)(now - begin_ns) / 1e9);
            write_line(time);
            continue;
        }
        due = now >= due ? now + SILENCE_NS : due;
        struct timespec until = {(time_t)(due / 1000000000), (long)(due % 1000000000)};
        pthread_cond_timedwait(&ended, &lock, &until);
    }
    pthread_mutex_unlock(&lock);
    return nothing;
}

static void start_painter(void)
{
    pthread_condattr_t clock;
    sigset_t all, before;

    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&ended, &clock);
    pthread_condattr_destroy(&clock);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    painting = pthread_create(&painter, NULL, paint, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void progress_begin(void)
{
    if (working)
        progress_end();
    if (!isatty(STDERR_FILENO))
        return;
    begin_ns = told_ns = libc_clock_now_sigsafe();
    next_ns = begin_ns + PATIENCE_NS;
    line[0] = '\0';
    working = true;
    start_painter();
}

void progress_step(const char *what, size_t done, size_t total)
{
    if (!working)
        return;
    pthread_mutex_lock(&lock);
    if (total > 0)
        snprintf(line, sizeof(line), "%s: %zu of %zu", what, done, total);
    else
        snprintf(line, sizeof(line), "%s", what);
    if (libc_clock_now_sigsafe() >= next_ns)
        write_line("");
    pthread_mutex_unlock(&lock);
}

void progress_end(void)
{
    if (!working)
        return;
    pthread_mutex_lock(&lock);
    working = false;
    pthread_cond_signal(&ended);
    pthread_mutex_unlock(&lock);
    if (painting)
        pthread_join(painter, NULL);
    painting = false;
    if (shown && write(STDERR_FILENO, "\r\033[K", 4) < 0)
        shown = false;
    shown = false;
    pthread_cond_destroy(&ended);
}
