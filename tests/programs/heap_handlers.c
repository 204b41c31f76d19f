/*
 * Allocates in a signal handler that comes at any moment, above all while the same thread
 * allocates: heap_handlers SECONDS [jump]
 *
 * For allocators that bear it (handlers_preload_other). Prints allocations made, and frees.
 * With `jump` every hundredth handler leaves by longjmp; then only that it ends is known.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static volatile long allocated, freed, handled;
static volatile sig_atomic_t may_jump, jumps;
static sigjmp_buf back;

static void pair(size_t size)
{
    char *block = malloc(size);
    if (!block)
        abort();
    block[0] = 1;
    free(block);
}

static void handle(int signal)
{
    (void)signal;
    handled++;
    pair(100);
    if (may_jump && jumps && handled % 100 == 0)
        siglongjmp(back, 1);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void allocate_until(double end)
{
    while (now() < end) {
        for (int i = 0; i < 200; i++) {
            pair(16 + (size_t)i);
            allocated++;
            freed++;
        }
    }
}

int main(int argc, char **argv)
{
    static double end;
    const struct itimerspec every = {{0, 30000}, {0, 30000}};
    struct sigaction action = {.sa_handler = handle};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    timer_t timer;
    end = now() + (argc > 1 ? atof(argv[1]) : 0.5);
    jumps = argc > 2 && strcmp(argv[2], "jump") == 0;
    sigaction(SIGUSR1, &action, NULL);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
        timer_settime(timer, 0, &every, NULL) != 0)
        return 1;
    sigsetjmp(back, 1);
    may_jump = 1;
    allocate_until(end);
    may_jump = 0;
    timer_delete(timer);
    printf("%ld %ld\n", allocated + handled, freed + handled);
    return 0;
}
