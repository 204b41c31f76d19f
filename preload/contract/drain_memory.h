/*
 * What the drain adds of memory beside the threads' own records: how complete the heap's
 * events are, and looks at the process as a whole. Part of the drain; same threading.
 */
#ifndef PROFINJECT_DRAIN_MEMORY_H
#define PROFINJECT_DRAIN_MEMORY_H

#include "preload/contract/drain.h"

/* Usable bytes of the heap's live blocks by the threads' counts, and by those of threads
 * whose slots are free again. Modulo 2^64: threads free what others allocated, and what was
 * allocated before there were counts. */
uint64_t drain_live(struct ring_file *ring);

/* Adds a look at the process's memory to the next pass, whoever makes it. One too many takes
 * the place of the last. By one thread of the process at a time. */
void drain_look(struct ring_file *ring, const struct resident_look *look);

/* The thread is gone, and its slot about to be another's. */
void drain_memory_ended(struct drain *drain, const struct ring_slot *slot);

/* Puts the records into the payload; heap events are there up to `until_ns`. */
void drain_put_memory(struct drain *drain, uint64_t until_ns);

#endif
