/*
 * Regions and counters from the ring file to records. Its own file because they come
 * from the ring's head, not from its stacks.
 */
#include "preload/contract/drain_program.h"

#include "preload/contract/drain_batch.h"
#include "preload/contract/drain_encode.h"
#include "preload/contract/libc_clock.h"

#include <string.h>

void count_encoder_init(struct count_encoder *encoder)
{
    encoder->count = 0;
}

void count_encoder_add(struct count_encoder *encoder, struct drain_slot *seen,
                       const struct ring_count *count, uint32_t stack)
{
    if (count->counter >= RING_COUNTERS)
        return;
    encoder->counts[encoder->count] = count;
    encoder->stacks[encoder->count++] = stack;
    seen->counts_read[count->counter] += (uint64_t)count->delta;
}

static void put_columns(const struct count_encoder *encoder, struct buffer *body)
{
    encode_column(body, encoder->stacks, encoder->count);
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_varint(body, encoder->counts[i]->counter);
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_svarint(body, encoder->counts[i]->delta);
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_varint(body, encoder->counts[i]->region);
}

uint32_t count_encoder_finish(struct count_encoder *encoder, struct buffer *to, struct buffer *body,
                              uint32_t thread)
{
    if (!encoder->count)
        return 0;
    uint64_t time = encoder->counts[0]->time_ns / 1000;
    encode_batch_head(body, thread, time * 1000, encoder->count);
    for (uint32_t i = 0; i < encoder->count; i++)
        encode_time(body, &time, encoder->counts[i]->time_ns, 1000);
    put_columns(encoder, body);
    return encode_record(to, TRACE_COUNTS, body);
}

static void put_region(struct drain *drain, uint32_t id, uint64_t count)
{
    const struct ring_region *region = &drain->ring->regions[id];
    struct buffer *body = &drain->columns;
    buffer_clear(body);
    buffer_varint(body, id);
    buffer_varint(body, region->parent);
    buffer_string(body, region->name, strnlen(region->name, RING_NAME));
    buffer_varint(body, count);
    buffer_varint(body, __atomic_load_n(&region->total_ns, __ATOMIC_RELAXED));
    buffer_varint(body, __atomic_load_n(&region->longest_ns, __ATOMIC_RELAXED));
    drain->records += encode_record(&drain->payload, TRACE_REGION, body);
}

static void put_counter(struct drain *drain, uint32_t id)
{
    const struct ring_counter *counter = &drain->ring->counters[id];
    struct buffer *body = &drain->columns;
    buffer_clear(body);
    buffer_varint(body, id);
    buffer_varint(body, counter->kind);
    buffer_string(body, counter->name, strnlen(counter->name, RING_NAME));
    drain->records += encode_record(&drain->payload, TRACE_COUNTER, body);
}

/* How many there are, never beyond the table: the file is written by others. */
static uint32_t bounded(const uint32_t *count, uint32_t most)
{
    uint32_t value = __atomic_load_n(count, __ATOMIC_ACQUIRE);
    return value < most ? value : most;
}

void drain_put_program(struct drain *drain)
{
    uint32_t regions = bounded(&drain->ring->has_region, RING_REGIONS + 1);
    uint32_t counters = bounded(&drain->ring->has_counter, RING_COUNTERS);
    for (uint32_t id = 1; id < regions; id++) {
        uint64_t count = __atomic_load_n(&drain->ring->regions[id].count, __ATOMIC_RELAXED);
        if (id < drain->regions_written && count == drain->region_counts[id])
            continue;
        put_region(drain, id, count);
        drain->region_counts[id] = count;
    }
    drain->regions_written = regions;
    for (uint32_t id = drain->counters_written; id < counters; id++)
        put_counter(drain, id);
    drain->counters_written = counters;
}

/* When a thread that writes no more ended, as far as that is known. */
static uint64_t end_of(const struct drain *drain, const struct ring_slot *slot)
{
    if (slot->end_ns)
        return slot->end_ns;
    if (!drain->dead)
        return libc_clock_now_sigsafe();
    return drain->time_last ? drain->time_last : slot->start_ns;
}

void drain_put_rest(struct drain *drain, const struct ring_slot *slot,
                    const struct drain_slot *seen)
{
    struct ring_count rest[RING_COUNTERS];
    struct count_encoder encoder;
    uint32_t counters = bounded(&drain->ring->has_counter, RING_COUNTERS);
    const uint64_t end_ns = counters ? end_of(drain, slot) : 0;
    count_encoder_init(&encoder);
    for (uint32_t i = 0; i < counters; i++) {
        uint64_t now = (uint64_t)__atomic_load_n(&slot->counters[i], __ATOMIC_RELAXED);
        rest[i] = (struct ring_count){.counter = i, .time_ns = end_ns};
        rest[i].delta = (int64_t)(now - seen->counts_read[i]);
        encoder.stacks[encoder.count] = TRACE_STACK_COMPLETE;
        encoder.counts[encoder.count] = &rest[i];
        encoder.count += rest[i].delta != 0;
    }
    if (encoder.count)
        drain_note_time(drain, end_ns);
    drain->records +=
        count_encoder_finish(&encoder, &drain->payload, &drain->columns, seen->number);
}

void drain_program_written(const struct drain *drain, struct ring_slot *slot,
                           const struct drain_slot *seen)
{
    if (drain->ring->has_counter)
        memcpy(slot->counts_written, seen->counts_read, sizeof seen->counts_read);
}

void drain_program_abandoned(const struct drain *drain, const struct ring_slot *slot,
                             struct drain_slot *seen)
{
    if (drain->ring->has_counter)
        memcpy(seen->counts_read, slot->counts_written, sizeof seen->counts_read);
}
