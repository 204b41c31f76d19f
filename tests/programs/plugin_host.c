/*
 * A C program that loads a C++ plugin which throws: the case in which a library
 * in front of libgcc_s would take over its exceptions. Prints throws per second.
 *
 *     plugin_host PLUGIN SECONDS
 *     plugin_host PLUGIN count N        throws N times, prints how many were caught
 *     plugin_host PLUGIN each SECONDS   the first again for every line on standard input
 */
#include "throw_on_demand.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    void *plugin = dlopen(argv[1], RTLD_NOW);
    double (*run)(double) = plugin ? (double (*)(double))dlsym(plugin, "plugin_run") : NULL;
    if (!run) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    if (argc == 4 && strcmp(argv[2], "count") == 0) {
        unsigned long (*count)(unsigned long) =
            (unsigned long (*)(unsigned long))dlsym(plugin, "plugin_count");
        return printf("%lu\n", count(strtoul(argv[3], NULL, 10))) < 0;
    }
    if (argc == 4 && strcmp(argv[2], "each") == 0)
        return throw_on_demand(run, atof(argv[3]));
    printf("%.0f\n", run(atof(argv[2])));
    return 0;
}
