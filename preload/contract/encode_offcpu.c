/*
 * Off-CPU records. Its own file beside drain_encode.c because only one clock writes
 * them.
 */
#include "preload/contract/encode_offcpu.h"

#include "preload/contract/drain_encode.h"

void offcpu_encoder_init(struct offcpu_encoder *encoder)
{
    encoder->count = 0;
}

void offcpu_encoder_add(struct offcpu_encoder *encoder, const struct ring_offcpu *stretch,
                        uint32_t stack)
{
    encoder->stretches[encoder->count] = stretch;
    encoder->stacks[encoder->count++] = stack;
}

uint32_t offcpu_encoder_finish(struct offcpu_encoder *encoder, struct buffer *to,
                               struct buffer *body, uint32_t thread)
{
    if (!encoder->count)
        return 0;
    uint64_t time = encoder->stretches[0]->time_ns / 1000;
    encode_batch_head(body, thread, time * 1000, encoder->count);
    for (uint32_t i = 0; i < encoder->count; i++)
        encode_time(body, &time, encoder->stretches[i]->time_ns, 1000);
    encode_column(body, encoder->stacks, encoder->count);
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_varint(body, encoder->stretches[i]->length_ns);
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_varint(body, encoder->stretches[i]->state);
    return encode_record(to, TRACE_OFFCPU, body);
}
