/*
 * The process's other threads, stopped, with their registers, as LeakSanitizer does it: a
 * helper that shares our memory but is a process of its own attaches to each by ptrace and
 * holds it until it is let go. No handler runs and no wait ends with EINTR for it, but for
 * the few kinds that a stop ends (signal(7): epoll_wait, semop, ...).
 *
 * Where ptrace is not permitted, or another tracer is there, threads run on and their
 * registers stay unknown. A stopped thread may hold locks: whoever stops the others holds
 * those it will need, and takes none of the C library's. Not for signal handlers; one user
 * at a time.
 */
#ifndef PROFINJECT_STOPPED_THREADS_H
#define PROFINJECT_STOPPED_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A thread that has not stopped by then runs on. */
#define STOPPED_THREADS_NS 100000000u

#define STOPPED_THREAD_WORDS 32u

struct stopped_thread {
    int tid;
    bool seized;    /* by the helper */
    bool known;     /* stopped: what follows is right */
    uint32_t count; /* of words */
    uint64_t sp;
    uint64_t words[STOPPED_THREAD_WORDS]; /* the general registers, in the kernel's order */
};

/* Stops all threads of the process but the caller and `other`, and fills in `threads`;
 * returns their number, at most `most`. They are let go after `longest_ns` in any case. */
uint32_t stopped_threads_begin(struct stopped_thread *threads, uint32_t most, int other,
                               uint64_t longest_ns);

/* Lets them go. Does nothing when none were stopped. */
void stopped_threads_end(void);

#endif
