/*
 * From records in a ring to batches in a chunk. Its own file beside drain.c because
 * this is all that knows what kinds of records there are.
 */
#include "preload/contract/drain_batch.h"

#include "preload/contract/drain_limit.h"
#include "preload/contract/drain_program.h"
#include "preload/contract/encode_heap.h"
#include "preload/contract/encode_mappings.h"
#include "preload/contract/encode_offcpu.h"
#include "preload/contract/encode_waits.h"
#include "preload/contract/node_room.h"

#define NODES_DEEP (4096u + 2) /* of a stack: max_depth, at most, and what stands for the rest */

/* 0: this epoch has not seen it. */
static uint32_t number_of(const struct drain *drain, uint32_t node)
{
    const struct drain_node *known = &drain->nodes_known[node & (drain->ring->node_capacity - 1)];
    return known->node == node ? known->number : 0;
}

static bool is_unknown(const struct drain *drain, uint32_t node)
{
    return node_room_has(drain->ring, node) && !number_of(drain, node);
}

/*
 * The trace number of a ring node, defining it and its callers when this epoch
 * has not seen them. Callers come first, so the path is walked up once to find
 * what is missing and down again to define it.
 */
static uint32_t define_node(struct drain *drain, uint32_t leaf, bool of_sample)
{
    uint32_t path[NODES_DEEP];
    uint32_t depth = 0, node = leaf;

    for (; is_unknown(drain, node) && depth < NODES_DEEP;
         node = ring_node_at(drain->ring, node)->parent)
        path[depth++] = node;
    uint32_t parent = TRACE_STACK_BROKEN; /* of a number nobody gave away, or that is gone */
    if (node < TRACE_STACK_FIRST)
        parent = node;
    else if (node_room_has(drain->ring, node) && number_of(drain, node))
        parent = number_of(drain, node);
    while (depth-- > 0) {
        node = path[depth];
        stack_encoder_add(&drain->stacks, ring_node_at(drain->ring, node), parent,
                          drain->next_node);
        parent = drain->next_node++;
        drain->nodes_known[node & (drain->ring->node_capacity - 1)] =
            (struct drain_node){.node = node, .number = parent};
    }
    stack_encoder_end_chain(&drain->stacks, of_sample);
    return parent;
}

uint32_t drain_define_node(struct drain *drain, uint32_t leaf)
{
    return define_node(drain, leaf, false);
}

static uint32_t define_sample(struct drain *drain, uint32_t leaf)
{
    uint32_t next = drain->next_node;
    uint32_t number = define_node(drain, leaf, true);
    return drain->next_node == next ? number : TRACE_STACK_NEXT;
}

uint32_t drain_count_unknown(const struct drain *drain, uint32_t leaf)
{
    uint32_t count = 0;
    for (uint32_t node = leaf; is_unknown(drain, node) && count < NODES_DEEP;
         node = ring_node_at(drain->ring, node)->parent)
        count++;
    return count;
}

void drain_note_time(struct drain *drain, uint64_t time)
{
    if (!drain->time_first || time < drain->time_first)
        drain->time_first = time;
    if (time > drain->time_last)
        drain->time_last = time;
    if (time > drain->latest_ns)
        drain->latest_ns = time;
}

/* The records of one thread, sorted by what they become. */
struct batch {
    struct sample_encoder samples;
    struct offcpu_encoder stretches;
    struct count_encoder counts;
    struct heap_encoder heap, mappings;
    struct waits_encoder waits;
};

static void batch_init(struct batch *batch, struct drain *drain)
{
    sample_encoder_init(&batch->samples, &drain->columns, drain->time_shift);
    offcpu_encoder_init(&batch->stretches);
    count_encoder_init(&batch->counts);
    heap_encoder_init(&batch->heap);
    heap_encoder_init(&batch->mappings);
    waits_encoder_init(&batch->waits, 0);
}

