/*
 * The process's ring file (ring_format.h), seen from the producing side: making
 * it, giving slots to threads, and putting records in.
 *
 * One ring file per process image. Functions ending in _sigsafe may be called in
 * signal handlers.
 */
#ifndef PROFINJECT_RING_H
#define PROFINJECT_RING_H

#include "preload/contract/ring_format.h"

#include <stdbool.h>

/* Rings made from now on have room for so many segments of exact heap events. */
void ring_want_segments(uint32_t capacity);

/*
 * Makes and maps RINGS/profinject.ID.PID.ring. NULL when that fails, with -errno
 * in *status. `path` (of `path_size` bytes) gets its name.
 */
struct ring_file *ring_open(const char *rings, uint64_t recording_id, char *path, size_t path_size,
                            int *status);

/*
 * In a fork child: takes the place of the parent's ring by an empty one of the same size at
 * the same address, in memory that is nobody else's, and costs nothing until it is touched.
 * 0; or -errno, and there is no ring.
 */
int ring_renew(struct ring_file *ring);

/* Makes the file for it after all, as ring_open() does, and puts it with all that the
 * ring holds in its place. Nobody may produce meanwhile. 0 or -errno: it is as before. */
int ring_share(struct ring_file *ring, const char *rings, uint64_t recording_id, char *path,
               size_t path_size);

/* True when it is memory of this process's alone, without a file. */
bool ring_is_private(void);

/* A fork child that still has its parent's ring adds itself to the children of a moment, with
 * its CPU time. False: no more are taken. ring_open_children() takes them again. */
bool ring_count_child(struct ring_file *ring, uint64_t cpu_ns);
void ring_open_children(struct ring_file *ring);

/* Unmaps it; the file stays unless the caller unlinks it. */
void ring_close(struct ring_file *ring);

/* Gives memory to more stack nodes when fewer than a pass may need are left.
 * Called by the servant, and by whoever must have a node now. */
void ring_extend_nodes(struct ring_file *ring);

/* A free slot for a starting thread, zeroed but for positions, in state CLAIMED: the
 * caller fills it in and makes it LIVE. NULL when there is none. Lock-free; not for
 * signal handlers. */
struct ring_slot *ring_claim_slot(struct ring_file *ring);

/* Gives memory of free slots back, half of those at the end each time: who needs them
 * again soon finds some. Nobody may claim a slot or drain meanwhile. */
void ring_trim_slots(struct ring_file *ring);

/* Number of the slot in the file. */
uint32_t ring_slot_index(struct ring_file *ring, const struct ring_slot *slot);

/*
 * Room for a record of `size` bytes (a multiple of 8), or NULL when the ring is
 * full. The caller fills in everything but the first word and commits. Called by
 * the slot's thread, its signal handlers, and the servant.
 */
void *ring_reserve_sigsafe(struct ring_slot *slot, uint32_t size);

/* Likewise, for an event of the heap or a mapping; NULL when more than `fill` bytes of the ring
 * are in use. At half of it the servant is told. */
struct ring_heap *ring_reserve_event_sigsafe(struct ring_slot *slot, uint64_t fill);

/* Likewise, for waits. */
struct ring_wait *ring_reserve_wait_sigsafe(struct ring_slot *slot, uint64_t fill);

/* Makes the record visible to the drain. */
void ring_commit_sigsafe(void *record, uint32_t size, enum ring_record_type type);

/* Gives object `id` memory, and region `number`. False when there is none. */
bool ring_extend_objects_sigsafe(struct ring_file *ring, uint32_t id);
bool ring_extend_regions(struct ring_file *ring, uint32_t number);

#endif
