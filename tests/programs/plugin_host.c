/*
 * A C program that loads a C++ plugin which throws: the case in which a library
 * in front of libgcc_s would take over its exceptions. Prints throws per second.
 *
 *     plugin_host PLUGIN SECONDS
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    void *plugin = dlopen(argv[1], RTLD_NOW);
    double (*run)(double) = plugin ? (double (*)(double))dlsym(plugin, "plugin_run") : NULL;
    if (!run) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    printf("%.0f\n", run(atof(argv[2])));
    return 0;
}