static void batch_add(struct batch *batch, struct drain *drain, struct drain_slot *seen,
                      enum ring_record_type type, const void *record)
{
    if (type == RING_SAMPLE) {
        const struct ring_sample *sample = record;
        const uint64_t unit_ns = sample_time_unit_ns(drain->time_shift);
        sample_encoder_add(&batch->samples, sample, define_sample(drain, sample->stack));
        drain_note_time(drain, sample->time_ns / unit_ns * unit_ns);
    } else if (type == RING_OFFCPU) {
        const struct ring_offcpu *stretch = record;
        offcpu_encoder_add(&batch->stretches, stretch, drain_define_node(drain, stretch->stack));
        drain_note_time(drain, stretch->time_ns);
    } else if (type == RING_COUNT) {
        const struct ring_count *count = record;
        count_encoder_add(&batch->counts, seen, count, drain_define_node(drain, count->stack));
        drain_note_time(drain, count->time_ns);
    } else if (type == RING_HEAP || type == RING_MAPPING) {
        const struct ring_heap *event = record;
        heap_encoder_add(type == RING_HEAP ? &batch->heap : &batch->mappings, event,
                         drain_define_node(drain, event->stack));
        drain_note_time(drain, event->time_ns);
    } else if (type == RING_WAIT) {
        const struct ring_wait *wait = record;
        waits_encoder_add(&batch->waits, wait, drain_define_node(drain, wait->stack));
        drain_note_time(drain, wait->end_ns);
    }
}

static void batch_finish(struct batch *batch, struct drain *drain, const struct drain_slot *seen)
{
    struct buffer *to = &drain->payload, *body = &drain->columns;
    drain->records += stack_encoder_finish(&drain->stacks);
    drain->records += sample_encoder_finish(&batch->samples, to, seen->number, seen->position);
    drain->records += offcpu_encoder_finish(&batch->stretches, to, body, seen->number);
    drain->records += count_encoder_finish(&batch->counts, to, body, seen->number);
    drain->records += waits_encoder_finish(&batch->waits, to, body, seen->number);
    uint32_t heap = heap_encoder_finish(&batch->heap, to, body, seen->number);
    heap += mapping_encoder_finish(&batch->mappings, to, body, seen->number);
    drain->records += heap;
    drain->has_heap |= heap != 0;
}

/* The target may have written over its ring: what cannot be a record is none, and nothing
 * behind it is. Batches have room for what fits into a ring. */
static bool is_sound(uint32_t commit, uint64_t position, uint64_t limit)
{
    static const uint8_t sizes[] = {
        [RING_SAMPLE] = sizeof(struct ring_sample), [RING_COUNT] = sizeof(struct ring_count),
        [RING_OFFCPU] = sizeof(struct ring_offcpu), [RING_HEAP] = sizeof(struct ring_heap),
        [RING_MAPPING] = sizeof(struct ring_heap),  [RING_WAIT] = sizeof(struct ring_wait),
    };
    uint32_t size = commit >> 8, type = commit & 0xff;
    if (type < sizeof sizes && sizes[type] && size != sizes[type])
        return false;
    return size >= 8 && size % 8 == 0 && size <= limit - position &&
           size <= RING_DATA_SIZE - position % RING_DATA_SIZE;
}

/* Committed records from seen->position on, at most up to `limit`, as one batch. */
bool drain_put_records(struct drain *drain, struct ring_slot *slot, struct drain_slot *seen,
                       uint64_t limit)
{
    struct batch batch;
    uint64_t position = seen->position;
    bool all = true;

    if (limit - position > RING_DATA_SIZE || position % 8 != 0)
        return true;
    batch_init(&batch, drain);
    while (position < limit) {
        const uint8_t *at = slot->data + position % RING_DATA_SIZE;
        uint32_t commit = __atomic_load_n((const uint32_t *)at, __ATOMIC_ACQUIRE);
        if (!commit || !is_sound(commit, position, limit))
            break;
        enum ring_record_type type = (enum ring_record_type)(commit & 0xff);
        all = drain->dropping || position == seen->position ||
              drain_limit_has_room(drain, stack_encoder_pending(&drain->stacks) +
                                              (position - seen->position) / 2);
        if (!all)
            break;
        if (drain->dropping)
            drain_limit_drop(drain, slot, seen, type, at);
        else
            batch_add(&batch, drain, seen, type, at);
        position += commit >> 8;
    }
    batch_finish(&batch, drain, seen);
    seen->position = position;
    return all;
}
