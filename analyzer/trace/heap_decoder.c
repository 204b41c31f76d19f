/*
 * Heap events, from bytes to the visitor. Its own file beside record_decoder.c, which
 * has what every trace has.
 */
#include "analyzer/trace/heap_decoder.h"

/* A larger block is damage, and would overflow sums. */
#define SIZE_MAX_BELIEVED ((uint64_t)1 << 56)

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
    return event->address != 0 && event->stack < decoder->next_stack &&
           event->size <= SIZE_MAX_BELIEVED && event->region <= DECODER_REGION_MAX;
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
