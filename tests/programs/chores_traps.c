/*
 * What waits for whoever does our work in the place of a program that computes: moments in
 * which it may not, though nothing but code of the program's own seems to be under way.
 *
 *     chores_traps vfork [SECONDS]    one thread in the C library all the time, and main too, but for
 *                                     children of vfork() that allocate; prints the CPU seconds of
 *                                     the thread
 *     chores_traps open [SECONDS]     opens a file again and again
 *     chores_traps cancel             threads that are cancelled wherever they are; prints how
 *                                     many found signals blocked in their cleanup
 */
#include "burn.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static double seconds = 1;
static char block[1 << 20];

static void set_for(double ms)
{
    for (uint64_t end = burn_thread_ns() + (uint64_t)(ms * 1e6); burn_thread_ns() < end;)
        memset(block, (int)end, sizeof block);
}

static void *in_the_c_library(void *used)
{
    set_for(seconds * 1e3);
    *(double *)used = (double)burn_thread_ns() / 1e9;
    return NULL;
}

static int forks(void)
{
    pthread_t thread;
    double used;
    if (pthread_create(&thread, NULL, in_the_c_library, &used) != 0)
        return 1;
    for (uint64_t end = burn_clock_ns(CLOCK_MONOTONIC) + (uint64_t)(seconds * 1e9);
         burn_clock_ns(CLOCK_MONOTONIC) < end;) {
        set_for(10);
        pid_t child = vfork();
        if (child == 0) {
            void *volatile some = malloc(100);
            free(some);
            _exit(0);
        }
        if (waitpid(child, NULL, 0) != child)
            return 1;
    }
    pthread_join(thread, NULL);
    printf("%.3f\n", used);
    return 0;
}

static int opens(void)
{
    for (uint64_t end = burn_thread_ns() + (uint64_t)(seconds * 1e9); burn_thread_ns() < end;) {
        int fd = open("/dev/null", O_RDONLY);
        if (fd < 0)
            return 1;
        close(fd);
    }
    return 0;
}

/* Of so many threads a few meet the work, which takes longer the more there is to look at. */
enum { CANCELLED = 1200, MAPPINGS = 6000 };
static int blocked;
static volatile int ready;

static void look_at_mask(void *unused)
{
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    if (sigismember(&now, SIGUSR1))
        __atomic_add_fetch(&blocked, 1, __ATOMIC_RELAXED);
    (void)unused;
}

static void *be_cancelled(void *unused)
{
    pthread_cleanup_push(look_at_mask, NULL);
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    ready = 1;
    for (;;)
        burn_sink++;
    pthread_cleanup_pop(0);
    return unused;
}

static int cancels(void)
{
    for (int i = 0; i < MAPPINGS; i++)
        mmap(NULL, 4096, i % 2 ? PROT_READ : PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
             -1, 0);
    void *result;
    for (int i = 0; i < CANCELLED; i++) {
        pthread_t thread;
        ready = 0;
        if (pthread_create(&thread, NULL, be_cancelled, NULL) != 0)
            return 1;
        while (!ready)
            usleep(100);
        usleep((useconds_t)(2000 + i * 37 % 5000));
        if (pthread_cancel(thread) != 0 || pthread_join(thread, &result) != 0 ||
            result != PTHREAD_CANCELED)
            return 1;
    }
    printf("%d\n", blocked);
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    seconds = argc > 2 ? atof(argv[2]) : 1;
    if (strcmp(what, "vfork") == 0)
        return forks();
    if (strcmp(what, "open") == 0)
        return opens();
    return strcmp(what, "cancel") == 0 ? cancels() : 2;
}
