/* Unit tests of preload/tasks.c. */
#include "preload/tasks.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <unistd.h>

#define THREADS 200 /* more than one reading of the directory has room for */

static pthread_barrier_t begun, looked;
static int started[THREADS], found[THREADS];

static void *wait_to_be_seen(void *own)
{
    *(int *)own = gettid();
    pthread_barrier_wait(&begun);
    pthread_barrier_wait(&looked);
    return NULL;
}

static void look(void *context, int tid)
{
    int *self = context;
    *self += tid == gettid();
    for (int i = 0; i < THREADS; i++)
        found[i] += started[i] == tid;
}

Test(tasks, every_thread_once)
{
    pthread_t threads[THREADS];
    pthread_barrier_init(&begun, NULL, THREADS + 1);
    pthread_barrier_init(&looked, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, wait_to_be_seen, &started[i]), 0);
    pthread_barrier_wait(&begun);
    int self = 0;
    tasks_list(look, &self);
    pthread_barrier_wait(&looked);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        cr_expect_eq(found[i], 1);
    }
    cr_expect_eq(self, 1);
}
