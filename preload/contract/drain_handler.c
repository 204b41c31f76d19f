/*
 * Figures of the ring file's head. Its own file because everything else the drain
 * writes is of a thread.
 */
#include "preload/contract/drain_handler.h"

#include "preload/contract/drain_encode.h"

#include <stdio.h>
#include <string.h>

static void put_histogram(struct buffer *body, const uint32_t *buckets)
{
    uint32_t numbers[TRACE_BUCKETS], used = 0;

    /* Handlers go on counting: what is written as non-zero must be the copy. */
    for (uint32_t i = 0; i < TRACE_BUCKETS; i++) {
        numbers[i] = __atomic_load_n(&buckets[i], __ATOMIC_RELAXED);
        used += numbers[i] != 0;
    }
    buffer_varint(body, used);
    for (uint32_t i = 0; i < TRACE_BUCKETS; i++) {
        if (numbers[i] == 0)
            continue;
        buffer_varint(body, i);
        buffer_varint(body, numbers[i]);
    }
}

uint32_t encode_handler(struct buffer *to, struct buffer *body, const struct ring_handler *handler,
                        uint64_t *frames_written)
{
    uint64_t frames = __atomic_load_n(&handler->frames, __ATOMIC_RELAXED);

    if (frames == *frames_written)
        return 0;
    *frames_written = frames;
    buffer_clear(body);
    buffer_varint(body, frames);
    buffer_varint(body, __atomic_load_n(&handler->reused, __ATOMIC_RELAXED));
    buffer_varint(body, __atomic_load_n(&handler->rules_hit, __ATOMIC_RELAXED));
    buffer_varint(body, __atomic_load_n(&handler->rules_made, __ATOMIC_RELAXED));
    buffer_varint(body, __atomic_load_n(&handler->longest_ns, __ATOMIC_RELAXED));
    put_histogram(body, handler->duration_ns);
    put_histogram(body, handler->depth);
    return encode_record(to, TRACE_HANDLER, body);
}

static uint32_t put_number(struct buffer *to, const char *name, uint64_t value)
{
    char text[24];
    int size = snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return encode_property(to, name, text, (size_t)size);
}

uint32_t encode_looks(struct buffer *to, const struct ring_file *ring, uint64_t *looks_written)
{
    uint64_t looks = __atomic_load_n(&ring->looks, __ATOMIC_RELAXED);
    if (looks == *looks_written)
        return 0;
    *looks_written = looks;
    return put_number(to, "looks", looks) +
           put_number(to, "looking_ns", __atomic_load_n(&ring->looking_ns, __ATOMIC_RELAXED));
}

uint32_t encode_servant(struct buffer *to, uint64_t used_ns, bool last, uint64_t *written)
{
    uint64_t more = used_ns - *written;
    if (!to->size || !more || (!last && more < *written / 8))
        return 0;
    *written = used_ns;
    return put_number(to, "servant_cpu_ns", used_ns);
}

uint32_t encode_children(struct buffer *to, const struct ring_file *ring,
                         uint64_t *children_written)
{
    uint64_t word = __atomic_load_n(&ring->children, __ATOMIC_RELAXED);
    uint64_t children = ring_children(word);
    if (children == *children_written)
        return 0;
    *children_written = children;
    return put_number(to, "brief_children", children) +
           put_number(to, "brief_children_us", word & RING_CHILDREN_US);
}

uint32_t encode_waits_lost(struct buffer *to, const struct ring_file *ring, uint64_t *lost_written)
{
    uint64_t lost = __atomic_load_n(&ring->waits_lost, __ATOMIC_RELAXED);
    if (lost == *lost_written)
        return 0;
    *lost_written = lost;
    return put_number(to, "waits_lost", lost);
}

uint32_t encode_unwinding(struct buffer *to, struct buffer *body,
                          const struct ring_unwinding *unwinding, uint64_t *sum_written)
{
    uint64_t sum = 0;

    buffer_clear(body);
    buffer_varint(body, TRACE_UNWINDING_COUNT);
    for (uint32_t i = 0; i < TRACE_UNWINDING_COUNT; i++) {
        uint64_t count = __atomic_load_n(&unwinding->counts[i], __ATOMIC_RELAXED);
        buffer_varint(body, count);
        sum += count;
    }
    if (sum == *sum_written)
        return 0;
    *sum_written = sum;
    return encode_record(to, TRACE_UNWINDING, body);
}

uint32_t encode_before(struct buffer *to, struct buffer *body, const struct ring_file *ring)
{
    if (!ring->rotates)
        return 0;
    buffer_clear(body);
    buffer_varint(body, ring->trace_records);
    return encode_record(to, TRACE_BEFORE, body);
}
