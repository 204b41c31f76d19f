/*
 * The stack of a wait that is not over, taken by the thread itself when it is asked
 * (contract/long_waits.h).
 */
#ifndef PROFINJECT_WAIT_STACK_H
#define PROFINJECT_WAIT_STACK_H

#include "preload/threads.h"

#include <ucontext.h>

/* In the handler, called by our own signal: leaves the stack in the slot of the thread, NULL: it is
 * not known, when it is in a hook's wait, or asked where it is (contract/long_looks.h). */
void wait_stack_take_sigsafe(struct ring_file *ring, struct thread *thread,
                             const ucontext_t *context);

/* Who called the hook of a stack that ends in its wait; 0: there is no hook in it. */
uint32_t wait_stack_caller_sigsafe(struct ring_file *ring, uint32_t leaf);

/* Before the process ends, by a thread in ordinary context: waits, for ten milliseconds at most, until the
 * others that have waited for long enough have left theirs. With the wall clock nobody is asked. */
void wait_stacks_collect(struct ring_file *ring);

#endif
