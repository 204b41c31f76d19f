/*
 * Tasks of the process that are not in the books: which of them are threads that nobody told us
 * of. Its own file because one that has told its end looks the same until the kernel is done with
 * it, which takes long where it has to wait for a processor.
 *
 * Under the threads' lock; owns nothing. Not for signal handlers.
 */
#ifndef PROFINJECT_STRANGERS_H
#define PROFINJECT_STRANGERS_H

#include <stdbool.h>
#include <stdint.h>

/* Knows nobody. */
void strangers_clear(void);

/* A thread leaves the books; `cpu_ns` of CPU time it has had. */
void strangers_note_end(int tid, uint64_t cpu_ns);

/* A scan meets a task. True when it is a thread of its own: the scan before met it as well, or
 * that is not asked for (`at_once`), and it is not about to end. */
bool strangers_meet(int tid, bool at_once);

/* The scan is over: who was not met is gone. */
void strangers_scanned(void);

#endif
