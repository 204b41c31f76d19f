/*
 * Progress on stderr, for a person who waits: one line, shown only on a terminal
 * and only when the work has lasted half a second, wiped away at its end.
 *
 * One piece of work at a time, by one thread: the line is the process's. A thread of its own
 * says how long a step already takes that goes on for most of a second.
 */
#ifndef PROFINJECT_UTIL_PROGRESS_H
#define PROFINJECT_UTIL_PROGRESS_H

#include <stddef.h>

/* Begins work whose steps are then told. */
void progress_begin(void);

/* `done` of `total` steps of `what` ("reading traces") are done; a total of 0: nobody knows.
 * Cheap enough to be called for every file, not for every sample. */
void progress_step(const char *what, size_t done, size_t total);

/* Ends the work and removes the line. */
void progress_end(void);

#endif
