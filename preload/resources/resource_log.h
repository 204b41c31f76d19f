/*
 * What collectors found, until the drain writes it: series, and their values at moments. One log
 * for each trace; the machine's series are in that of whoever was elected to follow it.
 *
 * One thread at a time, that of the drain. All its memory is there from the beginning, without
 * the target's heap; nothing is allocated per moment.
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
 * counted. */
uint32_t resource_log_add(struct resource_log *log, enum resource resource, const char *subject,
                          int tid);

/* From now on there are no values, for that reason ("no permission"): up to 95 bytes. NULL: there
 * are again. What never had an id: of the whole resource, or of `subject`. */
void resource_log_unavailable(struct resource_log *log, uint32_t id, const char *reason);

/* Nobody will put values for it any more, as its thread has ended; the id is not used again. */
void resource_log_end(struct resource_log *log, uint32_t id);

/* A moment begins: what is put belongs to it. Moments are in order. */
void resource_log_moment(struct resource_log *log, uint64_t time_ns);

/* The value at this moment, once for a series, in units of 10^-digits: see catalogue.def. */
void resource_log_put(struct resource_log *log, uint32_t id, int64_t value);

/* It is known to be as it was, without having been read for it: costs nothing. */
void resource_log_unchanged(struct resource_log *log, uint32_t id);

/* True when there should be a pass before long, for want of room. */
bool resource_log_is_full(const struct resource_log *log);

/* Appends TRACE_RESOURCE records (all series when `epoch`, else those that are new or changed) and
 * TRACE_RESOURCES; returns how many. What was written is forgotten by resource_log_written(), and
 * told again after resource_log_abandoned(), as the drain does with what it reads from rings.
 * The times of the first and the last moment told are in *first_ns and *last_ns, 0: none. */
uint32_t resource_log_encode(struct resource_log *log, bool epoch, struct buffer *to,
                             struct buffer *body, uint64_t *first_ns, uint64_t *last_ns);
void resource_log_written(struct resource_log *log);
void resource_log_abandoned(struct resource_log *log);

#endif
