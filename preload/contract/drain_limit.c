/* The limit of a trace. Its own file because it knows sizes and nothing of what is written. */
#include "preload/contract/drain_limit.h"

#include "preload/contract/trace_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define END_ROOM (1u << 20) /* at most: of threads and how it all ended */

/* What is read waits until its chunk is written, and what is written should still be in the
 * processor's cache. */
#define CHUNK_BYTES (1u << 20)

/* Parts in a row that may come to nothing: what stands before events, as threads' names, may fill one
 * and begin the next as well. In the second there is one event alone. */
#define STUCK_MAX 2u

bool drain_limit_rotates(const struct drain *drain)
{
    return drain->ring->max_size && drain->ring->rotates && drain->trace;
}

/* What has to stay free behind the chunk: all of it behind samples, half of it behind threads
 * that ended later. */
static uint64_t room_kept(const struct drain *drain)
{
    uint64_t eighth = drain->ring->max_size / 8;
    uint64_t room = eighth < END_ROOM ? eighth : END_ROOM;
    return drain->ending ? 0 : drain->dropping ? room / 2 : room;
}

bool drain_limit_is_no_room(int status)
{
    return status == -ENOSPC || status == -EDQUOT || status == -EFBIG;
}

bool drain_limit_fits(const struct drain *drain, size_t size)
{
    uint64_t max = drain->ring->max_size, end = drain->bytes_written + size;
    if (!max)
        return true;
    return end <= (drain_limit_rotates(drain) ? max / TRACE_PARTS : max - room_kept(drain));
}

size_t drain_limit_of_chunk(const struct drain *drain, size_t most)
{
    uint64_t eighth = drain->ring->max_size / TRACE_PARTS / 8;
    return eighth && eighth < most ? (size_t)eighth : most;
}

bool drain_limit_has_room(const struct drain *drain, size_t pending)
{
    size_t there = drain->payload.size - drain->definitions + pending;
    return drain->dropping || !there ||
           (!drain->single && there < drain_limit_of_chunk(drain, CHUNK_BYTES));
}

static int begin_part(struct drain *drain, int fd)
{
    int status = trace_part_begin(drain->directory, drain->trace, drain->part + 1, fd);
    if (status != 0)
        return status;
    drain->part++;
    drain->bytes_written = 0;
    __atomic_store_n(&drain->ring->trace_written, trace_place(drain->part, 0), __ATOMIC_RELEASE);
    return 0;
}

int drain_limit_make_room(struct drain *drain, int fd)
{
    bool rotates = drain_limit_rotates(drain);
    bool begins = rotates && drain->bytes_written && drain->stuck < STUCK_MAX;
    if (begins || (rotates && !drain->single)) {
        drain->single |= !begins || drain->stuck > 0;
        drain->stuck += begins;
        return begins ? begin_part(drain, fd) : 0;
    }
    if (drain->dropping && (!drain->ending || drain->brief_end))
        return -EFBIG;
    drain->brief_end = drain->dropping;
    drain->dropping = true;
    drain->full |= !rotates;
    drain->crowded |= rotates;
    return 0;
}

void drain_limit_drop(struct drain *drain, struct ring_slot *slot, struct drain_slot *seen,
                      enum ring_record_type type, const void *record)
{
    struct ring_file *ring = drain->ring;
    if (type == RING_SAMPLE) {
        seen->dropped++;
        slot->dropped++;
        drain->dropped.samples++;
        ring->unwinding.counts[TRACE_UNWINDING_NO_TRACE]++;
    } else if (type == RING_HEAP) {
        drain_limit_drop_events(drain, 1);
    } else if (type == RING_MAPPING) {
        drain->dropped.mappings++;
        __atomic_add_fetch(&ring->mappings_lost, 1, __ATOMIC_RELAXED);
    } else if (type == RING_WAIT) {
        const struct ring_wait *wait = record;
        drain->dropped.waits += wait->count;
        __atomic_add_fetch(&ring->waits_lost, wait->count, __ATOMIC_RELAXED);
    }
}

void drain_limit_drop_events(struct drain *drain, uint32_t count)
{
    drain->dropped.heap += count;
    __atomic_add_fetch(&drain->ring->heap_lost, count, __ATOMIC_RELAXED);
}

void drain_limit_settled(struct drain *drain)
{
    for (uint32_t i = 0; drain->dropped.samples && i < drain->ring->slot_count; i++)
        drain->slots[i].dropped = 0;
    memset(&drain->dropped, 0, sizeof drain->dropped);
}

void drain_limit_abandoned(struct drain *drain)
{
    struct ring_file *ring = drain->ring;
    for (uint32_t i = 0; drain->dropped.samples && i < ring->slot_count; i++)
        ring_slot_at(ring, i)->dropped -= drain->slots[i].dropped;
    ring->unwinding.counts[TRACE_UNWINDING_NO_TRACE] -= drain->dropped.samples;
    __atomic_sub_fetch(&ring->heap_lost, drain->dropped.heap, __ATOMIC_RELAXED);
    __atomic_sub_fetch(&ring->mappings_lost, drain->dropped.mappings, __ATOMIC_RELAXED);
    __atomic_sub_fetch(&ring->waits_lost, drain->dropped.waits, __ATOMIC_RELAXED);
    drain_limit_settled(drain);
}

bool drain_limit_tell(struct drain *drain, const char *trace, char *line, size_t size)
{
    unsigned long long most = drain->ring->max_size;
    if ((!drain->full && !drain->crowded) || drain->full_told)
        return false;
    drain->full_told = true;
    if (drain->full)
        snprintf(line, size,
                 "process %d: trace '%s' is as large as --max-size allows, %llu bytes: what "
                 "follows is counted as lost",
                 (int)drain->ring->pid, trace, most);
    else
        snprintf(line, size,
                 "process %d: the files of trace '%s', of a quarter of --max-size, %llu bytes, are "
                 "too small for what each begins with: what finds no room is counted as lost",
                 (int)drain->ring->pid, trace, most / TRACE_PARTS);
    return true;
}
