/*
 * Record encoding. Its own file so that the drain reads as what it does, and
 * this one as the trace format's specification does.
 */
#include "preload/contract/drain_encode.h"

#include <string.h>

uint32_t encode_record(struct buffer *to, enum trace_tag tag, const struct buffer *body)
{
    buffer_varint(to, tag);
    buffer_varint(to, body->size);
    buffer_bytes(to, body->bytes, body->size);
    return 1;
}

void encode_batch_head(struct buffer *body, uint32_t thread, uint64_t time_ns, uint32_t count)
{
    buffer_clear(body);
    buffer_varint(body, thread);
    buffer_varint(body, time_ns);
    buffer_varint(body, count);
}

void encode_column(struct buffer *body, const uint32_t *numbers, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        buffer_varint(body, numbers[i]);
}

void encode_time(struct buffer *body, uint64_t *last, uint64_t time_ns, uint64_t unit_ns)
{
    uint64_t next = time_ns / unit_ns;
    buffer_varint(body, next > *last ? next - *last : 0);
    *last = next > *last ? next : *last;
}

static size_t varint_size(uint64_t value)
{
    size_t size = 1;
    for (; value >= 0x80; value >>= 7)
        size++;
    return size;
}

uint32_t encode_property(struct buffer *to, const char *name, const char *value, size_t size)
{
    size_t name_size = strlen(name);
    buffer_varint(to, TRACE_PROPERTY);
    buffer_varint(to, varint_size(name_size) + name_size + varint_size(size) + size);
    buffer_string(to, name, name_size);
    buffer_string(to, value, size);
    return 1;
}

uint32_t encode_module(struct buffer *to, struct buffer *body, uint32_t id,
                       const struct module *module)
{
    buffer_clear(body);
    buffer_varint(body, id);
    buffer_varint(body, module->start);
    buffer_varint(body, module->end);
    buffer_varint(body, module->bias);
    buffer_varint(body, module->generation);
    buffer_varint(body, module->loaded_ns);
    buffer_string(body, module->path, strlen(module->path));
    buffer_string(body, (const char *)module->build_id, module->build_id_size);
    return encode_record(to, TRACE_MODULE, body);
}

uint32_t encode_module_gone(struct buffer *to, struct buffer *body, uint32_t id,
                            const struct module *module)
{
    buffer_clear(body);
    buffer_varint(body, id);
    buffer_varint(body, module->gone);
    buffer_varint(body, module->unloaded_ns);
    return encode_record(to, TRACE_MODULE_GONE, body);
}

uint32_t encode_thread(struct buffer *to, struct buffer *body, uint32_t number,
                       const struct ring_slot *slot)
{
    buffer_clear(body);
    buffer_varint(body, number);
    buffer_varint(body, (uint64_t)slot->tid);
    buffer_varint(body, slot->start_ns);
    buffer_string(body, slot->name, strnlen(slot->name, sizeof slot->name));
    return encode_record(to, TRACE_THREAD, body);
}

uint32_t encode_totals(struct buffer *to, struct buffer *body, uint32_t number,
                       const struct ring_slot *slot, uint64_t cpu_ns, uint64_t paused_ns)
{
    const struct ring_memory *memory = &slot->memory;
    buffer_clear(body);
    buffer_varint(body, number);
    buffer_varint(body, cpu_ns);
    uint64_t samples = __atomic_load_n(&slot->samples, __ATOMIC_RELAXED);
    buffer_varint(body, samples > slot->dropped ? samples - slot->dropped : 0);
    buffer_varint(body, __atomic_load_n(&slot->lost, __ATOMIC_RELAXED) + slot->dropped);
    buffer_varint(body, memory->alloc_count);
    buffer_varint(body, memory->alloc_bytes);
    buffer_varint(body, memory->free_count);
    buffer_varint(body, memory->free_bytes);
    buffer_varint(body, slot->flags);
    buffer_varint(body, slot->end_ns);
    buffer_varint(body, paused_ns);
    return encode_record(to, TRACE_THREAD_TOTALS, body);
}

uint32_t encode_rest(struct buffer *to, struct buffer *body, uint32_t number, uint32_t stack,
                     uint64_t length_ns)
{
    buffer_clear(body);
    buffer_varint(body, number);
    buffer_varint(body, stack);
    buffer_varint(body, length_ns);
    return encode_record(to, TRACE_REST, body);
}

uint32_t encode_end(struct buffer *to, struct buffer *body, const struct drain_end *end,
                    uint64_t when_ns)
{
    buffer_clear(body);
    buffer_varint(body, end->kind);
    buffer_varint(body, (uint64_t)end->status);
    buffer_varint(body, when_ns);
    buffer_varint(body, end->cpu_ns);
    return encode_record(to, TRACE_END, body);
}

