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

#define PLACE_BYTES 4u /* of a place in a record, and of a stack's frame, as they come mostly */
#define NODE_BYTES 5u
#define PLACES_MAX (sizeof(((struct ring_segment *)0)->data) / sizeof(struct ring_place))

/* What of a segment goes into a record: bytes up to `to`, and places, whose number is above that
 * of the last one they name; of those only they name, unless all do. */
struct share {
    uint32_t to, places;
    bool whole;
    uint8_t named[(PLACES_MAX + 7) / 8];
};

static bool is_named(const struct share *share, uint32_t place)
{
    return share->whole || (share->named[place / 8] >> place % 8 & 1);
}

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

/* Counts as written what is in a chunk that was. What is in none will not be: the trace goes on
 * without it. */
static void settle(struct ring_segment *segment, uint64_t trace_written)
{
    if (segment->taken_at && segment->taken_at <= trace_written) {
        segment->written = segment->taken;
        segment->written_ticks = segment->taken_ticks;
        segment->written_address = segment->taken_address;
    }
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

/* About what the segment's rest would add to the chunk, as far as that has room; more where its stacks
 * are new and alike. */
static size_t weigh(const struct drain *drain, struct ring_segment *segment, uint32_t to,
                    uint32_t places)
{
    size_t bytes = to - segment->written + places * PLACE_BYTES;
    for (uint32_t i = 0; i < places && drain_limit_has_room(drain, bytes); i++)
        bytes += drain_count_unknown(drain, ring_place_at(segment, i)->stack) * NODE_BYTES;
    return bytes;
}

/* Takes events while there is room, one at least, and defines the stacks they name. */
static void fill_share(struct drain *drain, struct ring_segment *segment, uint32_t committed,
                       uint32_t places, struct share *share)
{
    struct exact_position at = position_of(segment);
    size_t pending = 0;
    share->to = segment->written;
    while (share->to < committed) {
        struct exact_event event;
        share->to += encode_exact_next(&at, segment->data + share->to, committed - share->to,
                                       segment->shift, &event);
        if (event.kind >= TRACE_HEAP_EXACT_ALLOC && event.place < places &&
            !is_named(share, event.place)) {
            share->named[event.place / 8] |= (uint8_t)(1u << event.place % 8);
            share->places = event.place < share->places ? share->places : event.place + 1;
            drain_define_node(drain, ring_place_at(segment, event.place)->stack);
            pending += PLACE_BYTES;
        }
        if (event.kind != TRACE_HEAP_EXACT_RESIZED && /* what it became is to follow */
            !drain_limit_has_room(drain, stack_encoder_pending(&drain->stacks) + share->to -
                                             segment->written + pending))
            break;
    }
    drain->records += stack_encoder_finish(&drain->stacks);
}

static void put_places(struct drain *drain, struct ring_segment *segment, const struct share *share)
{
    struct buffer *body = &drain->columns;
    buffer_varint(body, share->places);
    for (uint32_t i = 0; i < share->places; i++) {
        struct ring_place place = *ring_place_at(segment, i);
        if (!is_named(share, i))
            place = (struct ring_place){.stack = TRACE_STACK_COMPLETE};
        buffer_varint(body, drain_define_node(drain, place.stack));
        buffer_varint(body, place.region);
    }
    drain->records += stack_encoder_finish(&drain->stacks);
}

static void put_events(struct drain *drain, struct ring_segment *segment, const struct share *share,
                       uint32_t thread)
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
    put_places(drain, segment, share);
    drain->records += encode_exact_events(&drain->payload, body, segment->data + segment->written,
                                          share->to - segment->written);
    drain->has_exact = true;
}

/* Puts what has room of the events up to `committed`; returns where that ends. What does not fit is
 * left to the next chunk, unless this one has no events yet. */
static uint32_t put_share(struct drain *drain, struct ring_segment *segment, uint32_t committed,
                          uint32_t places, uint32_t thread)
{
    struct share share = {.to = committed, .places = places};
    share.whole = drain_limit_has_room(drain, weigh(drain, segment, committed, places));
    if (!share.whole && drain->has_exact)
        return segment->written;
    if (!share.whole) {
        share.places = 0;
        fill_share(drain, segment, committed, places, &share);
    }
    put_events(drain, segment, &share, thread);
    return share.to;
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

/* Returns false when the chunk has no room for all of it. */
static bool put_segment(struct drain *drain, struct drain_order *entry)
{
    struct ring_segment *segment = ring_segment_at(drain->ring, entry->index);
    bool is_full = state_of(segment) == RING_SEGMENT_FULL; /* before what it holds */
    uint32_t committed = __atomic_load_n(&segment->committed, __ATOMIC_ACQUIRE);
    uint32_t places = __atomic_load_n(&segment->places, __ATOMIC_RELAXED), to = committed;
    if (!is_sound(drain, segment, committed, places))
        return true;
    struct ring_slot *slot = ring_slot_at(drain->ring, segment->slot);
    struct drain_slot *seen = &drain->slots[segment->slot];
    drain_define_thread(drain, slot, seen);
    if (!is_next(drain, entry, slot))
        return true;
    if (committed > segment->written && drain->dropping)
        drop_events(drain, segment, committed);
    else if (committed > segment->written)
        to = put_share(drain, segment, committed, places, seen->number);
    entry->whole = is_full && to == committed;
    if (to > segment->written || is_full)
        take(segment, to, entry->whole, trace_place(drain->part, drain->bytes_written));
    return to == committed;
}

bool drain_segments_put(struct drain *drain)
{
    drain->has_exact = drain->order_cut = false;
    drain->order_first = drain->order_next;
    while (drain->order_next < drain->order_count && !drain->order_cut &&
           drain_limit_has_room(drain, 0)) {
        drain->order_cut = !put_segment(drain, &drain->order[drain->order_next]);
        drain->order_next += !drain->order_cut;
    }
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
    for (uint32_t i = drain->order_first; i < drain->order_next + drain->order_cut; i++) {
        struct drain_order *entry = &drain->order[i];
        struct ring_segment *segment = ring_segment_at(drain->ring, entry->index);
        if (!segment->taken_at)
            continue;
        drain->stuck = 0;
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
    for (uint32_t i = drain->order_first; i < drain->order_next + drain->order_cut; i++)
        ring_segment_at(drain->ring, drain->order[i].index)->taken_at = 0;
    drain->order_cut = false;
    drain->order_next = drain->order_count = drain->order_first = 0;
}

bool drain_segments_all_written(const struct drain *drain, const struct ring_slot *slot)
{
    return drain->dead ||
           __atomic_load_n(&slot->segments, __ATOMIC_RELAXED) == slot->segments_written;
}
