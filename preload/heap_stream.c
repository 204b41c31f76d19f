/* From one segment to the next. Its own file because it is the slow part of putting events. */
#include "preload/heap_stream.h"

#include "preload/contract/encode_exact.h"
#include "preload/heap_pool.h"
#include "preload/signals.h"

/* What blocks of malloc are aligned to; less where others turn up, for good. */
static uint32_t shift_now = 4;

static uint32_t shift_for(uint64_t odd)
{
    uint32_t shift = __atomic_load_n(&shift_now, __ATOMIC_RELAXED);
    uint32_t most = odd ? (uint32_t)__builtin_ctzll(odd) : shift;
    if (most >= shift)
        return shift;
    __atomic_store_n(&shift_now, most, __ATOMIC_RELAXED);
    return most;
}

/* Two events may follow one look at the room, and each may bring a place. */
static void set_room(struct heap_stream *stream, uint32_t used)
{
    struct ring_segment *segment = stream->segment;
    stream->at = segment->data + used;
    stream->limit = segment->data + sizeof segment->data - 2 * HEAP_STREAM_EVENT -
                    (2 + stream->places) * sizeof(struct ring_place);
}

static void begin_segment(struct heap_stream *stream, uint64_t odd, uint64_t ticks,
                          uint64_t address)
{
    struct ring_segment *segment = stream->segment;
    stream->next_serial++;
    stream->shift = shift_for(odd);
    stream->odd = (1u << stream->shift) - 1;
    stream->places = 0;
    segment->shift = stream->shift;
    segment->ticks = stream->ticks = ticks > stream->ticks ? ticks : stream->ticks;
    segment->address = stream->address = address;
    set_room(stream, 0);
}

bool heap_stream_next(struct heap_stream *stream, struct ring_slot *slot, uint64_t ticks,
                      uint64_t address, uint64_t other, uint64_t stall_ns)
{
    uint64_t odd = (other - address) & 15;
    if (stream->segment)
        odd |= (address - stream->address) & 15;
    uint64_t signals = signals_block_all_sigsafe();
    heap_stream_close(stream);
    stream->segment = heap_pool_take(slot, stream->number, stream->next_serial, stall_ns, signals);
    if (stream->segment)
        begin_segment(stream, odd, ticks, address);
    signals_restore_sigsafe(signals);
    return stream->segment != NULL;
}

void heap_stream_close(struct heap_stream *stream)
{
    if (stream->segment)
        heap_pool_give(stream->segment);
    stream->segment = NULL;
    stream->at = stream->limit = NULL;
}

void heap_stream_recover(struct heap_stream *stream)
{
    const struct ring_segment *segment = stream->segment;
    if (!segment)
        return;
    struct exact_position at = {.ticks = segment->ticks, .address = segment->address};
    encode_exact_skip(&at, segment->data, segment->committed, segment->shift);
    stream->ticks = at.ticks;
    stream->address = at.address;
    stream->places = segment->places;
    set_room(stream, segment->committed);
}
