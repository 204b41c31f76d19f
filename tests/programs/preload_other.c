/*
 * Somebody else's preload library: passes malloc, free and getenv through, counts
 * the calls, and says at the end on stderr that it was in the way.
 */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_ulong calls;

static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

__attribute__((visibility("default"))) void *malloc(size_t size)
{
    static void *(*real)(size_t);
    if (!real)
        real = (void *(*)(size_t))next("malloc");
    calls++;
    return real(size);
}

__attribute__((visibility("default"))) void free(void *block)
{
    static void (*real)(void *);
    if (!real)
        real = (void (*)(void *))next("free");
    calls++;
    real(block);
}

__attribute__((visibility("default"))) char *getenv(const char *name)
{
    static char *(*real)(const char *);
    if (!real)
        real = (char *(*)(const char *))next("getenv");
    calls++;
    return real(name);
}

__attribute__((destructor)) static void say(void)
{
    char line[64];
    int size = snprintf(line, sizeof line, "preload_other: %s\n", calls > 0 ? "called" : "idle");
    if (write(STDERR_FILENO, line, (size_t)size) != size)
        _exit(1);
}
