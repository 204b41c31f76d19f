/*
 * Everything that comes and goes, at once, for SECONDS: short threads, forked
 * children, a library loaded and unloaded, allocations in between. Prints `done`
 * when all of it went as it should.
 *
 *     churn PLUGIN SECONDS
 */
#include "burn.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

BURN_FUNCTION(burn_briefly)

static const char *plugin_path;
static uint64_t end_ns;

static int time_left(void)
{
    return burn_clock_ns(CLOCK_MONOTONIC) < end_ns;
}

static void *short_thread(void *argument)
{
    void *volatile block = malloc(1000);
    burn_briefly(0.001);
    free(block);
    return argument;
}

static void *start_threads(void *argument)
{
    pthread_t threads[8];
    while (time_left()) {
        for (int i = 0; i < 8; i++)
            if (pthread_create(&threads[i], NULL, short_thread, NULL) != 0)
                abort();
        for (int i = 0; i < 8; i++)
            pthread_join(threads[i], NULL);
    }
    return argument;
}

static void *start_children(void *argument)
{
    while (time_left()) {
        int status;
        pid_t child = fork();
        if (child == 0) {
            burn_briefly(0.001);
            _exit(3);
        }
        if (child < 0 || waitpid(child, &status, 0) != child || WEXITSTATUS(status) != 3)
            abort();
    }
    return argument;
}

static void *load_and_unload(void *argument)
{
    while (time_left()) {
        void *plugin = dlopen(plugin_path, RTLD_NOW);
        double (*run)(double) = plugin ? (double (*)(double))dlsym(plugin, "plugin_run") : NULL;
        if (!run || run(0.002) <= 0)
            abort();
        dlclose(plugin);
    }
    return argument;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    plugin_path = argv[1];
    end_ns = burn_clock_ns(CLOCK_MONOTONIC) + (uint64_t)(atof(argv[2]) * 1e9);

    void *(*const parts[])(void *) = {start_threads, start_children, load_and_unload};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        if (pthread_create(&threads[i], NULL, parts[i], NULL) != 0)
            return 1;
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    puts("done");
    return 0;
}
