/*
 * Waits that end by a signal's handler alone: sigsuspend(), pause(), and those with a mask of
 * their own (ppoll() and the like). Such a call made once more, because a signal of ours ended it
 * (retry.h), must not miss that a handler of the target's has run meanwhile: nobody would ever
 * wake it again.
 *
 * The handler's note cannot tell when ours comes while theirs is just returning, in the kernel,
 * and CPU clocks tick there more than anywhere: where system calls end. So around such a call all
 * signals are blocked, and the mask of the call lets them in. What has come before the note is
 * then seen to have run; what comes after it waits for the call made once more.
 */
#ifndef PROFINJECT_HELD_SIGNALS_H
#define PROFINJECT_HELD_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct held_signals {
    bool held;
    uint64_t before; /* the mask there was */
};

/* Blocks them, when `wanted` and where nothing may kill for it. A cancellation point, as what
 * comes next is one. */
struct held_signals held_signals_begin(bool wanted);

/* Lets them go; preserves errno. */
void held_signals_end(const struct held_signals *signals);

/* The mask there was, for a call that would have had it. */
sigset_t held_signals_mask(const struct held_signals *signals);

/* From here to the end of the block. */
#define HOLD_SIGNALS(name, wanted)                                                      \
    const struct held_signals name __attribute__((cleanup(held_signals_end), unused)) = \
        held_signals_begin(wanted)

#endif
