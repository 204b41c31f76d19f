/*
 * What processes of other users left of a recording (preload/contract/annex.h).
 */
#ifndef PROFINJECT_RECORD_ANNEXES_H
#define PROFINJECT_RECORD_ANNEXES_H

#include "preload/contract/recording.h"

#include <stddef.h>

/* Moves the traces and messages that its annexes hold into `recording`; returns how many traces.
 * What cannot be moved stays. Trusts nothing in there: other users made it. */
size_t annexes_take_in(const struct recording *recording);

#endif
