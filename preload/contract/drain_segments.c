/*
 * From segments to records. Its own file beside drain.c because segments are given back
 * by other rules than what lies in slots.
 */
#include "preload/contract/drain_segments.h"

#include "preload/contract/drain_batch.h"
#include "preload/contract/drain_encode.h"
#include "preload/contract/drain_limit.h"
#include "preload/contract/encode_exact.h"
#include "preload/contract/encode_heap.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/ticks.h"
#include "preload/contract/trace_parts.h"

#include <limits.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Segments wait until their chunk is written, and what is written should still be in the
 * processor's cache. */
#define CHUNK_BYTES (1u << 20)

static bool is_before(const struct drain_order *a, const struct drain_order *b)
{
    if (a->thread != b->thread)
        return a->thread < b->thread;
    return a->stream != b->stream ? a->stream < b->stream : a->serial < b->serial;
}

/* Shell's: qsort() would take memory from the target's heap. */
static void sort(struct drain_order *order, uint32_t count)
{
    for (uint32_t gap = count / 2; gap > 0; gap /= 2) {
        for (uint32_t i = gap; i < count; i++) {
            struct drain_order moved = order[i];
            uint32_t at = i;
            for (; at >= gap && is_before(&moved, &order[at - gap]); at -= gap)
                order[at] = order[at - gap];
            order[at] = moved;
        }
    }
}

/* Counts as written what is in a chunk that was. */
static void settle(struct ring_segment *segment, uint64_t trace_written)
{
    if (!segment->taken_at || segment->taken_at > trace_written)
        return;
    segment->written = segment->taken;
    segment->written_ticks = segment->taken_ticks;
    segment->written_address = segment->taken_address;
    __atomic_store_n(&segment->taken_at, 0, __ATOMIC_RELEASE);
}

static uint32_t state_of(const struct ring_segment *segment)
{
    return __atomic_load_n(&segment->state, __ATOMIC_ACQUIRE);
}

/* What a ring may say that was found lying about. */
static bool is_sound(const struct drain *drain, const struct ring_segment *segment,
                     uint32_t committed, uint32_t places)
{
    const struct ring_file *ring = drain->ring;
    return segment->stream < RING_STREAMS && segment->slot < ring->slot_count &&
           segment->shift < 8 && segment->written <= committed &&
           committed <= sizeof segment->data && places <= sizeof segment->data / 8 &&
           ring_slot_at(drain->ring, segment->slot)->serial == segment->slot_serial;
}

static struct exact_position position_of(const struct ring_segment *segment)
{
    bool first = segment->written == 0;
    return (struct exact_position){.ticks = first ? segment->ticks : segment->written_ticks,
                                   .address = first ? segment->address : segment->written_address};
}

/* Of the dead nothing is there up to now, but up to the last thing they did: else a program
 * would seem to have lived until somebody looked. */
static void end_at_last_event(struct drain *drain)
{
    const struct ring_pool *pool = &drain->ring->pool;
    uint64_t last = pool->ticks, all = drain->until_ticks - pool->ticks;
    for (uint32_t i = 0; i < drain->order_count; i++) {
        const struct ring_segment *segment = ring_segment_at(drain->ring, drain->order[i].index);
        struct exact_position at = position_of(segment);
        if (!is_sound(drain, segment, segment->committed, segment->places))
            continue;
        encode_exact_skip(&at, segment->data + segment->written,
                          segment->committed - segment->written, segment->shift);
        last = at.ticks > last ? at.ticks : last;
    }
    if (drain->until_ticks <= pool->ticks || last >= drain->until_ticks) /* another boot's */
        return;
    double part = (double)(last - pool->ticks) / (double)all;
    drain->until_ns =
        pool->ticks_ns + (uint64_t)(part * (double)(drain->until_ns - pool->ticks_ns));
    drain->until_ticks = last;
}

