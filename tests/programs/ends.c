/*
 * ends WAY [SECONDS]: burns CPU in two threads, then ends that way, a thread still running.
 */
#include "burn.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

BURN_FUNCTION(burn)

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static const char *way;

static void *run_on(void *unused)
{
    for (;;)
        burn(1);
    return unused;
}

static void *end_soon(void *unused)
{
    burn(0.05);
    return unused;
}

/* Never returns when the caller of exit() holds the lock. */
static void lock_at_exit(void)
{
    pthread_mutex_lock(&held);
}

static void *exit_holding(void *unused)
{
    pthread_mutex_lock(&held);
    exit(9);
    return unused;
}

static int end(void)
{
    if (!strcmp(way, "exit"))
        exit(3);
    if (!strcmp(way, "_exit"))
        _exit(4);
    if (!strcmp(way, "_Exit"))
        _Exit(5);
    if (!strcmp(way, "quick_exit"))
        quick_exit(6);
    if (!strcmp(way, "pthread_exit"))
        pthread_exit(NULL);
    if (!strcmp(way, "exec"))
        execlp("sh", "sh", "-c", "exit 8", NULL);
    if (!strcmp(way, "signal"))
        raise(SIGTERM);
    if (!strcmp(way, "kill"))
        raise(SIGKILL);
    if (!strcmp(way, "abort"))
        abort();
    if (!strcmp(way, "thread")) {
        pthread_t thread;
        pthread_create(&thread, NULL, exit_holding, NULL);
        pause();
    }
    if (!strcmp(way, "deadlock")) {
        atexit(lock_at_exit);
        pthread_mutex_lock(&held);
    }
    return strcmp(way, "return") == 0 || strcmp(way, "deadlock") == 0 ? 7 : 0;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    if (argc < 2)
        return 2;
    way = argv[1];
    pthread_create(&thread, NULL, strcmp(way, "pthread_exit") ? run_on : end_soon, NULL);
    burn(argc > 2 ? atof(argv[2]) : 0.1);
    printf("ends by %s\n", way);
    fflush(stdout);
    return end();
}
