/*
 * Regions and counters, from bytes to the visitor. Its own file beside
 * record_decoder.c, which has what every trace has.
 */
#include "analyzer/trace/program_decoder.h"

bool program_decode_region(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_region region = {.id = wire_varint(body)};

    region.parent = wire_varint(body);
    struct wire_string name = wire_string(body);
    region.count = wire_varint(body);
    region.total_ns = wire_varint(body);
    region.longest_ns = wire_varint(body);
    /* A parent is older than what it encloses. */
    if (body->failed || region.id == 0 || region.id > DECODER_REGION_MAX ||
        region.parent >= region.id)
        return false;
    region.name = record_decoder_text(decoder, 0, name);
    if (visitor->region != NULL)
        visitor->region(visitor->context, &region);
    return true;
}

bool program_decode_counter(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    uint64_t id = wire_varint(body);
    uint64_t kind = wire_varint(body);
    struct wire_string name = wire_string(body);

    if (body->failed || id > DECODER_COUNTER_MAX)
        return false;
    if (visitor->counter != NULL)
        visitor->counter(visitor->context, id, kind, record_decoder_text(decoder, 0, name));
    return true;
}

bool program_decode_counts(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_count row = {.thread = wire_varint(body)};

    if (visitor->count == NULL)
        return true;
    row.time_ns = wire_varint(body);
    uint64_t count = wire_varint(body);
    struct wire_cursor time = wire_take_column(body, count), stack = wire_take_column(body, count);
    struct wire_cursor counter = wire_take_column(body, count),
                       delta = wire_take_column(body, count);
    struct wire_cursor region = wire_take_column(body, count);
    if (body->failed || !record_decoder_knows_thread(decoder, row.thread))
        return false;
    for (; count > 0; count--) {
        row.time_ns += wire_varint(&time) * 1000;
        row.stack = wire_varint(&stack);
        row.counter = wire_varint(&counter);
        row.delta = wire_svarint(&delta);
        row.region = wire_varint(&region);
        if (record_decoder_accept_stack(decoder, &row.stack) &&
            row.counter <= DECODER_COUNTER_MAX && row.region <= DECODER_REGION_MAX)
            visitor->count(visitor->context, &row);
        else
            decoder->summary->samples_dropped++;
    }
    return true;
}

/* Only what is before the first chunk there is counts. */
bool program_decode_before(struct record_decoder *decoder, struct wire_cursor *body)
{
    uint64_t records = wire_varint(body);

    if (decoder->summary->chunks == 1 && !body->failed)
        decoder->summary->records_before = records;
    return !body->failed;
}
