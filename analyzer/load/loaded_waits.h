/*
 * What one trace tells of waits besides entries. Threads are numbered as in the trace, stacks are
 * raw ones. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_LOADED_WAITS_H
#define PROFINJECT_LOAD_LOADED_WAITS_H

#include "analyzer/load/wait_ledger.h"
#include "analyzer/util/strings.h"

struct loaded_waits {
    struct wait_ledger ledger;
    bool has_scheduling;
    struct trace_waited_object *objects; /* by id; id 0: not defined. Names are interned */
    size_t object_count, object_capacity;
};

void loaded_waits_init(struct loaded_waits *waits);
void loaded_waits_release(struct loaded_waits *waits);

void loaded_waits_object(struct loaded_waits *waits, struct strings *strings,
                         const struct trace_waited_object *object);

#endif
