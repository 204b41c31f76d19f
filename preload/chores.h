/*
 * What only a thread of the process can do for whoever drains it from outside (outside.h): the
 * keeper says that it is time, and the next thread that may does it.
 *
 * A thread may in our hooks, on the way of an allocation; and in our handler where nothing but
 * code of the target's own is under way (quiet.h), for a program that computes calls nothing.
 * A program that sleeps has no chores: nothing happens.
 */
#ifndef PROFINJECT_CHORES_H
#define PROFINJECT_CHORES_H

#include "preload/threads.h"

#include <signal.h>

void chores_use_ring(struct ring_file *ring);

/* In ordinary code: does what waits. errno is as before. */
void chores_at_hook(void);

/* False when they are under way and do not end. Else there are none until they are released. */
bool chores_hold(void);
void chores_release(void);

/* In the handler, behind a sample of the thread. */
void chores_after_sample_sigsafe(struct thread *thread);

/* True when the signal comes from the keeper: switched is at once where it can be, else
 * when it comes again. */
bool chores_called_sigsafe(const siginfo_t *info);

#endif
