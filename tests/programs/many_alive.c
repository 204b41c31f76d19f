/*
 * many_alive COUNT: that many threads, all there before the first of them goes on; then
 * each burns 10 ms of CPU time. Says how many did.
 */
#include "burn.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

BURN_FUNCTION(burn_one)

static pthread_barrier_t all_there;
static atomic_int done;

static void *run(void *unused)
{
    pthread_barrier_wait(&all_there);
    burn_one(0.01);
    done++;
    return unused;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 100;
    pthread_t *threads = calloc((size_t)count, sizeof *threads);
    pthread_attr_t attributes;

    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 << 10);
    pthread_barrier_init(&all_there, NULL, (unsigned)count);
    for (int i = 0; i < count; i++)
        if (pthread_create(&threads[i], &attributes, run, NULL) != 0)
            return 1;
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    printf("%d threads\n", (int)done);
    free(threads);
    return 0;
}
