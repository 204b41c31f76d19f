/*
 * A library preloaded with ours whose constructor, which runs before ours, starts a thread. It
 * runs all the while; when main has begun, which is when every constructor has run, it burns CPU
 * time for 0.3 s in burn_early. `early_join`, for main to call, lets it and waits for its end.
 */
#include "burn.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

BURN_FUNCTION(burn_early)

static pthread_t thread;
static atomic_bool in_main;

static void *run(void *unused)
{
    while (!in_main)
        continue;
    burn_early(0.3);
    return unused;
}

static __attribute__((constructor)) void start(void)
{
    pthread_create(&thread, NULL, run, NULL);
}

void early_join(void);
void early_join(void)
{
    in_main = true;
    pthread_join(thread, NULL);
}
