/*
 * Two libraries are loaded, run and unloaded in turn by one thread, most often at
 * the same address, while two other threads allocate. Prints `done`.
 *
 *     reload PLUGIN PLUGIN ROUNDS MICROSECONDS
 */
#include "burn.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

static atomic_int ended;

__attribute__((noinline)) static void reload_once(const char *path, double seconds)
{
    void *plugin = dlopen(path, RTLD_NOW);
    double (*run)(int, double) =
        plugin ? (double (*)(int, double))dlsym(plugin, "reload_run") : NULL;
    if (!run)
        abort();
    run(10, seconds);
    if (dlclose(plugin) != 0)
        abort();
}

static void *allocate(void *argument)
{
    void *volatile blocks[64] = {0};
    for (unsigned i = 0; !ended; i++) {
        free(blocks[i % 64]);
        blocks[i % 64] = malloc(16 + i % 5000);
    }
    for (int i = 0; i < 64; i++)
        free(blocks[i]);
    return argument;
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, allocate, NULL) != 0)
            return 1;
    for (long i = 0; i < atol(argv[3]); i++)
        reload_once(argv[1 + i % 2], atof(argv[4]) / 1e6);
    ended = 1;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    return puts("done") < 0;
}
