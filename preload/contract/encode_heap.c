/*
 * Heap records. Its own file beside drain_encode.c because only some recordings have
 * them.
 */
#include "preload/contract/encode_heap.h"

#include "preload/contract/drain_encode.h"

void heap_encoder_init(struct heap_encoder *encoder)
{
    encoder->count = 0;
}

/* In order of time: late frees come among events that are newer than they are. */
void heap_encoder_add(struct heap_encoder *encoder, const struct ring_heap *event, uint32_t stack)
{
    uint32_t at = encoder->count++;
    for (; at > 0 && encoder->events[at - 1]->time_ns > event->time_ns; at--) {
        encoder->events[at] = encoder->events[at - 1];
        encoder->stacks[at] = encoder->stacks[at - 1];
    }
    encoder->events[at] = event;
    encoder->stacks[at] = stack;
}

/* The columns every event has. */
static void put_events(const struct heap_encoder *encoder, struct buffer *body, uint64_t time)
{
    uint64_t address = 0;
    for (uint32_t i = 0; i < encoder->count; i++) {
        buffer_varint(body, encoder->events[i]->time_ns - time);
        time = encoder->events[i]->time_ns;
    }
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_varint(body, encoder->events[i]->kind);
    for (uint32_t i = 0; i < encoder->count; i++) {
        buffer_svarint(body, (int64_t)(encoder->events[i]->address - address));
        address = encoder->events[i]->address;
    }
}

/* The columns of the allocations among them: leaves those alone in the encoder. */
static void put_allocations(struct heap_encoder *encoder, struct buffer *body)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < encoder->count; i++) {
        if (encoder->events[i]->kind < TRACE_HEAP_ALLOC)
            continue;
        encoder->events[count] = encoder->events[i];
        encoder->stacks[count++] = encoder->stacks[i];
    }
    encode_column(body, encoder->stacks, count);
    for (uint32_t i = 0; i < count; i++)
        buffer_varint(body, encoder->events[i]->size);
    for (uint32_t i = 0; i < count; i++)
        buffer_varint(body, encoder->events[i]->region);
}

uint32_t heap_encoder_finish(struct heap_encoder *encoder, struct buffer *to, struct buffer *body,
                             uint32_t thread)
{
    if (!encoder->count)
        return 0;
    uint64_t time = encoder->events[0]->time_ns;
    encode_batch_head(body, thread, time, encoder->count);
    put_events(encoder, body, time);
    put_allocations(encoder, body);
    return encode_record(to, TRACE_HEAP, body);
}

uint32_t encode_heap_until(struct buffer *to, struct buffer *body, uint64_t until_ns, uint64_t lost)
{
    buffer_clear(body);
    buffer_varint(body, until_ns);
    buffer_varint(body, lost);
    return encode_record(to, TRACE_HEAP_UNTIL, body);
}
