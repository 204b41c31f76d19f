/*
 * Mapping and resident memory records. Its own file because only these are about memory
 * that no allocator gave out.
 */
#include "preload/contract/encode_mappings.h"

#include "preload/contract/drain_encode.h"

#include <string.h>

static void put_events(const struct heap_encoder *encoder, struct buffer *body, uint64_t time)
{
    uint64_t address = 0;
    for (uint32_t i = 0; i < encoder->count; i++) {
        uint64_t next = encoder->events[i]->time_ns;
        buffer_varint(body, next > time ? next - time : 0);
        time = next > time ? next : time;
    }
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_varint(body, encoder->events[i]->kind);
    for (uint32_t i = 0; i < encoder->count; i++) {
        buffer_svarint(body, (int64_t)(encoder->events[i]->address - address));
        address = encoder->events[i]->address;
    }
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_varint(body, encoder->events[i]->size);
    encode_column(body, encoder->stacks, encoder->count);
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_varint(body, encoder->events[i]->region);
}

uint32_t mapping_encoder_finish(const struct heap_encoder *encoder, struct buffer *to,
                                struct buffer *body, uint32_t thread)
{
    if (!encoder->count)
        return 0;
    uint64_t time = encoder->events[0]->time_ns;
    buffer_clear(body);
    buffer_varint(body, thread);
    buffer_varint(body, time);
    buffer_varint(body, encoder->count);
    put_events(encoder, body, time);
    return encode_record(to, TRACE_MAPPINGS, body);
}

uint32_t encode_mappings_lost(struct buffer *to, struct buffer *body, uint64_t lost)
{
    buffer_clear(body);
    buffer_varint(body, lost);
    return encode_record(to, TRACE_MAPPINGS_LOST, body);
}

uint32_t encode_resident(struct buffer *to, struct buffer *body, const struct resident_look *look)
{
    const uint64_t numbers[] = {look->time_ns,       look->known,         look->resident,
                                look->shared,        look->live,          look->held,
                                look->held_resident, look->mapped,        look->mapped_resident,
                                look->shmem,         look->large,         look->large_resident,
                                look->stacks,        look->data,          look->own,
                                look->lazy,          look->loose,         look->huge,
                                look->hugetlb,       look->file_resident, look->highest};
    buffer_clear(body);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        buffer_varint(body, numbers[i]);
    buffer_string(body, look->file, strlen(look->file));
    return encode_record(to, TRACE_RESIDENT, body);
}
