/*
 * Decoding of records. Its own file because it follows the PAYLOAD part of the
 * specification (preload/contract/trace_format.h) line by line.
 */
#include "analyzer/trace/record_decoder.h"

#include "analyzer/trace/code_names_decoder.h"
#include "analyzer/trace/end_decoder.h"
#include "analyzer/trace/heap_decoder.h"
#include "analyzer/trace/mapping_decoder.h"
#include "analyzer/trace/memory_decoder.h"
#include "analyzer/trace/program_decoder.h"
#include "analyzer/trace/resources_decoder.h"
#include "analyzer/trace/stacks_decoder.h"
#include "analyzer/trace/waits_decoder.h"
#include "analyzer/trace/wire.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

/* How far thread numbers may jump where definitions were lost: readers have tables of them. */
#define THREAD_JUMP_MAX (1u << 20)

/* Records that define one thing. */
#define DEFINITIONS                                                                        \
    (1u << TRACE_PROPERTY | 1u << TRACE_MODULE | 1u << TRACE_THREAD | 1u << TRACE_REGION | \
     1u << TRACE_COUNTER | 1u << TRACE_OBJECT | 1ull << TRACE_RESOURCE)

/* A single sample cannot stand for more: 2^32 units, 2^56 bytes. */
#define WEIGHT_MAX UINT32_MAX
#define MEMORY_MAX ((uint64_t)1 << 56)

/* A stretch cannot be longer: two years. */
#define STRETCH_MAX ((uint64_t)1 << 56)

void record_decoder_init(struct record_decoder *decoder, const struct trace_visitor *visitor,
                         struct trace_summary *summary)
{
    memset(decoder, 0, sizeof(*decoder));
    decoder->visitor = visitor;
    decoder->summary = summary;
    decoder->next_stack = TRACE_STACK_FIRST;
}

void record_decoder_release(struct record_decoder *decoder)
{
    free(decoder->threads);
    for (size_t i = 0; i < DECODER_TEXTS; i++)
        free(decoder->text[i]);
    free(decoder->heap_places);
    stacks_decoder_release(&decoder->stacks);
}

void record_decoder_epoch(struct record_decoder *decoder)
{
    decoder->next_stack = TRACE_STACK_FIRST;
    decoder->stacks_lost = false;
    decoder->threads_lost = false;
    decoder->last_thread = 0;
    if (decoder->thread_capacity > 0)
        memset(decoder->threads, 0, decoder->thread_capacity * sizeof(*decoder->threads));
    if (decoder->visitor->epoch != NULL)
        decoder->visitor->epoch(decoder->visitor->context);
}

void record_decoder_lost(struct record_decoder *decoder, enum decoder_loss loss)
{
    if (loss == LOSS_EPOCH)
        record_decoder_epoch(decoder);
    decoder->stacks_lost = true;
    decoder->threads_lost = true;
    decoder->damaged = true;
}

const char *record_decoder_text(struct record_decoder *decoder, int which,
                                struct wire_string string)
{
    if (decoder->text_capacity[which] <= string.size) {
        decoder->text_capacity[which] = string.size + 64;
        decoder->text[which] = memory_resize(decoder->text[which], decoder->text_capacity[which]);
    }
    memcpy(decoder->text[which], string.bytes, string.size);
    decoder->text[which][string.size] = '\0';
    return decoder->text[which];
}

static bool decode_property(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct wire_string name = wire_string(body);
    struct wire_string value = wire_string(body);

    if (body->failed)
        return false;
    if (visitor->property != NULL)
        visitor->property(visitor->context, record_decoder_text(decoder, 0, name),
                          record_decoder_text(decoder, 1, value), value.size);
    return true;
}

static bool decode_module(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_module module = {.id = wire_varint(body)};

    module.start = wire_varint(body);
    module.end = wire_varint(body);
    module.bias = wire_varint(body);
    module.generation = wire_varint(body);
    module.loaded_ns = wire_varint(body);
    struct wire_string path = wire_string(body);
    struct wire_string build_id = wire_string(body);
    if (body->failed || module.start >= module.end)
        return false;
    module.path = record_decoder_text(decoder, 0, path);
    module.build_id = build_id.bytes;
    module.build_id_size = build_id.size;
    if (visitor->module != NULL)
        visitor->module(visitor->context, &module);
    return true;
}

