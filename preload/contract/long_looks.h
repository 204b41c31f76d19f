/*
 * Where threads are that have not run for long, in no wait that a hook sees: in the C library's own
 * system calls, or such as are made without it. What they wait for /proc tells; a thread whose
 * call the kernel goes on with behind a signal is asked for its stack, once a wait, as in
 * long_waits.h. What is found stands in the thread's slot, and the drain tells of it as of a stretch
 * off the processor.
 *
 * By whoever drains the ring, unless the wall clock looks. A look costs 5 us a thread.
 */
#ifndef PROFINJECT_LONG_LOOKS_H
#define PROFINJECT_LONG_LOOKS_H

#include "preload/contract/ring_format.h"

/* Looks at all threads of process `pid`, if a look is due. */
void long_looks_look(struct ring_file *ring, int pid);

/* From when on it is to be told of. */
uint64_t long_looks_from_ns(const struct ring_look *look);

/* True when there is something to tell of the thread; `last`: it is the last time. */
bool long_looks_has_news(const struct ring_slot *slot, bool last);

/* That has been told up to there. */
void long_looks_told(struct ring_slot *slot, uint64_t until_ns);

/* In the handler of a thread that is in no hook's wait: whether its stack is asked for, and the
 * answer. */
bool long_looks_asks_sigsafe(const struct ring_slot *slot);
void long_looks_answer_sigsafe(struct ring_slot *slot, uint32_t stack);

#endif
