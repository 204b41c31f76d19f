/*
 * Mappings and resident memory, from bytes to the visitor. Its own file because few traces
 * have many of them.
 */
#include "analyzer/trace/mapping_decoder.h"

/* More is damage, and would overflow sums. */
#define BYTES_MAX ((uint64_t)1 << 56)

struct mapping_columns {
    struct wire_cursor time, kind, address, length, stack, region;
};

static bool find_columns(struct wire_cursor *body, uint64_t count, struct mapping_columns *columns)
{
    columns->time = wire_take_column(body, count);
    columns->kind = wire_take_column(body, count);
    columns->address = wire_take_column(body, count);
    columns->length = wire_take_column(body, count);
    columns->stack = wire_take_column(body, count);
    columns->region = wire_take_column(body, count);
    return !body->failed;
}

/* Reads the next event; false when it cannot be. */
static bool next_event(const struct record_decoder *decoder, struct mapping_columns *columns,
                       struct trace_mapping_event *event)
{
    uint64_t kind = wire_varint(&columns->kind);

    event->time_ns += wire_varint(&columns->time);
    event->address += (uint64_t)wire_svarint(&columns->address);
    event->length = wire_varint(&columns->length);
    event->stack = wire_varint(&columns->stack);
    event->region = wire_varint(&columns->region);
    if (kind > TRACE_MAPPING_MOVE)
        return false;
    event->kind = (enum trace_mapping)kind;
    return event->length != 0 && event->length <= BYTES_MAX &&
           event->address <= UINT64_MAX - event->length &&
           record_decoder_accept_stack(decoder, &event->stack) &&
           event->region <= DECODER_REGION_MAX;
}

bool mapping_decode_events(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_mapping_event event = {.thread = wire_varint(body)};
    struct mapping_columns columns;

    if (visitor->mapping == NULL)
        return true;
    event.time_ns = wire_varint(body);
    uint64_t count = wire_varint(body);
    if (body->failed || !find_columns(body, count, &columns) ||
        !record_decoder_knows_thread(decoder, event.thread))
        return false;
    for (; count > 0; count--) {
        if (next_event(decoder, &columns, &event))
            visitor->mapping(visitor->context, &event);
        else
            decoder->summary->samples_dropped++;
    }
    return true;
}

bool mapping_decode_lost(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    uint64_t lost = wire_varint(body);

    if (!body->failed && visitor->mappings_lost != NULL)
        visitor->mappings_lost(visitor->context, lost);
    return !body->failed;
}

bool mapping_decode_resident(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_resident look = {.time_ns = wire_varint(body)};
    uint64_t *const sizes[] = {&look.resident,
                               &look.shared,
                               &look.live,
                               &look.held,
                               &look.held_resident,
                               &look.mapped,
                               &look.mapped_resident,
                               &look.shmem,
                               &look.large,
                               &look.large_resident,
                               &look.stacks,
                               &look.data,
                               &look.own,
                               &look.lazy,
                               &look.loose,
                               &look.huge,
                               &look.hugetlb,
                               &look.file_resident,
                               &look.highest};
    bool sound = true;

    look.known = wire_varint(body);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        *sizes[i] = wire_varint(body);
        sound = sound && *sizes[i] <= BYTES_MAX;
    }
    struct wire_string file = wire_string(body);
    look.file = file.bytes;
    look.file_size = file.size;
    if (body->failed || !sound)
        return false;
    if (visitor->resident != NULL)
        visitor->resident(visitor->context, &look);
    return true;
}