static bool decode_module_gone(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    uint64_t id = wire_varint(body);
    uint64_t generation = wire_varint(body);
    uint64_t time = wire_varint(body);

    if (body->failed)
        return false;
    if (visitor->module_gone != NULL)
        visitor->module_gone(visitor->context, id, generation, time);
    return true;
}

/* True when a thread record may have this number; makes room for it. */
static bool accept_thread(struct record_decoder *decoder, uint64_t number)
{
    bool jumps = number > decoder->last_thread + 1;

    if (number == 0 || number > DECODER_THREADS_MAX ||
        (jumps && (!decoder->threads_lost || number > THREAD_JUMP_MAX)))
        return false;
    if (number >= decoder->thread_capacity) {
        size_t capacity = (size_t)number * 2 + 64;
        decoder->threads = memory_resize(decoder->threads, capacity * sizeof(*decoder->threads));
        memset(decoder->threads + decoder->thread_capacity, 0,
               (capacity - decoder->thread_capacity) * sizeof(*decoder->threads));
        decoder->thread_capacity = capacity;
    }
    if (number > decoder->last_thread)
        decoder->last_thread = number;
    decoder->threads[number] = true;
    return true;
}

bool record_decoder_knows_thread(const struct record_decoder *decoder, uint64_t number)
{
    return number < decoder->thread_capacity && decoder->threads[number];
}

bool record_decoder_accept_stack(const struct record_decoder *decoder, uint64_t *stack)
{
    if (*stack < decoder->next_stack)
        return true;
    *stack = TRACE_STACK_BROKEN;
    return decoder->stacks_lost;
}

static bool decode_thread(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_thread thread = {.number = wire_varint(body)};
    uint64_t tid = wire_varint(body);

    thread.start_ns = wire_varint(body);
    struct wire_string name = wire_string(body);
    if (body->failed || tid > INT32_MAX || !accept_thread(decoder, thread.number))
        return false;
    thread.tid = (int32_t)tid;
    thread.name = record_decoder_text(decoder, 0, name);
    if (visitor->thread != NULL)
        visitor->thread(visitor->context, &thread);
    return true;
}

static bool decode_totals(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_totals totals = {.thread = wire_varint(body)};

    totals.cpu_ns = wire_varint(body);
    totals.samples = wire_varint(body);
    totals.lost = wire_varint(body);
    totals.alloc_count = wire_varint(body);
    totals.alloc_bytes = wire_varint(body);
    totals.free_count = wire_varint(body);
    totals.free_bytes = wire_varint(body);
    totals.flags = wire_varint(body);
    totals.end_ns = wire_varint(body);
    totals.paused_ns = wire_varint(body);
    if (body->failed || !record_decoder_knows_thread(decoder, totals.thread))
        return false;
    if (visitor->totals != NULL)
        visitor->totals(visitor->context, &totals);
    return true;
}

/* The columns of a batch, each read by a cursor of its own. */
struct sample_columns {
    struct wire_cursor time, stack, weight, allocs, bytes, frees, freed, region;
    bool has_memory, has_region;
    uint64_t unit;    /* of bytes and freed */
    uint64_t time_ns; /* a unit of time */
};

/* False when the body does not hold `count` values for every column. */
static bool find_columns(struct wire_cursor *body, uint64_t count, uint64_t columns,
                         struct sample_columns *found)
{
    found->has_memory = columns & TRACE_COLUMN_MEMORY;
    found->unit = columns & TRACE_COLUMN_EIGHTHS ? 8 : 1;
    found->time_ns = 1000ull << (columns >> TRACE_COLUMN_TIME & 15);
    found->time = wire_take_column(body, count);
    found->stack = wire_take_column(body, count);
    found->weight = wire_take_column(body, count);
    if (found->has_memory) {
        found->allocs = wire_take_column(body, count);
        found->bytes = wire_take_column(body, count);
        found->frees = wire_take_column(body, count);
        found->freed = wire_take_column(body, count);
    }
    found->has_region = columns & TRACE_COLUMN_REGION;
    if (found->has_region)
        found->region = wire_take_column(body, count);
    return !body->failed;
}

