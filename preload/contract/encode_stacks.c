/*
 * Records of stack nodes. Its own file beside drain_encode.c because they alone are more than a
 * list of numbers: where stacks are deep and hardly one is like another (compilers), their nodes
 * are most of the trace.
 *
 * Each code once, then indexes, in a column of their own: zstd finds repeated paths among them,
 * which it does better than predictions of the next node by one to eight before it, tried
 * with and without an index. A new code as the difference to what the same caller last
 * called. Together 28 bytes a stack where differences to the node before take 36, of g++ at
 * 250 Hz, 51 new nodes a stack; 17 for 24 at 1000 Hz. Indexes for a whole epoch would save
 * another twentieth, and after damage all nodes would hang on what was lost.
 */
#include "preload/contract/encode_stacks.h"

#include "preload/contract/drain_encode.h"
#include "preload/contract/trace_format.h"

#include <string.h>

enum { CODES = 1 << 14, SLOTS = 2 * CODES, NODES = 1 << 16, CHAINS = 1 << 14 };

struct chain {
    uint32_t back, length;
    bool of_sample;
};

struct stack_record {
    uint64_t codes[CODES];    /* from 1, by first use */
    int64_t steps[CODES];     /* likewise: as they are written */
    uint16_t children[CODES]; /* by the parent's code: index of the child's; 0: none */
    uint16_t indexes[NODES];  /* of the nodes' codes */
    struct chain chains[CHAINS];
    uint16_t slots[SLOTS]; /* of codes, by hash: index; 0: free */
};

size_t stack_encoder_size(void)
{
    return sizeof(struct stack_record);
}

void stack_encoder_init(struct stack_encoder *encoder, void *memory, struct buffer *to,
                        struct buffer *body)
{
    *encoder = (struct stack_encoder){.record = memory, .to = to, .body = body};
}

/* The slot of a code, or the free one that would be. */
static uint16_t *slot_of(struct stack_record *record, uint64_t code)
{
    uint32_t at = (uint32_t)((code * 0x9E3779B97F4A7C15u) >> 32) % SLOTS;
    while (record->slots[at] && record->codes[record->slots[at]] != code)
        at = (at + 1) % SLOTS;
    return &record->slots[at];
}

/* Backwards: a slot may lie behind others that were taken before it. */
static void forget(struct stack_encoder *encoder)
{
    struct stack_record *record = encoder->record;
    for (uint32_t i = encoder->codes; i > 0; i--)
        *slot_of(record, record->codes[i]) = 0;
    memset(record->children, 0, (encoder->codes + 1) * sizeof *record->children);
    encoder->chains = encoder->nodes = encoder->codes = 0;
    encoder->last_code = 0;
    encoder->open = false;
}

/* Codes are numbered as they come: the next number is that of one that is new. */
static void put_indexes(const struct stack_encoder *encoder)
{
    uint32_t known = 0;
    for (uint32_t i = 0; i < encoder->nodes; i++) {
        uint32_t index = encoder->record->indexes[i];
        bool is_new = index > known;
        known += is_new;
        buffer_varint(encoder->body, is_new ? 0 : index);
    }
}

static void write_record(struct stack_encoder *encoder)
{
    const struct stack_record *record = encoder->record;
    struct buffer *body = encoder->body;
    if (!encoder->nodes)
        return;
    buffer_clear(body);
    buffer_varint(body, encoder->generation);
    buffer_varint(body, encoder->first);
    buffer_varint(body, encoder->chains);
    for (uint32_t i = 0; i < encoder->chains; i++)
        buffer_varint(body, record->chains[i].back);
    for (uint32_t i = 0; i < encoder->chains; i++)
        buffer_varint(body, (uint64_t)record->chains[i].length << 1 | record->chains[i].of_sample);
    put_indexes(encoder);
    for (uint32_t i = 1; i <= encoder->codes; i++)
        buffer_svarint(body, record->steps[i]);
    encoder->records += encode_record(encoder->to, TRACE_STACKS, body);
    forget(encoder);
}

static bool is_full(const struct stack_encoder *encoder)
{
    return encoder->codes + 1 == CODES || encoder->nodes == NODES || encoder->chains == CHAINS;
}

static void begin_chain(struct stack_encoder *encoder, uint32_t parent, uint32_t number)
{
    uint32_t back = parent < TRACE_STACK_FIRST ? parent : number - parent + (TRACE_STACK_FIRST - 1);
    encoder->record->chains[encoder->chains++] = (struct chain){.back = back};
    encoder->open = true;
}

/* The index of a parent's code, 0: it is in another record, or none. */
static uint32_t index_of_parent(const struct stack_encoder *encoder, uint32_t parent)
{
    if (parent < TRACE_STACK_FIRST || parent < encoder->first)
        return 0;
    return encoder->record->indexes[parent - encoder->first];
}

/* Remembers a new code; returns its index. */
static uint32_t add_code(struct stack_encoder *encoder, uint64_t code, uint32_t parent_index)
{
    struct stack_record *record = encoder->record;
    uint32_t child = record->children[parent_index];
    uint64_t expected = child ? record->codes[child] : encoder->last_code;
    uint32_t index = ++encoder->codes;
    record->codes[index] = code;
    record->steps[index] = (int64_t)(code - expected);
    encoder->last_code = code;
    return index;
}

void stack_encoder_add(struct stack_encoder *encoder, const struct ring_node *node, uint32_t parent,
                       uint32_t number)
{
    struct stack_record *record = encoder->record;
    const uint64_t code = node->code;
    const uint32_t generation = node->generation;
    if (generation != encoder->generation || is_full(encoder))
        write_record(encoder);
    if (!encoder->nodes) {
        encoder->generation = generation;
        encoder->first = number;
    }
    if (!encoder->open || parent + 1 != number)
        begin_chain(encoder, parent, number);
    uint32_t above = index_of_parent(encoder, parent);
    uint16_t *slot = slot_of(record, code);
    if (!*slot)
        *slot = (uint16_t)add_code(encoder, code, above);
    record->indexes[encoder->nodes++] = *slot;
    record->children[above] = *slot;
    record->chains[encoder->chains - 1].length++;
}

void stack_encoder_end_chain(struct stack_encoder *encoder, bool of_sample)
{
    if (encoder->open)
        encoder->record->chains[encoder->chains - 1].of_sample = of_sample;
    encoder->open = false;
}

/* Indexes and lengths have one or two bytes, codes and what chains hang on three or four. */
size_t stack_encoder_pending(const struct stack_encoder *encoder)
{
    return 5u * encoder->chains + 2u * encoder->nodes + 4u * encoder->codes;
}

uint32_t stack_encoder_finish(struct stack_encoder *encoder)
{
    write_record(encoder);
    uint32_t records = encoder->records;
    encoder->records = 0;
    return records;
}
