/*
 * Heap events, from bytes to the visitor. Its own file beside record_decoder.c, which
 * has what every trace has.
 */
#include "analyzer/trace/heap_decoder.h"

#include "analyzer/trace/heap_events.h"
#include "analyzer/util/memory.h"

/* More streams of a thread than signals can nest are damage. */
#define STREAM_MAX 63u

/* The columns of a record, each read by a cursor of its own. */
struct heap_columns {
    struct wire_cursor time, kind, address, stack, size, region;
};

static uint64_t count_allocations(struct wire_cursor kind, uint64_t count)
{
    uint64_t allocations = 0;

    for (; count > 0; count--)
        allocations += wire_varint(&kind) >= TRACE_HEAP_ALLOC;
    return allocations;
}

/* False when the body does not hold what its count says. */
static bool find_columns(struct wire_cursor *body, uint64_t count, struct heap_columns *columns)
{
    columns->time = wire_take_column(body, count);
    columns->kind = wire_take_column(body, count);
    columns->address = wire_take_column(body, count);
    if (body->failed)
        return false;
    uint64_t allocations = count_allocations(columns->kind, count);
    columns->stack = wire_take_column(body, allocations);
    columns->size = wire_take_column(body, allocations);
    columns->region = wire_take_column(body, allocations);
    return !body->failed;
}

/* Reads the next event; false when it cannot be. */
static bool next_event(const struct record_decoder *decoder, struct heap_columns *columns,
                       struct trace_heap *event)
{
    uint64_t kind = wire_varint(&columns->kind);

    event->time_ns += wire_varint(&columns->time);
    event->address += (uint64_t)wire_svarint(&columns->address);
    event->stack = event->size = event->region = 0;
    if (kind > TRACE_HEAP_RESIZE)
        return false;
    event->kind = (enum trace_heap_event)kind;
    if (kind < TRACE_HEAP_ALLOC)
        return event->address != 0;
    event->stack = wire_varint(&columns->stack);
    event->size = wire_varint(&columns->size);
    event->region = wire_varint(&columns->region);
    return event->address != 0 && record_decoder_accept_stack(decoder, &event->stack) &&
           event->size <= HEAP_SIZE_BELIEVED && event->region <= DECODER_REGION_MAX;
}

bool heap_decode_events(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_heap event = {.thread = wire_varint(body)};
    struct heap_columns columns;

    if (visitor->heap == NULL)
        return true;
    event.time_ns = wire_varint(body);
    uint64_t count = wire_varint(body);
    if (body->failed || !find_columns(body, count, &columns) ||
        !record_decoder_knows_thread(decoder, event.thread))
        return false;
    for (; count > 0; count--) {
        if (next_event(decoder, &columns, &event))
            visitor->heap(visitor->context, &event);
        else
            decoder->summary->samples_dropped++;
    }
    return true;
}

bool heap_decode_until(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    uint64_t until_ns = wire_varint(body);
    uint64_t lost = wire_varint(body);

    if (body->failed)
        return false;
    if (visitor->heap_until != NULL)
        visitor->heap_until(visitor->context, until_ns, lost);
    return true;
}

/* False when the body cannot hold so many. */
static bool read_places(struct record_decoder *decoder, struct wire_cursor *body, uint64_t count)
{
    if (count > wire_left(body) / 2)
        return false;
    if (count > decoder->heap_place_capacity) {
        decoder->heap_place_capacity = count;
        decoder->heap_places =
            memory_resize(decoder->heap_places, count * sizeof(*decoder->heap_places));
    }
    for (uint64_t i = 0; i < count; i++) {
        struct trace_heap_place *place = &decoder->heap_places[i];
        place->stack = wire_varint(body);
        place->region = wire_varint(body);
        if (place->stack >= decoder->next_stack)
            place->stack = TRACE_STACK_BROKEN;
        if (place->region > DECODER_REGION_MAX)
            place->region = 0;
    }
    return !body->failed;
}

bool heap_decode_segment(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_heap_segment segment = {.thread = wire_varint(body)};

    if (visitor->heap_segment == NULL)
        return true;
    segment.stream = wire_varint(body);
    segment.serial = wire_varint(body);
    uint64_t shift = wire_varint(body);
    segment.ticks = wire_varint(body);
    segment.address = wire_varint(body);
    segment.place_count = wire_varint(body);
    if (body->failed || shift > 63 || segment.stream > STREAM_MAX ||
        !record_decoder_knows_thread(decoder, segment.thread) ||
        !read_places(decoder, body, segment.place_count))
        return false;
    segment.shift = (unsigned)shift;
    segment.places = decoder->heap_places;
    segment.events = body->at;
    segment.size = wire_left(body);
    visitor->heap_segment(visitor->context, &segment);
    return true;
}

bool heap_decode_clock(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    uint64_t ticks = wire_varint(body);
    uint64_t time_ns = wire_varint(body);

    if (body->failed)
        return false;
    if (visitor->heap_clock != NULL)
        visitor->heap_clock(visitor->context, ticks, time_ns);
    return true;
}
