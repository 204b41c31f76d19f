/*
 * Regions: parts of the program's run that it names itself, nested per thread. A name
 * is looked up by content among those below the enclosing region, so equal paths are
 * one region over all threads.
 *
 * From any thread, for itself; not from handlers, which only read thread->region.
 */
#ifndef PROFINJECT_REGIONS_H
#define PROFINJECT_REGIONS_H

#include "preload/contract/ring_format.h"
#include "preload/threads.h"

#include <stdbool.h>
#include <stddef.h>

/* The ring regions lie in: none is there yet. */
void regions_use_ring(struct ring_file *ring);

/* Enters, leaves. Deeper than THREAD_REGIONS, or without room for another name, time
 * belongs to the region around; a pop too many does nothing. */
void regions_push(const char *name);
void regions_pop(void);

/* Leaves every region of the calling thread: it ends. */
void regions_leave_all(void);

/* In a fork child: remembers where it stands before the parent's ring goes, and
 * stands there again in its own, from now on. */
void regions_fork_save(const struct thread *thread);
void regions_fork_restore(void);

/* What was left out, as a line; false: nothing. */
bool regions_complaint(char *line, size_t size);

#endif
