/*
 * Makes traces for tests: an encoder of its own, written from the specification in
 * preload/contract/trace_format.h and sharing no code with writer or reader.
 * Header only: every unit test is a program of its own. Byte buffers grow and are
 * freed with bytes_free().
 */
#ifndef PROFINJECT_TESTS_TRACE_MAKER_H
#define PROFINJECT_TESTS_TRACE_MAKER_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

struct bytes {
    uint8_t *at;
    size_t size, capacity;
};

static inline void bytes_free(struct bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct bytes){0};
}

static inline void put(struct bytes *bytes, const void *data, size_t size)
{
    if (bytes->size + size > bytes->capacity) {
        bytes->capacity = (bytes->size + size) * 2;
        bytes->at = realloc(bytes->at, bytes->capacity);
        if (bytes->at == NULL)
            abort();
    }
    if (size > 0)
        memcpy(bytes->at + bytes->size, data, size);
    bytes->size += size;
}

static inline void put_u32(struct bytes *bytes, uint32_t value)
{
    uint8_t wire[4] = {value & 255, value >> 8 & 255, value >> 16 & 255, value >> 24};

    put(bytes, wire, sizeof(wire));
}

static inline void put_u64(struct bytes *bytes, uint64_t value)
{
    put_u32(bytes, (uint32_t)value);
    put_u32(bytes, (uint32_t)(value >> 32));
}

static inline void put_varint(struct bytes *bytes, uint64_t value)
{
    uint8_t byte;

    do {
        byte = value % 128;
        value /= 128;
        if (value > 0)
            byte += 128;
        put(bytes, &byte, 1);
    } while (value > 0);
}

static inline void put_svarint(struct bytes *bytes, int64_t value)
{
    /* Zigzag in words: 0, -1, 1, -2, 2 become 0, 1, 2, 3, 4. */
    put_varint(bytes, value >= 0 ? 2 * (uint64_t)value : 2 * (uint64_t)(-(value + 1)) + 1);
}

static inline void put_string(struct bytes *bytes, const void *text, size_t size)
{
    put_varint(bytes, size);
    put(bytes, text, size);
}

/* Appends a record and empties its body. */
static inline void put_record(struct bytes *payload, unsigned tag, struct bytes *body)
{
    put_varint(payload, tag);
    put_string(payload, body->at, body->size);
    bytes_free(body);
}

static inline void make_property(struct bytes *payload, const char *name, const char *value)
{
    struct bytes body = {0};

    put_string(&body, name, strlen(name));
    put_string(&body, value, strlen(value));
    put_record(payload, 1, &body);
}

struct made_module {
    uint64_t id, start, end, bias, generation;
    const char *path, *build_id;
};

static inline void make_module(struct bytes *payload, struct made_module module)
{
    struct bytes body = {0};

    put_varint(&body, module.id);
    put_varint(&body, module.start);
    put_varint(&body, module.end);
    put_varint(&body, module.bias);
    put_varint(&body, module.generation);
    put_varint(&body, 1000);
    put_string(&body, module.path, strlen(module.path));
    put_string(&body, module.build_id, module.build_id != NULL ? strlen(module.build_id) : 0);
    put_record(payload, 2, &body);
}

static inline void make_gone(struct bytes *payload, uint64_t id, uint64_t generation)
{
    struct bytes body = {0};

    put_varint(&body, id);
    put_varint(&body, generation);
    put_varint(&body, 2000);
    put_record(payload, 3, &body);
}

static inline void make_thread(struct bytes *payload, uint64_t number, uint64_t tid, uint64_t start,
                               const char *name)
{
    struct bytes body = {0};

    put_varint(&body, number);
    put_varint(&body, tid);
    put_varint(&body, start);
    put_string(&body, name, strlen(name));
    put_record(payload, 4, &body);
}

/* Values in the order of the specification: thread cpu_ns samples lost alloc_count
 * alloc_bytes free_count free_bytes flags end. */
