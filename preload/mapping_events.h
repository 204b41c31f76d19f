/*
 * Mappings made and given back, as records in the thread's ring: the slow path behind
 * the hooks of map_hooks.c, some thousand nanoseconds beside a system call.
 *
 * Called in the target's ordinary context, though that may be a signal handler of its
 * own: no lock, no allocation, errno as it was. Waits, in exact mode, while the ring is full.
 */
#ifndef PROFINJECT_MAPPING_EVENTS_H
#define PROFINJECT_MAPPING_EVENTS_H

#include "preload/contract/trace_format.h"

#include <stdbool.h>
#include <stdint.h>

struct ring_file;

/* Events go there from now on; a fork child calls it again. NULL: nowhere, as before the
 * first call. */
void mapping_events_init(struct ring_file *ring);

/* Before the table of mappings is looked at: a fork child's is its parent's until it has begun. */
void mapping_events_begin(void);

struct mapping_event {
    enum trace_mapping kind;
    uint64_t time_ns; /* of what is given back before, of what is made after the call */
    uint64_t address, length;
};

/* Records it, with the stack of the caller where something was made; false when it was not
 * to be, or there was no room. */
bool mapping_events_add(const struct mapping_event *event);

#endif
