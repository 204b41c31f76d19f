/*
 * Who records exact heap events of threads that are not profiled, or no longer: a thread in
 * name only, "(others)", with a slot of its own, for one of them at a time.
 *
 * Called in the target's ordinary context. errno as it was.
 */
#ifndef PROFINJECT_HEAP_OTHERS_H
#define PROFINJECT_HEAP_OTHERS_H

#include "preload/threads.h"

#include <stdint.h>

/* The ring is new. */
void heap_others_init(struct ring_file *ring);

/* It is the caller's alone until heap_others_leave(), and nothing interrupts the caller:
 * `signals` are those it had blocked. NULL when there is no room for it, or somebody does not
 * leave. */
struct thread *heap_others_take(uint64_t *signals);
void heap_others_leave(uint64_t signals);

#endif
