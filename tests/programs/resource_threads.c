/*
 * So many threads, of which some compute a little, again and again, and the others wait for
 * ever.
 *
 *   resource_threads SECONDS THREADS BUSY
 */
#include "burn.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

BURN_FUNCTION(burn)

static void *work(void *unused)
{
    for (;;) {
        burn(0.0005);
        usleep(15000);
    }
    return unused;
}

static void *wait_for_ever(void *unused)
{
    for (;;)
        pause();
    return unused;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    if (argc < 4)
        return 2;
    int threads = atoi(argv[2]), busy = atoi(argv[3]);
    for (int i = 1; i < threads; i++)
        if (pthread_create(&thread, NULL, i <= busy ? work : wait_for_ever, NULL) != 0)
            return 1;
    sleep((unsigned)atoi(argv[1]));
    return 0;
}
