/*
 * Three meet at a barrier, twice. The first of them is woken in a handler of its own, and gets out of it
 * when another has come to the next round already: it was woken by who came last all the same.
 * Prints a line for each long wait there: the tid of who waited and of who came last.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_barrier_t place;
static pthread_t first;
static atomic_int handled, released;
static atomic_int came[6]; /* tids: who came first, second and last, in either round */

static void pass_time(long ms)
{
    struct timespec time = {0, ms * 1000000};
    while (nanosleep(&time, &time) != 0)
        ;
}

/* Until the kernel says that the thread sleeps: where it says its number it is about to, at the barrier. */
static void wait_for(const atomic_int *tid)
{
    char path[64], line[256] = "";
    while (!strstr(line, ") S ")) {
        pass_time(2);
        snprintf(path, sizeof path, "/proc/self/task/%d/stat", *tid);
        FILE *file = *tid ? fopen(path, "r") : NULL;
        if (file && !fgets(line, sizeof line, file))
            line[0] = 0;
        if (file)
            fclose(file);
    }
}

static void stay(int signal)
{
    (void)signal;
    handled = 1;
    while (!released)
        ;
}

static void meet(atomic_int *as)
{
    *as = gettid();
    pthread_barrier_wait(&place);
}

static void *first_and_last(void *unused)
{
    meet(&came[0]);
    wait_for(&came[4]);
    pass_time(20);
    meet(&came[5]);
    return unused;
}

static void *second_and_first(void *unused)
{
    wait_for(&came[0]);
    meet(&came[1]);
    meet(&came[3]);
    return unused;
}

/* Comes last, while the first is in its handler, and lets it go when the second waits again. */
static void *last_and_second(void *unused)
{
    wait_for(&came[1]);
    pass_time(20);
    pthread_kill(first, SIGUSR1);
    while (!handled)
        pass_time(1);
    meet(&came[2]);
    wait_for(&came[3]);
    released = 1;
    pass_time(50);
    meet(&came[4]);
    return unused;
}

int main(void)
{
    pthread_t others[2];
    signal(SIGUSR1, stay);
    pthread_barrier_init(&place, NULL, 3);
    pthread_create(&first, NULL, first_and_last, NULL);
    pthread_create(&others[0], NULL, second_and_first, NULL);
    pthread_create(&others[1], NULL, last_and_second, NULL);
    pthread_join(first, NULL);
    pthread_join(others[0], NULL);
    pthread_join(others[1], NULL);
    for (int i = 0; i < 6; i++)
        if (i % 3 != 2)
            printf("%d %d\n", came[i], came[i / 3 * 3 + 2]);
    return 0;
}
