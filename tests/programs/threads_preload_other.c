/*
 * A library preloaded with ours whose constructor, which runs before ours, starts a
 * thread that burns CPU time for 0.3 s.
 */
#include "burn.h"

#include <pthread.h>
#include <stddef.h>

BURN_FUNCTION(burn_early)

static void *run(void *unused)
{
    burn_early(0.3);
    return unused;
}

static __attribute__((constructor)) void start(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, run, NULL);
    pthread_detach(thread);
}
