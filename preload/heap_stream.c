/* From one segment to the next. Its own file because it is the slow part of putting events. */
#include "preload/heap_stream.h"

#include "preload/heap_pool.h"

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

bool heap_stream_next(struct heap_stream *stream, struct ring_slot *slot, uint64_t ticks,
                      uint64_t address, uint64_t other, uint64_t stall_ns)
{
    uint64_t odd = (other - address) & 15;
    if (stream->segment)
        odd |= (address - stream->address) & 15;
    heap_stream_close(stream);
    struct ring_segment *segment =
        heap_pool_take(slot, stream->number, stream->next_serial, stall_ns);
    if (!segment)
        return false;
    uint8_t *end = segment->data + sizeof segment->data;
    stream->next_serial++;
    stream->segment = segment;
    stream->shift = shift_for(odd);
    stream->odd = (1u << stream->shift) - 1;
    stream->places = 0;
    stream->at = segment->data;
    /* Two events may follow one look, and each may bring a place. */
    stream->limit = end - 2 * HEAP_STREAM_EVENT - 2 * sizeof(struct ring_place);
    segment->shift = stream->shift;
    segment->ticks = stream->ticks = ticks > stream->ticks ? ticks : stream->ticks;
    segment->address = stream->address = address;
    return true;
}

void heap_stream_close(struct heap_stream *stream)
{
    if (stream->segment)
        heap_pool_give(stream->segment);
    stream->segment = NULL;
    stream->at = stream->limit = NULL;
}
