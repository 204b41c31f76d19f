/*
 * fork_storm THREADS FORKS: threads fork at the same time, FORKS children in all; odd
 * ones _exit at once, even ones work a little. Says how many ended well.
 */
#include "burn.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

BURN_FUNCTION(burn_parent)

static int each, ended_well;

static void *storm(void *unused)
{
    for (int i = 0; i < each; i++) {
        int status = -1;
        pid_t child = fork();
        if (child == 0 && i % 2)
            _exit(3);
        if (child == 0) {
            free(malloc(1000));
            exit(3);
        }
        if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
            WEXITSTATUS(status) == 3)
            __atomic_add_fetch(&ended_well, 1, __ATOMIC_RELAXED);
        burn_parent(0.0001);
    }
    return unused;
}

int main(int argc, char **argv)
{
    enum { THREADS_MAX = 64 };
    pthread_t threads[THREADS_MAX];
    int count = argc > 2 ? atoi(argv[1]) : 0;
    if (count < 1 || count > THREADS_MAX)
        return 2;
    each = atoi(argv[2]) / count;
    for (int i = 0; i < count; i++)
        pthread_create(&threads[i], NULL, storm, NULL);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    printf("%d children\n", ended_well);
    return 0;
}
