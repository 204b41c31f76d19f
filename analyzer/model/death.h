/*
 * The end of a process that did not choose it. Part of the profile (profile.h).
 */
#ifndef PROFINJECT_MODEL_DEATH_H
#define PROFINJECT_MODEL_DEATH_H

#include <stdbool.h>
#include <stdint.h>

#define DEATH_THREAD_UNKNOWN UINT32_MAX

/* What is known beyond `end` and `end_status` of the process. */
struct profile_death {
    bool undated;    /* nobody knows when it was: end_ns of the process is its last event */
    bool gone;       /* somebody found the process gone, without a word how it ended */
    bool core;       /* left a core */
    const char *oom; /* the kernel killed it for want of memory: who says so; or NULL */
    bool told;       /* its own handler told, as follows */
    int signal, code;
    int32_t tid, sender; /* sender: 0: the kernel */
    uint64_t address, time_ns;
    uint32_t thread, stack; /* thread: DEATH_THREAD_UNKNOWN: none of the profile's */
};

/* The last that is known of what a thread did, of those that lived when their process died. */
struct profile_last {
    uint64_t time_ns; /* of its last sample; 0: none, or it was not alive */
    uint32_t stack;
};

/* What a thread spent with one stack in the last second before its process died. */
struct profile_moment {
    uint32_t thread, stack;
    uint64_t cpu_ns;
};

#define DEATH_LAST_NS 1000000000ull /* that second */

/* "SIGSEGV", and "SEGV_MAPERR" with what that means; NULL: no such. */
const char *death_signal_name(int signal);
struct death_code {
    const char *name, *meaning;
};
struct death_code death_code(int signal, int code);

/* True when siginfo_t has an address for that. */
bool death_has_address(int signal, int code);

#endif
