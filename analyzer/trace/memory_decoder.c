/*
 * The memory scanned at the end, from bytes to the visitor. Its own file beside
 * record_decoder.c, which has what every trace has.
 */
#include "analyzer/trace/memory_decoder.h"

#define WORD 8u

bool memory_decode_words(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    uint64_t kind = wire_varint(body);
    struct trace_word word = {.thread = wire_varint(body)};

    word.address = wire_varint(body);
    word.end = word.address + wire_varint(body);
    word.start = word.address - wire_varint(body);
    wire_string(body);
    if (body->failed || kind < TRACE_MEMORY_DATA || kind > TRACE_MEMORY_REGISTERS ||
        word.end < word.address || word.start > word.address)
        return false;
    if (visitor->word == NULL)
        return true;
    word.kind = (enum trace_memory)kind;
    for (; wire_left(body) > 0; word.address += WORD) {
        uint64_t gap = wire_varint(body);
        word.value += (uint64_t)wire_svarint(body);
        if (body->failed || gap >= (word.end - word.address) / WORD)
            return false;
        word.address += WORD * gap;
        visitor->word(visitor->context, &word);
    }
    return true;
}

bool memory_decode_scan(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_scan scan = {.begin_ns = wire_varint(body)};

    scan.length_ns = wire_varint(body);
    scan.bytes = wire_varint(body);
    scan.left_bytes = wire_varint(body);
    scan.threads = wire_varint(body);
    scan.left_threads = wire_varint(body);
    uint64_t limit = wire_varint(body);
    scan.whole = wire_varint(body) == 1;
    if (body->failed || limit > TRACE_SCAN_SIZE)
        return false;
    scan.limit = (enum trace_scan_limit)limit;
    if (visitor->scan != NULL)
        visitor->scan(visitor->context, &scan);
    return true;
}
