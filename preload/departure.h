/*
 * Threads that leave our books before the process ends: by an exit that the C library hears of
 * or does not, or because strict seccomp mode forbids whatever we could do for them. With the
 * last of them the session ends, and our own thread is gone before: a process ends with its
 * last thread, whoever's that is, and with that one's status.
 *
 * Not for signal handlers. errno changes.
 */
#ifndef PROFINJECT_DEPARTURE_H
#define PROFINJECT_DEPARTURE_H

#include "preload/contract/trace_format.h"

#include <stdbool.h>

/* The last thread there was has left by pthread_exit or its like. */
void departure_of_last(void);

/* The calling thread is about to end, by the system call and with `status`. */
void departure_by_exit(int status);

/* The calling thread asks for strict mode. If it will get it, it is out of our books for good:
 * its samples and counts stay, its clock stands, what it comes by passes through
 * (confinement_is_strict_sigsafe()). */
void departure_into_strict(void);

/*
 * For the servant: true when no thread is left but itself, `servant`, and those in strict mode;
 * they then ended where no hook is, and as *kind and *status say. While there are threads in
 * the books it costs nothing, else it opens files of /proc.
 */
bool departure_is_over(int servant, enum trace_end *kind, int *status);

/* The session has ended so, its trace is written. Where only the servant is left the process
 * ends, as the first thread did, whose status is the one the kernel keeps; else it returns. */
void departure_end_process(void);

#endif
