/*
 * No call of the target's ends early because of a signal of ours. The kernel restarts
 * most system calls by itself (SA_RESTART); those that wait with a time-out, and a
 * few others, fail with EINTR whatever the handler asked for.
 *
 * The handler notes in the thread that it interrupted a system call about to fail so;
 * the hook around the C library's function then calls again. A signal of the target's
 * own ends the call as ever. System calls made without the C library are not covered.
 */
#ifndef PROFINJECT_RETRY_H
#define PROFINJECT_RETRY_H

#include "preload/platform.h"

#include <stdint.h>
#include <ucontext.h>

/* Not 0: the thread's last system call was ended by a signal of ours alone. Cleared
 * by hooks before they call. */
extern __thread uintptr_t retry_noted
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* Called by our handler with what it interrupted, last of all: a signal of the target's
 * that comes after it has looked is taken for one that came before the call. So is one whose
 * handler was just returning: ours then finds the registers as it would have alone, and the
 * target's call, which that handler should have ended, goes on. Calls with a mask of their own
 * are safe from both (held_signals.h); the others miss a signal without us too, when it comes
 * just before them. Preserves errno. One system call, and only where another was just about to
 * fail with EINTR. */
void retry_note_sigsafe(const ucontext_t *context);

/* In strict mode nothing can be asked: as if no other signal had come. */
void retry_note_strict_sigsafe(const ucontext_t *context);

#endif