/* Reads the next value of every column; false when the sample cannot be. */
static bool next_sample(struct record_decoder *decoder, struct sample_columns *columns,
                        struct trace_sample *sample)
{
    sample->time_ns += wire_varint(&columns->time) * columns->time_ns;
    sample->stack = wire_varint(&columns->stack);
    if (sample->stack == TRACE_STACK_NEXT)
        sample->stack = stacks_next_end(&decoder->stacks);
    sample->weight = wire_varint(&columns->weight);
    sample->has_memory = columns->has_memory;
    if (columns->has_memory) {
        sample->alloc_count = wire_varint(&columns->allocs);
        sample->alloc_bytes = wire_varint(&columns->bytes) * columns->unit;
        sample->free_count = sample->alloc_count - (uint64_t)wire_svarint(&columns->frees);
        sample->free_bytes =
            sample->alloc_bytes - (uint64_t)wire_svarint(&columns->freed) * columns->unit;
    }
    if (columns->has_region)
        sample->region = wire_varint(&columns->region);
    return record_decoder_accept_stack(decoder, &sample->stack) &&
           sample->region <= DECODER_REGION_MAX && sample->weight <= WEIGHT_MAX &&
           sample->alloc_count <= MEMORY_MAX && sample->alloc_bytes <= MEMORY_MAX &&
           sample->free_count <= MEMORY_MAX && sample->free_bytes <= MEMORY_MAX;
}

static bool decode_batch(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_sample sample = {.thread = wire_varint(body)};
    struct sample_columns columns = {.has_memory = false};

    if (visitor->sample == NULL)
        return true;
    wire_varint(body); /* position: for replaying rings */
    sample.time_ns = wire_varint(body);
    uint64_t count = wire_varint(body);
    uint64_t set = wire_varint(body);
    if (body->failed || !find_columns(body, count, set, &columns))
        return false;
    if (!record_decoder_knows_thread(decoder, sample.thread)) {
        decoder->summary->samples_dropped += count;
        return true;
    }
    for (; count > 0; count--) {
        if (!next_sample(decoder, &columns, &sample))
            decoder->summary->samples_dropped++;
        else if (visitor->sample != NULL)
            visitor->sample(visitor->context, &sample);
    }
    return true;
}

static bool decode_samples(struct record_decoder *decoder, struct wire_cursor *body)
{
    bool sound = decode_batch(decoder, body);

    stacks_forget_ends(&decoder->stacks);
    return sound;
}

static bool is_state(uint64_t state)
{
    return state <= TRACE_OFFCPU_RUNNABLE ||
           (state > TRACE_OFFCPU_KINDS && state <= TRACE_OFFCPU_KINDS + UINT16_MAX);
}

static bool decode_offcpu(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_stretch stretch = {.thread = wire_varint(body)};

    if (visitor->offcpu == NULL)
        return true;
    stretch.time_ns = wire_varint(body);
    uint64_t count = wire_varint(body);
    struct wire_cursor times = wire_take_column(body, count);
    struct wire_cursor stacks = wire_take_column(body, count);
    struct wire_cursor lengths = wire_take_column(body, count);
    struct wire_cursor states = wire_take_column(body, count);
    if (body->failed || !record_decoder_knows_thread(decoder, stretch.thread))
        return false;
    for (; count > 0; count--) {
        stretch.time_ns += wire_varint(&times) * 1000;
        stretch.stack = wire_varint(&stacks);
        stretch.length_ns = wire_varint(&lengths);
        uint64_t state = wire_varint(&states);
        stretch.state =
            state == TRACE_OFFCPU_RUNNABLE ? TRACE_OFFCPU_RUNNABLE : TRACE_OFFCPU_BLOCKED;
        stretch.kind = state > TRACE_OFFCPU_KINDS ? (uint32_t)(state - TRACE_OFFCPU_KINDS) : 0;
        if (!record_decoder_accept_stack(decoder, &stretch.stack) ||
            stretch.length_ns > STRETCH_MAX || !is_state(state))
            decoder->summary->samples_dropped++;
        else
            visitor->offcpu(visitor->context, &stretch);
    }
    return true;
}

static bool decode_rest(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_rest rest = {.thread = wire_varint(body)};

    rest.stack = wire_varint(body);
    rest.length_ns = wire_varint(body);
    if (body->failed || !record_decoder_knows_thread(decoder, rest.thread) ||
        !record_decoder_accept_stack(decoder, &rest.stack) || rest.length_ns > STRETCH_MAX)
        return false;
    if (visitor->rest != NULL)
        visitor->rest(visitor->context, &rest);
    return true;
}