void drain_segments_begin(struct drain *drain)
{
    struct ring_file *ring = drain->ring;
    const struct ring_pool *pool = &ring->pool;
    uint32_t count = __atomic_load_n(&pool->count, __ATOMIC_ACQUIRE);
    drain->order_count = drain->order_next = 0;
    if (!count)
        return;
    drain->until_ns = libc_clock_now_sigsafe();
    drain->until_ticks = ticks_now_sigsafe(pool->clock);
    for (uint32_t i = 0; i < count && i < pool->capacity; i++) {
        struct ring_segment *segment = ring_segment_at(ring, i);
        uint32_t state = state_of(segment);
        if (state != RING_SEGMENT_LIVE && state != RING_SEGMENT_FULL)
            continue;
        settle(segment, ring->trace_written);
        drain->order[drain->order_count++] = (struct drain_order){.thread = segment->slot_serial,
                                                                  .serial = segment->serial,
                                                                  .stream = segment->stream,
                                                                  .index = i};
    }
    sort(drain->order, drain->order_count);
    if (drain->dead)
        end_at_last_event(drain);
}

static void put_clock(struct drain *drain, uint64_t ticks, uint64_t when_ns)
{
    drain->records += encode_exact_clock(&drain->payload, &drain->columns, ticks, when_ns);
}

/* Before the first events of a trace, and of an epoch: what times are counted from. */
static void begin_events(struct drain *drain)
{
    const struct ring_pool *pool = &drain->ring->pool;
    if (drain->clock_epoch == drain->epoch)
        return;
    if (!drain->clock_ns) {
        drain->clock_ns = pool->ticks_ns;
        drain->clock_ticks = pool->ticks;
    }
    drain->clock_epoch = drain->epoch;
    put_clock(drain, drain->clock_ticks, drain->clock_ns);
}

static void put_places(struct drain *drain, struct ring_segment *segment, uint32_t count)
{
    struct buffer *body = &drain->columns;
    buffer_varint(body, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct ring_place *place = ring_place_at(segment, i);
        buffer_varint(body, drain_define_node(drain, place->stack));
        buffer_varint(body, place->region);
    }
    drain->records += stack_encoder_finish(&drain->stacks);
}

/* The bytes [from, to), and where the events behind them count from. */
static void put_events(struct drain *drain, struct ring_segment *segment, uint32_t to,
                       uint32_t places, uint32_t thread)
{
    struct buffer *body = &drain->columns;
    struct exact_position at = position_of(segment);
    begin_events(drain);
    buffer_clear(body);
    buffer_varint(body, thread);
    buffer_varint(body, segment->stream);
    buffer_varint(body, segment->serial);
    buffer_varint(body, segment->shift);
    buffer_varint(body, at.ticks);
    buffer_varint(body, at.address);
    put_places(drain, segment, places);
    drain->records += encode_exact_events(&drain->payload, body, segment->data + segment->written,
                                          to - segment->written);
    drain->has_exact = true;
}

static void drop_events(struct drain *drain, const struct ring_segment *segment, uint32_t to)
{
    struct exact_position at = position_of(segment);
    uint32_t count = encode_exact_skip(&at, segment->data + segment->written, to - segment->written,
                                       segment->shift);
    drain_limit_drop_events(drain, count);
}

static void take(struct ring_segment *segment, uint32_t to, bool is_full, uint64_t place)
{
    struct exact_position at = position_of(segment);
    if (!is_full) /* nobody asks where a full one ends */
        encode_exact_skip(&at, segment->data + segment->written, to - segment->written,
                          segment->shift);
    segment->taken = to;
    segment->taken_ticks = at.ticks;
    segment->taken_address = at.address;
    __atomic_store_n(&segment->taken_at, place + 1, __ATOMIC_RELEASE);
}

/* Records of one stream are in order, and a segment that was being claimed when the pass
 * began is not in it: those behind wait for the next. Nobody is left to claim one of the
 * dead's. */
static bool is_next(const struct drain *drain, const struct drain_order *entry,
                    const struct ring_slot *slot)
{
    const struct drain_order *before = entry - 1;
    if (drain->dead)
        return true;
    if (entry > drain->order && before->thread == entry->thread && before->stream == entry->stream)
        return before->whole && before->serial + 1 == entry->serial;
    return slot->next_segment[entry->stream] == entry->serial;
}

