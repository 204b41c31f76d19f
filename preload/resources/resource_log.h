/*
 * What collectors found, until the drain writes it: series, and their values at moments. One log
 * for each trace; the machine's series are in that of whoever was elected to follow it.
 *
 * One thread at a time, that of the drain. All its memory is there from the beginning, without
 * the target's heap, made as it is touched; nothing is allocated per moment.
 */
#ifndef PROFINJECT_RESOURCES_RESOURCE_LOG_H
#define PROFINJECT_RESOURCES_RESOURCE_LOG_H

#include "preload/contract/buffer.h"
#include "preload/resources/catalogue.h"

#include <stdbool.h>
#include <stdint.h>

struct resource_log;

/* NULL when there is no memory. */
struct resource_log *resource_log_new(void);
void resource_log_free(struct resource_log *log); /* NULL is allowed */

/* Defines a series; `subject`: NULL for none, copied, cut at 63 bytes; `tid` 0 but for those of
 * threads. Returns its id, 0 when there are too many: what is put for that is left out, and
 * counted. One that there is already, of no thread, is gone on with. */
uint32_t resource_log_add(struct resource_log *log, enum resource resource, const char *subject,
                          int tid);

/* From now on there are no values, for that reason ("no permission"): up to 95 bytes. NULL: there
 * are again. What never had an id: of the whole resource, or of `subject`. */
void resource_log_unavailable(struct resource_log *log, uint32_t id, const char *reason);

/* Nobody will put values for it any more, as its thread has ended; the id is not used again. */
void resource_log_end(struct resource_log *log, uint32_t id);

/* A moment begins: what is put belongs to it. Moments are in order; one that is not later than the
 * one before is that one. */
void resource_log_moment(struct resource_log *log, uint64_t time_ns);

/* The value at this moment, once for a series, in units of 10^-digits: see catalogue.def. One that
 * is as it was costs nothing. */
void resource_log_put(struct resource_log *log, uint32_t id, int64_t value);

/* Likewise at the moment before, of a series that has no value yet: what it began with. */
void resource_log_put_before(struct resource_log *log, uint32_t id, int64_t value);

/* It is known to be as it was, without having been read for it: costs nothing. */
void resource_log_unchanged(struct resource_log *log, uint32_t id);
/* Likewise all of a scope, but for control groups: others are in them. */
void resource_log_all_unchanged(struct resource_log *log, enum trace_scope scope);

/* How long ago the first moment began that was not written yet, 0: there is none. */
uint64_t resource_log_waits_ns(const struct resource_log *log, uint64_t now_ns);

/* How long ago the first moment of all began. */
uint64_t resource_log_age_ns(const struct resource_log *log, uint64_t now_ns);

/* True when there should be a pass before long, for want of room. */
bool resource_log_is_full(const struct resource_log *log);

/* Somebody wants what there is in the trace by the next pass. */
void resource_log_want(struct resource_log *log); /* NULL is allowed */
bool resource_log_is_wanted(const struct resource_log *log);

/* Values that found no room, cumulative. */
uint64_t resource_log_lost(const struct resource_log *log);

/* Appends TRACE_RESOURCE records (of all series in use when `epoch` is another than before, else
 * of those that are new or changed) and TRACE_RESOURCES; returns how many. `last`: there will be no
 * more: series that did not change get a point. What was written is forgotten by
 * resource_log_written(), and told again after anything else. Begin and end of the moments
 * told are in *first_ns and *last_ns, 0: none. */
uint32_t resource_log_encode(struct resource_log *log, uint64_t epoch, bool last, struct buffer *to,
                             struct buffer *body, uint64_t *first_ns, uint64_t *last_ns);
void resource_log_written(struct resource_log *log);

/* Forgets what was to be written, which has no room in the trace, and counts it as lost. */
void resource_log_drop(struct resource_log *log);

#endif