static bool decode_histogram(struct wire_cursor *body, uint64_t *buckets)
{
    uint64_t count = wire_varint(body);

    for (; count > 0 && !body->failed; count--) {
        uint64_t bucket = wire_varint(body);
        uint64_t number = wire_varint(body);
        if (bucket >= TRACE_BUCKETS || number > UINT32_MAX)
            return false;
        buckets[bucket] = number;
    }
    return !body->failed;
}

static bool decode_handler(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_handler handler = {.frames = wire_varint(body)};

    handler.reused = wire_varint(body);
    handler.rules_hit = wire_varint(body);
    handler.rules_made = wire_varint(body);
    handler.longest_ns = wire_varint(body);
    if (!decode_histogram(body, handler.duration_ns) || !decode_histogram(body, handler.depth))
        return false;
    if (visitor->handler != NULL)
        visitor->handler(visitor->context, &handler);
    return true;
}

static bool decode_unwinding(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    uint64_t counts[TRACE_UNWINDING_COUNT] = {0};
    uint64_t count = wire_varint(body);

    for (uint64_t i = 0; i < count && i < TRACE_UNWINDING_COUNT && !body->failed; i++)
        counts[i] = wire_varint(body);
    if (body->failed)
        return false;
    if (visitor->unwinding != NULL)
        visitor->unwinding(visitor->context, counts);
    return true;
}

typedef bool (*decode_function)(struct record_decoder *decoder, struct wire_cursor *body);

static const decode_function decoders[] = {
    [TRACE_PROPERTY] = decode_property,
    [TRACE_MODULE] = decode_module,
    [TRACE_MODULE_GONE] = decode_module_gone,
    [TRACE_THREAD] = decode_thread,
    [TRACE_THREAD_TOTALS] = decode_totals,
    [TRACE_STACKS] = stacks_decode,
    [TRACE_SAMPLES] = decode_samples,
    [TRACE_END] = end_decode,
    [TRACE_DEATH] = end_decode_death,
    [TRACE_HANDLER] = decode_handler,
    [TRACE_OFFCPU] = decode_offcpu,
    [TRACE_REGION] = program_decode_region,
    [TRACE_COUNTER] = program_decode_counter,
    [TRACE_COUNTS] = program_decode_counts,
    [TRACE_UNWINDING] = decode_unwinding,
    [TRACE_REST] = decode_rest,
    [TRACE_BEFORE] = program_decode_before,
    [TRACE_WAITS] = waits_decode,
    [TRACE_SCHEDULING] = waits_decode_scheduling,
    [TRACE_OBJECT] = waits_decode_object,
    [TRACE_HEAP] = heap_decode_events,
    [TRACE_HEAP_UNTIL] = heap_decode_until,
    [TRACE_MEMORY] = memory_decode_words,
    [TRACE_SCAN] = memory_decode_scan,
    [TRACE_HEAP_EVENTS] = heap_decode_segment,
    [TRACE_HEAP_CLOCK] = heap_decode_clock,
    [TRACE_MAPPINGS] = mapping_decode_events,
    [TRACE_MAPPINGS_LOST] = mapping_decode_lost,
    [TRACE_RESIDENT] = mapping_decode_resident,
    [TRACE_CODE_NAMES] = code_names_decode,
    [TRACE_RESOURCE] = resources_decode_series,
    [TRACE_RESOURCES] = resources_decode_points,
};

static bool decode_record(struct record_decoder *decoder, uint64_t tag, struct wire_string body)
{
    struct wire_cursor cursor = wire_cursor_at(body.bytes, body.size);

    if (tag >= sizeof(decoders) / sizeof(decoders[0]) || decoders[tag] == NULL)
        return true;
    if (DEFINITIONS >> tag & 1 && body.size > DECODER_DEFINITION_MAX)
        return false;
    return decoders[tag](decoder, &cursor);
}

void record_decoder_payload(struct record_decoder *decoder, const uint8_t *bytes, size_t size)
{
    struct wire_cursor cursor = wire_cursor_at(bytes, size);

    stacks_forget_ends(&decoder->stacks);
    while (wire_left(&cursor) > 0) {
        uint64_t tag = wire_varint(&cursor);
        struct wire_string body = wire_string(&cursor);

        if (cursor.failed || !decode_record(decoder, tag, body))
            decoder->summary->records_dropped++;
        else if (decoder->damaged)
            decoder->summary->recovered_records++;
    }
    /* A record that reaches past the payload may have defined stacks. */
    if (cursor.failed)
        record_decoder_lost(decoder, LOSS_DEFINITIONS);
}
