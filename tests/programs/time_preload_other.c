/*
 * Somebody else's preload library, as libfaketime: every clock stands still at 1000 s,
 * but those of CPU time, by which programs here measure themselves.
 */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
        return (int)syscall(SYS_clock_gettime, clock, now);
    *now = (struct timespec){.tv_sec = 1000, .tv_nsec = 0};
    return 0;
}