uint32_t encode_death(struct buffer *to, struct buffer *body, uint32_t thread,
                      const struct ring_death *death, uint32_t stack)
{
    buffer_clear(body);
    buffer_varint(body, thread);
    buffer_varint(body, (uint32_t)death->tid);
    buffer_varint(body, death->time_ns);
    buffer_varint(body, (uint32_t)death->signal);
    buffer_svarint(body, death->code);
    buffer_varint(body, death->address);
    buffer_varint(body, (uint32_t)death->sender);
    buffer_varint(body, stack);
    return encode_record(to, TRACE_DEATH, body);
}

/* A period's 64th at most: no sample is told from another by less, and what is left out would
 * not compress: 0.9 bytes a sample. */
unsigned sample_time_shift(uint64_t period_ns)
{
    unsigned shift = 0;
    while (shift < 15 && (2000ull << shift) * 64 <= period_ns)
        shift++;
    return shift;
}

void sample_encoder_init(struct sample_encoder *encoder, struct buffer *body, unsigned time_shift)
{
    encoder->body = body;
    encoder->count = 0;
    encoder->time_shift = time_shift;
}

void sample_encoder_add(struct sample_encoder *encoder, const struct ring_sample *sample,
                        uint32_t stack)
{
    encoder->samples[encoder->count] = sample;
    encoder->stacks[encoder->count++] = stack;
}

static uint64_t bytes_kept(const struct ring_sample *sample)
{
    return sample->alloc_bytes - sample->free_bytes;
}

/* Usable sizes are multiples of 8 with most allocators: without three bits that are always 0 what
 * is left compresses to a fifth less. */
static bool are_eighths(const struct sample_encoder *encoder)
{
    uint64_t bits = 0;
    for (uint32_t i = 0; i < encoder->count; i++)
        bits |= encoder->samples[i]->alloc_bytes | bytes_kept(encoder->samples[i]);
    return bits % 8 == 0;
}

static void put_memory_columns(struct sample_encoder *encoder, int64_t unit)
{
    struct buffer *body = encoder->body;
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_varint(body, encoder->samples[i]->alloc_count);
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_varint(body, encoder->samples[i]->alloc_bytes / (uint64_t)unit);
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_svarint(body, (int64_t)encoder->samples[i]->alloc_count -
                                 (int64_t)encoder->samples[i]->free_count);
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_svarint(body, (int64_t)bytes_kept(encoder->samples[i]) / unit);
}

static bool any_memory(const struct sample_encoder *encoder)
{
    for (uint32_t i = 0; i < encoder->count; i++)
        if (encoder->samples[i]->alloc_count || encoder->samples[i]->free_count)
            return true;
    return false;
}

static bool any_region(const struct sample_encoder *encoder)
{
    for (uint32_t i = 0; i < encoder->count; i++)
        if (encoder->samples[i]->region)
            return true;
    return false;
}

/* Column by column: like values side by side compress a third better. */
uint32_t sample_encoder_finish(struct sample_encoder *encoder, struct buffer *to, uint32_t thread,
                               uint64_t position)
{
    struct buffer *body = encoder->body;
    if (!encoder->count)
        return 0;
    bool memory = any_memory(encoder), region = any_region(encoder);
    bool eighths = memory && are_eighths(encoder);
    const uint64_t unit_ns = sample_time_unit_ns(encoder->time_shift);
    uint64_t time = encoder->samples[0]->time_ns / unit_ns;

    buffer_clear(body);
    buffer_varint(body, thread);
    buffer_varint(body, position);
    buffer_varint(body, time * unit_ns);
    buffer_varint(body, encoder->count);
    buffer_varint(body, (memory ? TRACE_COLUMN_MEMORY : 0) | (region ? TRACE_COLUMN_REGION : 0) |
                            (eighths ? TRACE_COLUMN_EIGHTHS : 0) |
                            encoder->time_shift << TRACE_COLUMN_TIME);
    for (uint32_t i = 0; i < encoder->count; i++)
        encode_time(body, &time, encoder->samples[i]->time_ns, unit_ns);
    encode_column(body, encoder->stacks, encoder->count);
    for (uint32_t i = 0; i < encoder->count; i++)
        buffer_varint(body, encoder->samples[i]->weight);
    if (memory)
        put_memory_columns(encoder, eighths ? 8 : 1);
    for (uint32_t i = 0; region && i < encoder->count; i++)
        buffer_varint(body, encoder->samples[i]->region);
    return encode_record(to, TRACE_SAMPLES, body);
}
