/* Half of the CPU time in one long stretch, half in a thousand threads of 1 ms. */
#include <pthread.h>
#include <stddef.h>

#include "burn.h"

BURN_FUNCTION(long_work)
BURN_FUNCTION(short_work)

static void *run_short(void *unused)
{
    short_work(0.001);
    return unused;
}

int main(void)
{
    long_work(1.0);
    for (int i = 0; i < 1000; i++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, run_short, NULL) != 0)
            return 1;
        pthread_join(thread, NULL);
    }
    return 0;
}