static inline void make_totals(struct bytes *payload, const uint64_t values[10])
{
    struct bytes body = {0};

    for (int i = 0; i < 10; i++)
        put_varint(&body, values[i]);
    put_varint(&body, 0); /* paused */
    put_record(payload, 5, &body);
}

struct made_node {
    uint64_t number, parent, pc;
    unsigned flags;
};

/* A record for each, in which its code is the first. */
static inline void make_stacks(struct bytes *payload, uint64_t generation,
                               const struct made_node *nodes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct made_node *node = &nodes[i];
        struct bytes body = {0};
        put_varint(&body, generation);
        put_varint(&body, node->number);
        put_varint(&body, 1);
        put_varint(&body, node->parent < 8 ? node->parent : node->number - node->parent + 7);
        put_varint(&body, 1 << 1);
        put_varint(&body, 0);
        put_svarint(&body, (int64_t)(node->pc * 4 + node->flags));
        put_record(payload, 6, &body);
    }
}

struct made_sample {
    uint64_t us, stack, weight; /* us: since the sample before */
    uint64_t allocs, bytes, frees, freed;
};

static inline void make_samples(struct bytes *payload, uint64_t thread, uint64_t base,
                                const struct made_sample *samples, size_t count, int with_memory)
{
    struct bytes body = {0};

    put_varint(&body, thread);
    put_varint(&body, 4096);
    put_varint(&body, base);
    put_varint(&body, count);
    put_varint(&body, with_memory ? 1 : 0);
    for (size_t i = 0; i < count; i++)
        put_varint(&body, samples[i].us);
    for (size_t i = 0; i < count; i++)
        put_varint(&body, samples[i].stack);
    for (size_t i = 0; i < count; i++)
        put_varint(&body, samples[i].weight);
    for (size_t i = 0; i < count && with_memory; i++)
        put_varint(&body, samples[i].allocs);
    for (size_t i = 0; i < count && with_memory; i++)
        put_varint(&body, samples[i].bytes);
    for (size_t i = 0; i < count && with_memory; i++)
        put_svarint(&body, (int64_t)(samples[i].allocs - samples[i].frees));
    for (size_t i = 0; i < count && with_memory; i++)
        put_svarint(&body, (int64_t)(samples[i].bytes - samples[i].freed));
    put_record(payload, 7, &body);
}

static inline void make_rest(struct bytes *payload, uint64_t thread, uint64_t stack,
                             uint64_t length)
{
    struct bytes body = {0};

    put_varint(&body, thread);
    put_varint(&body, stack);
    put_varint(&body, length);
    put_record(payload, 14, &body);
}

static inline void make_counter(struct bytes *payload, uint64_t id, uint64_t kind, const char *name)
{
    struct bytes body = {0};

    put_varint(&body, id);
    put_varint(&body, kind);
    put_string(&body, name, strlen(name));
    put_record(payload, 10, &body);
}

/* One count. */
static inline void make_count(struct bytes *payload, uint64_t thread, uint64_t stack,
                              uint64_t counter, int64_t delta)
{
    struct bytes body = {0};

    put_varint(&body, thread);
    put_varint(&body, 5000);
    put_varint(&body, 1);
    put_varint(&body, 1);
    put_varint(&body, stack);
    put_varint(&body, counter);
    put_svarint(&body, delta);
    put_varint(&body, 0);
    put_record(payload, 11, &body);
}

static inline void make_heap_clock(struct bytes *payload, uint64_t ticks, uint64_t time)
{
    struct bytes body = {0};

    put_varint(&body, ticks);
    put_varint(&body, time);
    put_record(payload, 23, &body);
}

/* kind: 0 free, 1 resized, 2 allocation, 3 resize; size and place of the last two. */
struct made_heap_event {
    unsigned kind;
    uint64_t ticks, address, size, place;
};

