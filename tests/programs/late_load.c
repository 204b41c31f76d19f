/*
 * Loads the profiling library while running, and profiles one of three equal
 * parts of its work. Prints profinject_state() at each step.
 *
 *     late_load LIBRARY SECONDS
 */
#include "burn.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

BURN_FUNCTION(before_start)
BURN_FUNCTION(while_on)
BURN_FUNCTION(after_stop)

typedef int (*control)(void);

static control find(void *library, const char *name)
{
    control function = (control)dlsym(library, name);
    if (!function) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return function;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    void *library = dlopen(argv[1], RTLD_NOW);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    control start = find(library, "profinject_start");
    control stop = find(library, "profinject_stop");
    control state = find(library, "profinject_state");
    double seconds = atof(argv[2]);

    int loaded = state();
    before_start(seconds);
    int started = start(), on = state();
    while_on(seconds);
    int stopped = stop(), off = state();
    after_stop(seconds);
    printf("loaded %d, start %d -> %d, stop %d -> %d\n", loaded, started, on, stopped, off);
    return 0;
}
