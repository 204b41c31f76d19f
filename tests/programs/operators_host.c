/*
 * A C program that has a C++ plugin allocate in a thread of its own.
 *
 *     operators_host PLUGIN ROUNDS TOO_MUCH
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static int rounds, too_much;

static void *run(void *function)
{
    pthread_setname_np(pthread_self(), "operators");
    ((int (*)(int, int))function)(rounds, too_much);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    if (argc != 4)
        return 2;
    void *plugin = dlopen(argv[1], RTLD_NOW);
    void *function = plugin ? dlsym(plugin, "plugin_allocate") : NULL;
    rounds = atoi(argv[2]);
    too_much = atoi(argv[3]);
    if (!function || pthread_create(&thread, NULL, run, function) != 0) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    pthread_join(thread, NULL);
    ((void (*)(int))dlsym(plugin, "plugin_say"))(rounds);
    return 0;
}
