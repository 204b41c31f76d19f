/*
 * Seccomp filters. Those the process was started under: what they may kill for is
 * tried once in a throw-away child, before it is used. Those it puts on itself later
 * are noticed by syscall_hooks.c and asked for here by whoever would make a call that
 * a filter may kill for. And strict mode, the older kind, of one thread.
 *
 * A filter covers the thread that installs it and what that starts from then on, or,
 * when it says so, all threads, ours among them. Flags only ever grow; any thread may
 * ask.
 */
#ifndef PROFINJECT_CONFINEMENT_H
#define PROFINJECT_CONFINEMENT_H

#include <stdbool.h>
#include <stdint.h>

enum confinement_call { CONFINEMENT_TIMER, CONFINEMENT_PERF };

/* True when a filter ends processes that make this call, which the clock of that name
 * needs. Starts a child only under a filter; its end raises no SIGCHLD. */
bool confinement_kills(enum confinement_call call);

/* The target is about to install a filter; `all` when it covers every thread. */
void confinement_note_sigsafe(bool all);

/* How many filters there are on the first thread, or on the calling one; 0 when it is not
 * known. Opens a file of /proc. */
unsigned confinement_count_first(void);
unsigned confinement_count_own(void);

/* True when threads of the target may be filtered: calls that may be refused are left
 * to the servant. */
bool confinement_any_sigsafe(void);

/* True when the servant is filtered as well: nothing new is armed. */
bool confinement_all(void);

/*
 * Strict mode, for good: read, write, exit and the way back from a handler are all the thread
 * may call. It may not read the processor's counter either, by which clocks tell the time.
 * Whatever of ours such a thread comes by passes through: no lock, no clock, no system call.
 */
extern __thread uintptr_t confinement_strict
    __attribute__((tls_model("initial-exec"), visibility("hidden")));
static inline bool confinement_is_strict_sigsafe(void)
{
    return confinement_strict != 0;
}

/* True when the kernel would let the calling thread into it. Opens a file of /proc. */
bool confinement_allows_strict(void);

/* The calling thread goes into it. */
void confinement_note_strict(void);

/* Whether a thread of this process is in it. Opens a file of /proc. */
bool confinement_is_strict_task(int tid);

#endif
