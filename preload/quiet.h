/*
 * Where a handler may do what ordinary code does: nothing but code of the target's own is
 * under way in its thread, no C library, no loader, no allocator, nobody who stands
 * before them, whose locks it may hold, and not we. For signal handlers.
 */
#ifndef PROFINJECT_QUIET_H
#define PROFINJECT_QUIET_H

#include "preload/threads.h"

/* `allocator`: an address in the one behind our hooks, 0: it is not known. */
void quiet_init(uint64_t allocator);

/* Behind a sample of the thread, by its walk: and it is on its own stack, with room for
 * making files and threads. */
bool quiet_is_here_sigsafe(const struct thread *thread);

#endif
