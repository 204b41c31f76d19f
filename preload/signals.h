/*
 * The profiling signal: number 32, which glibc keeps for itself. Every mask, wait,
 * action and descriptor a program makes through the C library leaves it out, so that
 * it cannot be blocked, waited for, ignored or seen, and nothing of the program's own
 * SIGPROF needs to be touched.
 *
 * glibc uses it for pthread_cancel() and takes its handler over at the first such
 * call; we take it back, and pass on what is not ours. Threads may call everything
 * here at any time; only _sigsafe functions may be called in handlers.
 */
#ifndef PROFINJECT_SIGNALS_H
#define PROFINJECT_SIGNALS_H

#include "preload/contract/ring_format.h"

#include <signal.h>
#include <stdint.h>

#define SIGNALS_OURS RING_SIGNAL

typedef void signals_handler(int, siginfo_t *, void *);

/* The kernel's struct, which is not the C library's. */
struct signals_action {
    signals_handler *handler;
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

/* The kernel's own sigaction(), past the C library and whoever stands before it; either may be
 * NULL. 0 or -errno. */
long signals_action_sigsafe(int number, const struct signals_action *action,
                            struct signals_action *before);

/* An action of `handler` with all signals blocked and a way back that debuggers know. */
struct signals_action signals_action_of(signals_handler *handler, unsigned long flags);

/* Installs `handler`, for good, and remembers what was there. 0 or -errno. */
int signals_take(signals_handler *handler);

/* Installs it again where something else came to stand there. One system call. */
void signals_keep(void);

/*
 * Does with a signal that is not ours what would happen without us: calls the handler
 * that was there, with the signals blocked that it asked for; by default the
 * process ends as soon as our handler returns. May not return: glibc's handler
 * leaves by unwinding when the thread is cancelled.
 */
void signals_pass_on_sigsafe(int number, siginfo_t *info, void *context);

/*
 * Blocks all signals in the calling thread, ours included. Of glibc's own the one is
 * left out that setuid() sends to all threads and waits for. Returns the mask there
 * was, for signals_restore(); preserves errno.
 */
uint64_t signals_block_all_sigsafe(void);
void signals_restore_sigsafe(uint64_t mask);

#endif
