/* Blocking them. Its own file because retry.c is the handler's half. */
#include "preload/held_signals.h"

#include "preload/confinement.h"
#include "preload/signals.h"

#include <pthread.h>
#include <string.h>

struct held_signals held_signals_begin(bool wanted)
{
    struct held_signals signals = {.held = wanted && !confinement_any_sigsafe()};
    if (!signals.held)
        return signals;
    pthread_testcancel(); /* what cleans up then has the mask it would have */
    signals.before = signals_block_all_sigsafe();
    return signals;
}

void held_signals_end(const struct held_signals *signals)
{
    if (signals->held)
        signals_restore_sigsafe(signals->before);
}

sigset_t held_signals_mask(const struct held_signals *signals)
{
    sigset_t mask;
    sigemptyset(&mask);
    memcpy(&mask, &signals->before, sizeof signals->before);
    return mask;
}
