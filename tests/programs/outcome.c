/*
 * Computes and allocates for a moment, in two threads, says what came out, and ends with the
 * status that is its argument. That it gets no memory changes nothing, unless it never does.
 */
#include "burn.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

BURN_FUNCTION(work)

static void *run(void *argument)
{
    unsigned long sum = 0;
    (void)argument;
    for (int i = 0; i < 20000; i++) {
        char *block = malloc((size_t)(1 + i % 500));
        if (block)
            sum += strlen(strcpy(block, ""));
        free(block);
    }
    work(0.02);
    return (void *)sum;
}

int main(int argc, char **argv)
{
    pthread_t other;
    int tries = 3;
    while (pthread_create(&other, NULL, run, NULL) != 0)
        if (--tries == 0)
            return 2;
    if (argc != 2)
        return 2;
    run(NULL);
    pthread_join(other, NULL);
    puts("done");
    return atoi(argv[1]);
}
