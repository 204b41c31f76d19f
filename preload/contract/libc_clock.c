/*
 * Finding and calling libc's clock_gettime(). Its own file because handlers, hooks,
 * the servant and the drain must agree on the time.
 */
#include "preload/contract/libc_clock.h"

#include <dlfcn.h>
#include <errno.h>

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

static uint64_t nanoseconds(const struct timespec *time)
{
    return (uint64_t)time->tv_sec * 1000000000u + (uint64_t)time->tv_nsec;
}

uint64_t libc_clock_read_sigsafe(clockid_t clock)
{
    struct timespec time;
    int saved_errno = errno;
    if (now(clock, &time) != 0) {
        errno = saved_errno;
        return 0;
    }
    return nanoseconds(&time);
}

uint64_t libc_clock_now_sigsafe(void)
{
    struct timespec time;
    now(CLOCK_MONOTONIC, &time); /* cannot fail: errno need not be kept */
    return nanoseconds(&time);
}
