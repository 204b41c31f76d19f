/*
 * Finding and calling libc's clock_gettime(). Its own file because handlers, the
 * servant and hooks must agree on the time.
 */
#include "preload/libc_clock.h"

#include <dlfcn.h>
#include <time.h>

typedef int clock_function(clockid_t, struct timespec *);

static clock_function *now = clock_gettime;

void libc_clock_init(void)
{
    void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
    /* Never given back: libc stays. */
    void *found = libc ? dlsym(libc, "clock_gettime") : NULL;
    if (found)
        now = (clock_function *)found;
}

uint64_t libc_clock_now_sigsafe(void)
{
    struct timespec time;
    now(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}
