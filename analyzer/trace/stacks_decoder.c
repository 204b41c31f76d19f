/*
 * Stack nodes. Its own file because no other record is put together from so many parts.
 */
#include "analyzer/trace/stacks_decoder.h"

#include "analyzer/trace/record_decoder.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

/* How far stack numbers may jump where definitions were lost: a ring has room for so many. */
#define STACK_JUMP_MAX (1u << 22)
#define STACK_JUMP_END (1u << 24) /* or a small trace of jumps alone would take any memory */

/* A record in the reading. */
struct stacks_record {
    struct record_decoder *decoder;
    struct wire_cursor backs, lengths, which, codes;
    uint64_t first;     /* number of its first node */
    size_t code_count;  /* codes so far */
    uint64_t last_code; /* that was new */
    struct trace_stack_node node;
};

void stacks_decoder_release(struct stacks_decoder *stacks)
{
    free(stacks->codes);
    free(stacks->children);
    free(stacks->indexes);
    free(stacks->ends);
}

void stacks_forget_ends(struct stacks_decoder *stacks)
{
    stacks->end_count = 0;
    stacks->ends_taken = 0;
}

uint64_t stacks_next_end(struct stacks_decoder *stacks)
{
    return stacks->ends_taken < stacks->end_count ? stacks->ends[stacks->ends_taken++] : UINT64_MAX;
}

static void add_end(struct stacks_decoder *stacks, uint64_t number)
{
    if (stacks->end_count == stacks->end_capacity) {
        stacks->end_capacity = stacks->end_capacity * 2 + 64;
        stacks->ends = memory_resize(stacks->ends, stacks->end_capacity * sizeof(*stacks->ends));
    }
    stacks->ends[stacks->end_count++] = number;
}

/* Makes room for so many nodes, each of which may have a code of its own. */
static void reserve(struct stacks_decoder *stacks, uint64_t nodes, uint64_t codes)
{
    if (nodes > stacks->node_capacity) {
        stacks->node_capacity = nodes;
        stacks->indexes = memory_resize(stacks->indexes, nodes * sizeof(*stacks->indexes));
    }
    if (codes + 1 > stacks->code_capacity) {
        stacks->code_capacity = codes + 1;
        stacks->codes = memory_resize(stacks->codes, (codes + 1) * sizeof(*stacks->codes));
        stacks->children = memory_resize(stacks->children, (codes + 1) * sizeof(*stacks->children));
    }
    memset(stacks->children, 0, (codes + 1) * sizeof(*stacks->children));
}

/* Behind a gap numbering goes on where the record says. */
static void find_number(struct record_decoder *decoder, uint64_t first)
{
    const struct trace_visitor *visitor = decoder->visitor;

    if (!decoder->stacks_lost || first < decoder->next_stack ||
        first - decoder->next_stack > STACK_JUMP_MAX || first > STACK_JUMP_END)
        return;
    if (visitor->stacks_lost != NULL && first > decoder->next_stack)
        visitor->stacks_lost(visitor->context, decoder->next_stack, first);
    decoder->next_stack = first;
    decoder->stacks_lost = false;
}

/* Finds the columns behind `chains`; false when the body does not hold them. */
static bool find_columns(struct wire_cursor *body, uint64_t chains, struct stacks_record *record)
{
    uint64_t nodes = 0, codes = 0;

    record->backs = wire_take_column(body, chains);
    record->lengths = wire_take_column(body, chains);
    struct wire_cursor lengths = record->lengths;
    for (uint64_t i = 0; i < chains && !body->failed; i++) {
        uint64_t length = wire_varint(&lengths) >> 1;
        if (length == 0 || length > wire_left(body)) /* each has a byte at least */
            return false;
        nodes += length;
    }
    if (body->failed || nodes > DECODER_STACKS_MAX)
        return false;
    record->which = wire_take_column(body, nodes);
    struct wire_cursor which = record->which;
    for (uint64_t i = 0; i < nodes && !body->failed; i++)
        codes += wire_varint(&which) == 0;
    record->codes = wire_take_column(body, codes);
    if (body->failed)
        return false;
    reserve(&record->decoder->stacks, nodes, codes);
    return true;
}

/* The index of the next node's code, whose parent's is `above`; 0: there is none. */
static uint32_t next_code(struct stacks_record *record, uint32_t above)
{
    struct stacks_decoder *stacks = &record->decoder->stacks;
    uint64_t index = wire_varint(&record->which);

    if (index == 0) {
        uint32_t child = stacks->children[above];
        uint64_t expected = child != 0 ? stacks->codes[child] : record->last_code;
        record->last_code = expected + (uint64_t)wire_svarint(&record->codes);
        index = ++record->code_count;
        stacks->codes[index] = record->last_code;
    }
    if (index > record->code_count)
        return 0;
    stacks->children[above] = (uint32_t)index;
    return (uint32_t)index;
}

/* One node below `parent`; false when it cannot be. */
static bool decode_node(struct stacks_record *record, uint64_t parent)
{
    struct record_decoder *decoder = record->decoder;
    struct stacks_decoder *stacks = &decoder->stacks;
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_stack_node *node = &record->node;
    uint32_t above = parent >= record->first ? stacks->indexes[parent - record->first] : 0;
    uint32_t index = next_code(record, above);

    node->number = decoder->next_stack;
    if (index == 0 || node->number >= DECODER_STACKS_MAX)
        return false;
    stacks->indexes[node->number - record->first] = index;
    node->parent = parent;
    node->pc = (uint64_t)((int64_t)stacks->codes[index] >> TRACE_NODE_BITS);
    node->flags = stacks->codes[index] & ((1u << TRACE_NODE_BITS) - 1);
    decoder->next_stack++;
    if (visitor->stack != NULL)
        visitor->stack(visitor->context, node);
    return true;
}

static bool decode_chain(struct stacks_record *record)
{
    struct record_decoder *decoder = record->decoder;
    uint64_t back = wire_varint(&record->backs);
    uint64_t length = wire_varint(&record->lengths);
    uint64_t number = decoder->next_stack;

    if (back >= TRACE_STACK_FIRST && back > number - 1)
        return false;
    uint64_t parent = back < TRACE_STACK_FIRST ? back : number - (back - TRACE_STACK_FIRST + 1);
    for (uint64_t left = length >> 1; left > 0; left--) {
        if (!decode_node(record, parent))
            return false;
        parent = record->node.number;
    }
    if (length & 1)
        add_end(&decoder->stacks, parent);
    return true;
}

bool stacks_decode(struct record_decoder *decoder, struct wire_cursor *body)
{
    struct stacks_record record = {.decoder = decoder, .node.generation = wire_varint(body)};

    const size_t ends = decoder->stacks.end_count;

    record.first = wire_varint(body);
    uint64_t chains = wire_varint(body);
    bool sound = !body->failed && find_columns(body, chains, &record);
    if (sound)
        find_number(decoder, record.first);
    sound = sound && !decoder->stacks_lost && record.first == decoder->next_stack;
    for (; sound && chains > 0; chains--)
        sound = decode_chain(&record);
    /* Numbers count on: without this record the next ones are not known. */
    if (!sound) {
        decoder->stacks_lost = true;
        decoder->stacks.end_count = ends;
    }
    return sound;
}
