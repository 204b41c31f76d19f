/*
 * What threads wait in: names and groups of the kinds a trace knows (enum trace_wait), so that
 * every report says the same. Stateless.
 */
#ifndef PROFINJECT_MODEL_WAIT_KIND_H
#define PROFINJECT_MODEL_WAIT_KIND_H

#include "analyzer/model/metric.h"
#include "preload/contract/trace_values.h"

#include <stdbool.h>
#include <stdint.h>

/* Kinds that this reader does not know count as one: TRACE_WAIT_KINDS. */
#define WAIT_KIND_OTHER TRACE_WAIT_KINDS
#define WAIT_KIND_COUNT (TRACE_WAIT_KINDS + 1)

static inline uint32_t wait_kind_of(uint64_t kind)
{
    return kind > 0 && kind < TRACE_WAIT_KINDS ? (uint32_t)kind : WAIT_KIND_OTHER;
}

/* Parts of the first screen's line about threads' time, in its order. */
enum wait_group {
    WAIT_GROUP_LOCK,
    WAIT_GROUP_IO,
    WAIT_GROUP_SYNC, /* for other threads and processes, but for locks of theirs */
    WAIT_GROUP_SLEEP,
    WAIT_GROUP_POLL,
    WAIT_GROUP_FILE_LOCK,
    WAIT_GROUP_NAME_LOOKUP,
    WAIT_GROUP_OTHER,
    WAIT_GROUPS
};

/* "mutex", "read lock", ...; "other" of WAIT_KIND_OTHER. */
const char *wait_kind_name(uint32_t kind);
enum wait_group wait_kind_group(uint32_t kind);

/* "lock", "I/O", "sync", ... */
const char *wait_group_name(enum wait_group group);

/* The metric of its own that time in this kind counts for; METRIC_COUNT: none. */
enum metric wait_kind_metric(uint32_t kind);

/* What was waited for has a descriptor: the object is an id, no address. */
bool wait_kind_has_descriptor(uint32_t kind);

/* The frame that stacks of such waits end in: "[off-CPU: mutex]". */
const char *wait_kind_mark(uint32_t kind);

#endif
