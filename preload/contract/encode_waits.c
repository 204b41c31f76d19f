/*
 * Records about waits. Its own file beside drain_encode.c because only wait hooks make
 * them.
 */
#include "preload/contract/encode_waits.h"

#include "preload/contract/drain_encode.h"

#include <string.h>

void waits_encoder_init(struct waits_encoder *encoder, uint32_t flags)
{
    encoder->count = 0;
    encoder->flags = flags;
}

void waits_encoder_add(struct waits_encoder *encoder, const struct ring_wait *wait, uint32_t stack)
{
    encoder->waits[encoder->count] = wait;
    encoder->stacks[encoder->count++] = stack;
}

/* A column of the differences of a field to the same of the one before. */
static void put_differences(const struct waits_encoder *encoder, struct buffer *body, size_t field,
                            uint64_t last, uint64_t unit)
{
    for (uint32_t i = 0; i < encoder->count; i++) {
        uint64_t value;
        memcpy(&value, (const char *)encoder->waits[i] + field, sizeof value);
        buffer_svarint(body, (int64_t)(value / unit - last));
        last = value / unit;
    }
}

/* What a single wait has in common with its total is not written. */
static void put_lengths(const struct waits_encoder *encoder, struct buffer *body)
{
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_varint(body, encoder->waits[i]->total_ns);
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_varint(body, encoder->waits[i]->count < 2 ? 0 : encoder->waits[i]->longest_ns);
    for (uint32_t i = 0; i < encoder->count; i++) {
        const struct ring_wait *wait = encoder->waits[i];
        buffer_varint(body, wait->count < 2 ? 0 : wait->end_ns - wait->begin_ns);
    }
}

#define PUT_COLUMN(field)                         \
    for (uint32_t i = 0; i < encoder->count; i++) \
    buffer_varint(body, encoder->waits[i]->field)

uint32_t waits_encoder_finish(struct waits_encoder *encoder, struct buffer *to, struct buffer *body,
                              uint32_t thread)
{
    if (!encoder->count)
        return 0;
    uint64_t base = encoder->waits[0]->end_ns / 1000;
    buffer_clear(body);
    buffer_varint(body, thread);
    buffer_varint(body, encoder->flags);
    buffer_varint(body, base * 1000);
    buffer_varint(body, encoder->count);
    put_differences(encoder, body, offsetof(struct ring_wait, end_ns), base, 1000);
    encode_column(body, encoder->stacks, encoder->count);
    PUT_COLUMN(kind);
    put_differences(encoder, body, offsetof(struct ring_wait, object), 0, 1);
    PUT_COLUMN(peer);
    PUT_COLUMN(count);
    put_lengths(encoder, body);
    PUT_COLUMN(bytes);
    PUT_COLUMN(region);
    return encode_record(to, TRACE_WAITS, body);
}

static uint64_t since(uint64_t now, uint64_t begun)
{
    return now > begun ? now - begun : 0;
}

uint32_t encode_scheduling(struct buffer *to, struct buffer *body, uint32_t thread,
                           uint64_t when_ns, const struct ring_scheduling *begun,
                           const struct ring_scheduling *now)
{
    buffer_clear(body);
    buffer_varint(body, thread);
    buffer_varint(body, when_ns);
    buffer_varint(body, now->known);
    buffer_varint(body, since(now->cpu_ns, begun->cpu_ns));
    buffer_varint(body, since(now->runnable_ns, begun->runnable_ns));
    buffer_varint(body, since(now->voluntary, begun->voluntary));
    buffer_varint(body, since(now->involuntary, begun->involuntary));
    buffer_varint(body, since(now->migrations, begun->migrations));
    buffer_varint(body, since(now->paused_ns, begun->paused_ns));
    return encode_record(to, TRACE_SCHEDULING, body);
}

static uint64_t read_relaxed(const uint64_t *number)
{
    return __atomic_load_n(number, __ATOMIC_RELAXED);
}

uint32_t encode_object(struct buffer *to, struct buffer *body, uint32_t id,
                       const struct ring_object *object)
{
    buffer_clear(body);
    buffer_varint(body, id);
    buffer_varint(body, object->kind);
    buffer_varint(body, object->identity);
    buffer_string(body, object->name, strnlen(object->name, sizeof object->name));
    buffer_varint(body, read_relaxed(&object->reads));
    buffer_varint(body, read_relaxed(&object->read_bytes));
    buffer_varint(body, read_relaxed(&object->reads_small));
    buffer_varint(body, read_relaxed(&object->reads_onward));
    buffer_varint(body, read_relaxed(&object->writes));
    buffer_varint(body, read_relaxed(&object->write_bytes));
    buffer_varint(body, read_relaxed(&object->writes_small));
    buffer_varint(body, read_relaxed(&object->writes_onward));
    return encode_record(to, TRACE_OBJECT, body);
}
