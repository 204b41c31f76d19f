/*
 * COUNT threads one after the other, eight at a time, each of which allocates
 * and computes for some microseconds. Prints how many ran.
 *
 *     many_threads COUNT
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { AT_ONCE = 8 };

static atomic_long ran;

static void *run_shortly(void *argument)
{
    void *volatile blocks[16];
    for (int i = 0; i < 16; i++)
        blocks[i] = malloc((size_t)(100 * i + 1));
    for (int i = 0; i < 16; i++)
        free(blocks[i]);
    ran++;
    return argument;
}

int main(int argc, char **argv)
{
    pthread_t threads[AT_ONCE];
    long count = argc > 1 ? atol(argv[1]) : 1000;
    for (long done = 0; done < count; done += AT_ONCE) {
        int now = count - done < AT_ONCE ? (int)(count - done) : AT_ONCE;
        for (int i = 0; i < now; i++)
            if (pthread_create(&threads[i], NULL, run_shortly, NULL) != 0)
                return 1;
        for (int i = 0; i < now; i++)
            pthread_join(threads[i], NULL);
    }
    printf("%ld threads\n", (long)ran);
    return 0;
}
