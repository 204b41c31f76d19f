/*
 * Counters of the program's own naming: added up per thread in its slot, charged by
 * the handler to the thread's next sample.
 */
#ifndef PROFINJECT_COUNTERS_H
#define PROFINJECT_COUNTERS_H

#include "preload/contract/ring_format.h"
#include "preload/threads.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The ring counters go to. A fork child calls it again: counting starts at 0. */
void counters_use_ring(struct ring_file *ring);

/* Number of the counter `name` (cut at RING_NAME - 1 bytes), made when it is new; -1
 * when there is no room. From any thread; not from handlers. */
int counters_find(const char *name, uint32_t kind);

/* Adds to the calling thread's count. What finds no counter, or no slot, is told by
 * counters_complaint(). */
void counters_add(const char *name, int64_t delta);

/* Commits what `thread` added to counters since its sample before, for this one. */
void counters_take_sigsafe(struct ring_file *ring, struct thread *thread, uint32_t stack,
                           uint64_t time_ns);

/* What was not counted, as a line; false: nothing. */
bool counters_complaint(char *line, size_t size);

#endif
