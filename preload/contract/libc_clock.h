/*
 * The time, by the C library's own clock_gettime(): the name may be taken by others
 * (sanitizers, libfaketime) whose functions a handler must not call, and whose time
 * is not ours. Any thread.
 */
#ifndef PROFINJECT_LIBC_CLOCK_H
#define PROFINJECT_LIBC_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Finds the function. Called once, by the constructor and by the analyzer's main; until
 * then the name is used. */
void libc_clock_init(void);

/* Nanoseconds of `clock`; 0 when there is no such clock, as of a thread that is gone.
 * Preserves errno. */
uint64_t libc_clock_read_sigsafe(clockid_t clock);

/* Nanoseconds of CLOCK_MONOTONIC, by the vDSO: no system call on the clock sources of
 * this age. Preserves errno. */
uint64_t libc_clock_now_sigsafe(void);

#endif
