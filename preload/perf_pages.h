/*
 * Memory that events of the kernel write to, one place per clock event, for handlers
 * to read. A handler may still be reading when its event ends: so a place is never
 * taken away, only emptied, and reads as zeros until an event is there again.
 *
 * The servant maps and empties; handlers read. Nothing else is kept here.
 */
#ifndef PROFINJECT_PERF_PAGES_H
#define PROFINJECT_PERF_PAGES_H

#include <stddef.h>

#define PERF_PAGES_SIZE 4096u
#define PERF_PAGES_PLACE 8u /* pages of one event, with those of its counters */

/* Maps `pages` pages of descriptor `fd` at page `at` of `place`. NULL with errno set. */
void *perf_pages_map(unsigned place, unsigned at, int fd, unsigned pages);

/* Empties all of it. */
void perf_pages_clear(unsigned place);

/* In a fork child: none of it is there any more. */
void perf_pages_forget(void);

#endif