/* As in the events of a record: counted from what went before, addresses in units of 16. */
static inline void put_heap_event(struct bytes *events, struct made_heap_event event,
                                  uint64_t ticks_before, uint64_t address_before)
{
    int64_t delta = (int64_t)(event.address - address_before) / 16;
    uint64_t zigzag = delta >= 0 ? 2 * (uint64_t)delta : 2 * (uint64_t)(-(delta + 1)) + 1;

    put_varint(events, 4 * zigzag + event.kind);
    put_varint(events, event.ticks - ticks_before);
    if (event.kind >= 2) {
        put_varint(events, event.size);
        put_varint(events, event.place);
    }
}

struct made_segment {
    uint64_t thread, stream, serial;
    const uint64_t *stacks; /* the places, in no region */
    size_t stack_count;
};

static inline void make_heap_events(struct bytes *payload, struct made_segment segment,
                                    const struct made_heap_event *events, size_t count)
{
    struct bytes body = {0};
    uint64_t ticks = 0, address = 0;

    put_varint(&body, segment.thread);
    put_varint(&body, segment.stream);
    put_varint(&body, segment.serial);
    put_varint(&body, 4);
    put_varint(&body, 0);
    put_varint(&body, 0);
    put_varint(&body, segment.stack_count);
    for (size_t i = 0; i < segment.stack_count; i++) {
        put_varint(&body, segment.stacks[i]);
        put_varint(&body, 0);
    }
    for (size_t i = 0; i < count; i++) {
        put_heap_event(&body, events[i], ticks, address);
        ticks = events[i].ticks;
        address = events[i].address;
    }
    put_record(payload, 22, &body);
}

static inline void make_end(struct bytes *payload, unsigned kind, unsigned status, uint64_t when,
                            uint64_t cpu)
{
    struct bytes body = {0};

    put_varint(&body, kind);
    put_varint(&body, status);
    put_varint(&body, when);
    put_varint(&body, cpu);
    put_record(payload, 8, &body);
}

#define MADE_VERSION 2u

struct made_chunk {
    uint32_t version, flags, sequence;
};

/* Appends the payload as a chunk to `file` and empties it. */
static inline void make_chunk(struct bytes *file, struct bytes *payload, struct made_chunk chunk)
{
    size_t bound = ZSTD_compressBound(payload->size);
    uint8_t *frame = malloc(bound);
    ZSTD_CCtx *context = ZSTD_createCCtx();

    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    size_t size = ZSTD_compress2(context, frame, bound, payload->at, payload->size);
    ZSTD_freeCCtx(context);
    if (frame == NULL || ZSTD_isError(size))
        abort();

    size_t start = file->size;
    put_u32(file, 0x184D2A5D);
    put_u32(file, 72 - 8);
    put(file, "profinj\n", 8);
    put_u32(file, chunk.version);
    put_u32(file, chunk.flags);
    put_u32(file, chunk.sequence);
    put_u32(file, 0);
    put_u32(file, (uint32_t)size);
    put_u32(file, (uint32_t)payload->size);
    put_u64(file, 1000 + chunk.sequence);
    put_u64(file, 2000 + chunk.sequence);
    put_u64(file, XXH64(frame, size, 0));
    if (file->at == NULL)
        abort();
    put_u64(file, XXH64(file->at + start, file->size - start, 0));
    put(file, frame, size);
    free(frame);
    bytes_free(payload);
}

static inline void make_file(const char *path, const struct bytes *file)
{
    FILE *out = fopen(path, "wb");

    if (out == NULL || fwrite(file->at, 1, file->size, out) != file->size || fclose(out) != 0)
        abort();
}

