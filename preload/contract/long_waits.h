/*
 * Where threads are that have been in a hook's wait for long: a hook takes the stack of a wait that
 * is over, and who sleeps until the process is killed, or hangs, would have none. Such a thread
 * is sent our signal, once a wait, and its handler leaves the stack in its slot
 * (wait_stack.h). Hooks go on waiting behind a signal of ours.
 *
 * Asking: whoever drains the ring, or the process at its end; system calls. One at a time.
 */
#ifndef PROFINJECT_LONG_WAITS_H
#define PROFINJECT_LONG_WAITS_H

#include "preload/contract/ring_format.h"

#define LONG_WAITS_NS 1000000000u

/* Asks threads of process `pid` that have waited for `least_ns`, and were not asked in this wait.
 * Returns how many. Not while a thread execs. */
uint32_t long_waits_ask(struct ring_file *ring, int pid, uint64_t least_ns);

/* What asking hangs on: the thread has a handler for our signal; reading from the descriptor goes on
 * behind it. */
bool long_waits_has_handler(int pid, int tid);
bool long_waits_reads_on(int pid, int fd);

/* Asks one thread, whatever it does. False when none may be asked now. */
bool long_waits_ask_one(struct ring_file *ring, int pid, const struct ring_slot *slot);

/* Threads asked, not those that then ceased to wait, of which nothing has come. */
uint32_t long_waits_unanswered(const struct ring_file *ring);

/* Before exec: a signal on its way would end the next program. Behind one that failed: opened again. */
void long_waits_close(struct ring_file *ring);
void long_waits_open(struct ring_file *ring);

#endif