static void put_segment(struct drain *drain, struct drain_order *entry)
{
    struct ring_segment *segment = ring_segment_at(drain->ring, entry->index);
    bool is_full = state_of(segment) == RING_SEGMENT_FULL; /* before what it holds */
    uint32_t committed = __atomic_load_n(&segment->committed, __ATOMIC_ACQUIRE);
    uint32_t places = __atomic_load_n(&segment->places, __ATOMIC_RELAXED);
    if (!is_sound(drain, segment, committed, places))
        return;
    struct ring_slot *slot = ring_slot_at(drain->ring, segment->slot);
    struct drain_slot *seen = &drain->slots[segment->slot];
    drain_define_thread(drain, slot, seen);
    if (!is_next(drain, entry, slot))
        return;
    entry->whole = is_full;
    if (committed > segment->written && drain->dropping)
        drop_events(drain, segment, committed);
    else if (committed > segment->written)
        put_events(drain, segment, committed, places, seen->number);
    if (committed > segment->written || is_full)
        take(segment, committed, is_full, trace_place(drain->part, drain->bytes_written));
}

bool drain_segments_put(struct drain *drain)
{
    const uint64_t most = drain_limit_of_events(drain, CHUNK_BYTES);
    drain->has_exact = false;
    drain->order_first = drain->order_next;
    /* One at least: a chunk of definitions alone may fill a part, and the next one begin another,
     * again and again. */
    while (drain->order_next < drain->order_count &&
           (drain->payload.size < most || !drain->has_exact))
        put_segment(drain, &drain->order[drain->order_next++]);
    bool more = drain->order_next < drain->order_count;
    if (!drain->has_exact)
        return more;
    drain_note_time(drain, drain->clock_ns);
    if (!more) {
        drain->clock_ticks = drain->until_ticks;
        drain->clock_ns = drain->until_ns;
    }
    put_clock(drain, drain->clock_ticks, drain->clock_ns);
    drain_note_time(drain, drain->until_ns);
    return more;
}

/* A full segment that was written is anybody's. */
static void give_back(struct drain *drain, const struct drain_order *entry)
{
    struct ring_pool *pool = &drain->ring->pool;
    struct ring_segment *segment = ring_segment_at(drain->ring, entry->index);
    struct ring_slot *slot = ring_slot_at(drain->ring, segment->slot);
    slot->next_segment[entry->stream] = entry->serial + 1;
    slot->segments_written++;
    __atomic_store_n(&segment->state, RING_SEGMENT_FREE, __ATOMIC_RELEASE);
    __atomic_sub_fetch(&pool->full, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&pool->freed, 1, __ATOMIC_RELEASE); /* pairs with who waits */
}

void drain_segments_written(struct drain *drain)
{
    struct ring_pool *pool = &drain->ring->pool;
    uint32_t freed = pool->freed;
    if (drain->has_exact) {
        pool->ticks = drain->clock_ticks;
        pool->ticks_ns = drain->clock_ns;
    }
    for (uint32_t i = drain->order_first; i < drain->order_next; i++) {
        struct drain_order *entry = &drain->order[i];
        struct ring_segment *segment = ring_segment_at(drain->ring, entry->index);
        if (!segment->taken_at)
            continue;
        settle(segment, UINT64_MAX); /* or dropped */
        if (entry->whole)
            give_back(drain, entry);
    }
    if (!drain->dead && freed != pool->freed)
        syscall(SYS_futex, &pool->freed, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    drain->order_first = drain->order_next;
}

void drain_segments_abandoned(struct drain *drain)
{
    for (uint32_t i = drain->order_first; i < drain->order_next; i++)
        ring_segment_at(drain->ring, drain->order[i].index)->taken_at = 0;
    drain->order_next = drain->order_count = drain->order_first = 0;
}

bool drain_segments_all_written(const struct drain *drain, const struct ring_slot *slot)
{
    return drain->dead ||
           __atomic_load_n(&slot->segments, __ATOMIC_RELAXED) == slot->segments_written;
}
