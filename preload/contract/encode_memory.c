/*
 * Records of a scan of the memory. Its own file beside drain_encode.c because only some
 * recordings have them.
 */
#include "preload/contract/encode_memory.h"

#include "preload/contract/drain_encode.h"

#include <string.h>

#define WORD 8u

void memory_encoder_begin(struct memory_encoder *encoder, struct buffer *body,
                          const struct memory_part *part)
{
    *encoder = (struct memory_encoder){.body = body, .next = part->start, .empty = true};
    buffer_clear(body);
    buffer_varint(body, part->kind);
    buffer_varint(body, (uint64_t)part->thread);
    buffer_varint(body, part->start);
    buffer_varint(body, part->end - part->start);
    buffer_varint(body, part->start - part->mapping);
    buffer_string(body, part->name, strlen(part->name));
}

void memory_encoder_word(struct memory_encoder *encoder, uint64_t address, uint64_t value)
{
    buffer_varint(encoder->body, (address - encoder->next) / WORD);
    buffer_svarint(encoder->body, (int64_t)(value - encoder->value));
    encoder->next = address + WORD;
    encoder->value = value;
    encoder->empty = false;
}

uint32_t memory_encoder_finish(struct memory_encoder *encoder, struct buffer *to)
{
    return encoder->empty ? 0 : encode_record(to, TRACE_MEMORY, encoder->body);
}

uint32_t encode_scan(struct buffer *to, struct buffer *body, const struct memory_scan *scan)
{
    buffer_clear(body);
    buffer_varint(body, scan->begin_ns);
    buffer_varint(body, scan->length_ns);
    buffer_varint(body, scan->bytes);
    buffer_varint(body, scan->left_bytes);
    buffer_varint(body, scan->threads);
    buffer_varint(body, scan->left_threads);
    buffer_varint(body, scan->limit);
    buffer_varint(body, scan->whole);
    return encode_record(to, TRACE_SCAN, body);
}
