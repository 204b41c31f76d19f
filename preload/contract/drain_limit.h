/*
 * How large a trace may get (settings max_size, rotate; trace_format.h, PARTS), for the drain.
 *
 * A chunk that does not fit is not written: the pass is abandoned, as where a write fails, and made
 * again when there is room. In a trace that rotates that is in a new part, whose first chunk
 * starts an epoch, as the first one of every pass made again does: definitions come with it. A chunk that is
 * too large even for an empty part is made again with a single event or sample. Else, and where that
 * does not help, the pass only counts what it reads. A part at the end is
 * kept free of samples, so that how everything ended has room.
 *
 * Same threading as the drain.
 */
#ifndef PROFINJECT_DRAIN_LIMIT_H
#define PROFINJECT_DRAIN_LIMIT_H

#include "preload/contract/drain.h"

/* The chunk does not fit: neither written nor failed. */
#define DRAIN_LIMIT 1

/* True when a chunk of `size` bytes may be written now. */
bool drain_limit_fits(const struct drain *drain, size_t size);

/* True when the trace has parts. */
bool drain_limit_rotates(const struct drain *drain);

/* How many bytes of records a chunk is to have at most besides properties and modules, `most` where
 * there is room: some hardly compress, and of a part no more than an eighth is to be left empty. */
size_t drain_limit_of_chunk(const struct drain *drain, size_t most);

/* True when one more record has room in the chunk, besides `pending` bytes that are not in the payload
 * yet. One always has: whatever is left makes a chunk. */
bool drain_limit_has_room(const struct drain *drain, size_t pending);

/* A write that failed so is worth another try when there is room: what it was to hold may wait. */
bool drain_limit_is_no_room(int status);

/* After DRAIN_LIMIT, when the pass was abandoned: 0 when it is to be made again, `fd` perhaps
 * being another file now; -errno when there is no way. */
int drain_limit_make_room(struct drain *drain, int fd);

/* A record of that type, or that many events of a segment, are read and not written. */
void drain_limit_drop(struct drain *drain, struct ring_slot *slot, struct drain_slot *seen,
                      enum ring_record_type type, const void *record);
void drain_limit_drop_events(struct drain *drain, uint32_t count);

/* What the pass dropped is final, or is to be read again. */
void drain_limit_settled(struct drain *drain);
void drain_limit_abandoned(struct drain *drain);

/* True once, when the trace has become full: `line` says so to the user. */
bool drain_limit_tell(struct drain *drain, const char *trace, char *line, size_t size);

#endif
