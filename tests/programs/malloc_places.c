/*
 * Allocates where few programs do: before any constructor, in a signal handler,
 * in destructors of thread-local data, in the last destructor of all. Prints what
 * was done; the blocks are checked for being writable and apart.
 */
#include "burn.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

BURN_FUNCTION(burn_between)

enum { BLOCKS = 32, THREADS = 8 };

static volatile sig_atomic_t early, handled;
static pthread_key_t key;

/* Blocks filled each with its own number keep it; the last is grown and shrunk. */
static void allocate_some(void)
{
    unsigned char *blocks[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc((size_t)i * 37 + 1);
        memset(blocks[i], i, (size_t)i * 37 + 1);
    }
    blocks[BLOCKS - 1] = realloc(blocks[BLOCKS - 1], 100000);
    for (int i = 0; i < BLOCKS; i++) {
        if (blocks[i][0] != i || blocks[i][i * 37] != i)
            abort();
        free(blocks[i]);
    }
}

static void before_constructors(int argc, char **argv, char **environment)
{
    (void)argc, (void)argv, (void)environment;
    allocate_some();
    early++;
}
__attribute__((section(".preinit_array"),
               used)) static void (*first)(int, char **, char **) = before_constructors;

__attribute__((destructor(101))) static void after_destructors(void)
{
    allocate_some();
    if (write(STDOUT_FILENO, "last\n", 5) != 5)
        _exit(1);
}

/* The main thread only computes while the timer runs: malloc is not interrupted. */
static void in_handler(int signal)
{
    (void)signal;
    allocate_some();
    handled++;
}

static void at_thread_end(void *value)
{
    allocate_some();
    free(value);
}

static void *thread_with_data(void *argument)
{
    pthread_setspecific(key, malloc(100));
    burn_between(0.02);
    return argument;
}

int main(void)
{
    pthread_t threads[THREADS];
    pthread_key_create(&key, at_thread_end);
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, thread_with_data, NULL) != 0)
            return 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    struct itimerval each = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    signal(SIGALRM, in_handler);
    setitimer(ITIMER_REAL, &each, NULL);
    burn_between(0.3);
    setitimer(ITIMER_REAL, &never, NULL);
    printf("early %d, handled %s\n", (int)early, handled > 10 ? "many" : "few");
    fflush(stdout);
    return 0;
}