/*
 * The trace that most tests read: two epochs of two chunks each.
 *   epoch 1  threads 1 (tid 100 "main") and 2 (tid 101 "worker"), module /bin/made
 *            at 0x10000..0x20000, bias 0x10000
 *            chunk 0: definitions, stacks 8 = start, 9 = start;work
 *            chunk 1: thread 1: 9 weight 4 (+100 -40 bytes), 9 weight 4, 8 weight 2;
 *                     thread 2: 9 weight 1; stack 10 = [truncated];deep (guessed)
 *   epoch 2  thread 1 is now tid 101, stacks 8 = start, 9 = start;work, as before
 *            chunk 2: definitions; chunk 3: thread 1: 9 weight 8; totals; end
 */
#define MADE_TRACE_CHUNKS 4

static inline void make_definitions(struct bytes *payload)
{
    make_property(payload, "comm", "made");
    make_property(payload, "pid", "100");
    make_property(payload, "ppid", "1");
    make_property(payload, "weight_unit_ns", "1000000");
    make_property(payload, "frequency_asked", "1000");
    make_property(payload, "heap", "counters");
    make_property(payload, "start_monotonic_ns", "1000");
    make_module(payload,
                (struct made_module){1, 0x10000, 0x20000, 0x10000, 0, "/bin/made", "\x01\x02"});
}

/* A payload with the records every trace has. */
static inline struct bytes made_payload(void)
{
    const struct made_node nodes[] = {{8, 0, 0x11001, 0}, {9, 8, 0x12000, 1}};
    const struct made_sample batch[] = {{1, 9, 4, 2, 100, 1, 40}, {1, 8, 2, 0, 0, 1, 10}};
    struct bytes payload = {0};

    make_definitions(&payload);
    make_thread(&payload, 1, 100, 1000, "main");
    make_stacks(&payload, 0, nodes, 2);
    make_samples(&payload, 1, 5000, batch, 2, 1);
    make_totals(&payload, (uint64_t[]){1, 2, 3, 4, 5, 6, 7, 8, 1, 10});
    make_gone(&payload, 1, 2);
    make_end(&payload, 1, 0, 9000, 10);
    return payload;
}

static inline void make_epoch(struct bytes *file, unsigned epoch)
{
    const struct made_node nodes[] = {{8, 0, 0x11001, 0}, {9, 8, 0x12000, 1}};
    const struct made_node deep[] = {{10, 1, 0x13001, 2}};
    const struct made_sample main_samples[] = {
        {1, 9, 4, 2, 100, 1, 40}, {4000, 9, 4, 0, 0, 0, 0}, {4000, 8, 2, 0, 0, 1, 10}};
    const struct made_sample worker_sample[] = {{1, 9, 1, 0, 0, 0, 0}};
    const struct made_sample late_sample[] = {{1, 9, 8, 1, 8, 0, 0}};
    const struct made_sample deep_sample[] = {{1, 10, 1, 0, 0, 0, 0}};
    struct bytes payload = {0};

    make_definitions(&payload);
    if (epoch == 0)
        make_thread(&payload, 1, 100, 1000, "main");
    make_thread(&payload, epoch == 0 ? 2 : 1, 101, 1500, "worker");
    make_stacks(&payload, 0, nodes, 2);
    make_chunk(file, &payload, (struct made_chunk){MADE_VERSION, 1, epoch * 2});
    if (epoch == 0) {
        make_samples(&payload, 1, 5000, main_samples, 3, 1);
        make_samples(&payload, 2, 5000, worker_sample, 1, 0);
        make_stacks(&payload, 0, deep, 1);
        make_samples(&payload, 2, 6000, deep_sample, 1, 0);
    } else {
        const uint64_t totals[10] = {1, 10000000, 3, 0, 1, 8, 0, 0, 0, 9000};
        make_samples(&payload, 1, 7000, late_sample, 1, 1);
        make_totals(&payload, totals);
        make_end(&payload, 1, 3, 9500, 20000000);
    }
    make_chunk(file, &payload, (struct made_chunk){MADE_VERSION, 0, epoch * 2 + 1});
}

static inline struct bytes made_trace(void)
{
    struct bytes file = {0};

    make_epoch(&file, 0);
    make_epoch(&file, 1);
    return file;
}

#endif
