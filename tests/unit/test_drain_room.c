/* Chunks and nodes where there is little room: events and samples come in as many chunks as that takes,
 * each with its stack, however many stacks there are, and nothing is lost that has room by itself. */
#include "analyzer/trace/record_decoder.h"
#include "preload/contract/drain.h"
#include "preload/contract/drain_limit.h"
#include "preload/contract/node_room.h"
#include "preload/modules.h"
#include "preload/stack_table.h"
#include "tests/unit/parts_fixture.h"
#include "tests/unit/segments_fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define LEAST (64u << 10) /* that --max-size may be */
#define NODES_MAX (4u << 20)
#define RAW_MAX ((1u << 20) + (64u << 10)) /* of a chunk, with one stack more */

static struct drain drain;
static int fd;
static struct heap_stream stream;
static uint64_t put_events, put_samples;

static void start(void)
{
    segments_start();
    stream = (struct heap_stream){0};
    put_events = put_samples = 0;
    ring->pool.limit = SEGMENTS;
    ring->pool.clock = 2;
    ring->pool.ticks = ring->pool.ticks_ns = 1;
    slot->tid = 4000000;
    fd = open("trace.pinj", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (stack_table_init() != 0 || drain_init(&drain, ring, 0) != 0)
        abort();
    drain_name_trace(&drain, AT_FDCWD, "trace.pinj");
}

static void stop(void)
{
    drain_release(&drain);
    close(fd);
    ring_stop();
}

TestSuite(drain_room, .init = start, .fini = stop, .timeout = 60);

static uint64_t code_of(uint64_t number, unsigned frame)
{
    return (number * 2654435761u << 8 ^ frame * 40503u) & 0xffffffffffff;
}

/* A stack like no other, of nowhere, whose leaf has code_of(number, depth - 1). */
static uint32_t make_stack(uint64_t number, unsigned depth)
{
    uint32_t node = TRACE_STACK_COMPLETE, generation = modules_generation_sigsafe();
    for (unsigned i = 0; i < depth; i++) {
        uint64_t code = code_of(number, i) << TRACE_NODE_BITS;
        ring_extend_nodes(ring);
        node = stack_table_intern_sigsafe(ring, node, code, generation);
        cr_assert(node);
    }
    return node;
}

/* Allocation n is of n bytes, by a stack of its own; every other event is a free. */
static void put_allocations(unsigned count, unsigned depth)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t address = code_of(put_events, 7) << 4;
        uint32_t stack = make_stack(put_events, depth);
        if (!heap_stream_fits(&stream, address, address))
            cr_assert(heap_stream_next(&stream, slot, put_events * 10, address, address, STALL_NS));
        uint32_t place = heap_stream_add_place(&stream, stack, 0);
        heap_stream_put_alloc(&stream, TRACE_HEAP_EXACT_ALLOC, address, put_events * 10, put_events,
                              place);
        heap_stream_put_free(&stream, TRACE_HEAP_EXACT_FREE, address, put_events * 10);
        heap_stream_commit(&stream);
        put_events++;
    }
}

static void put_sample(unsigned depth)
{
    const size_t word = sizeof(uint32_t);
    struct ring_sample sample = {.time_ns = 1000000 + put_samples * 1000, .weight = 1};
    sample.stack = make_stack(put_samples, depth);
    sample.weight = (uint32_t)++put_samples;
    struct ring_sample *record = ring_reserve_sigsafe(slot, sizeof(sample));
    cr_assert(record);
    memcpy((char *)record + word, (char *)&sample + word, sizeof(sample) - word);
    slot->samples++;
    ring_commit_sigsafe(record, sizeof(sample), RING_SAMPLE);
}

/* What a reader finds. */
static struct {
    uint64_t pcs[NODES_MAX];
    uint64_t allocations, first_size, last_size, frees, jumps, strangers;
    uint64_t samples, broken, first_weight, last_weight;
    uint32_t largest;
} found;

static void on_stack(void *context, const struct trace_stack_node *node)
{
    (void)context;
    cr_assert_lt(node->number, NODES_MAX);
    found.pcs[node->number] = node->pc;
}

static void see_allocation(const struct trace_heap_segment *segment, const struct read_event *event,
                           unsigned depth)
{
    cr_assert_lt(event->place, segment->place_count);
    uint64_t pc = found.pcs[segment->places[event->place].stack];
    found.strangers += pc != code_of(event->size, depth - 1);
    found.jumps += found.allocations && event->size != found.last_size + 1;
    found.first_size = found.allocations ? found.first_size : event->size;
    found.last_size = event->size;
    found.allocations++;
}

static void on_segment(void *context, const struct trace_heap_segment *segment)
{
    struct event_reader reader = {.at = segment->events,
                                  .end = segment->events + segment->size,
                                  .shift = segment->shift,
                                  .last = {.ticks = segment->ticks, .address = segment->address}};
    struct read_event event;
    while (read_event(&reader, &event)) {
        if (event.kind == TRACE_HEAP_EXACT_ALLOC)
            see_allocation(segment, &event, *(unsigned *)context);
        else
            found.frees++;
    }
}

static void on_sample(void *context, const struct trace_sample *sample)
{
    found.broken += sample->stack == TRACE_STACK_BROKEN;
    if (sample->stack == TRACE_STACK_BROKEN)
        return;
    found.strangers +=
        found.pcs[sample->stack] != code_of(sample->weight - 1, *(unsigned *)context - 1);
    found.jumps += found.samples && sample->weight != found.last_weight + 1;
    found.first_weight = found.samples ? found.first_weight : sample->weight;
    found.last_weight = sample->weight;
    found.samples++;
}

static void on_chunk(void *context, const struct trace_chunk_header *header, const uint8_t *frame,
                     const uint8_t *payload, bool lost)
{
    (void)context, (void)frame, (void)payload, (void)lost;
    found.largest = header->raw_size > found.largest ? header->raw_size : found.largest;
}

static void read_trace(unsigned depth)
{
    const struct trace_visitor visitor = {.context = &depth,
                                          .chunk = on_chunk,
                                          .stack = on_stack,
                                          .heap_segment = on_segment,
                                          .sample = on_sample};
    struct trace_summary summary;
    struct problem problem;
    memset(&found, 0, sizeof found);
    cr_assert_eq(trace_read("trace.pinj", &visitor, &summary, &problem), 0, "%s", problem.text);
    cr_assert_eq(summary.chunks_damaged + summary.records_dropped + summary.samples_dropped, 0);
    cr_assert_eq(found.jumps, 0);
    cr_assert_eq(found.strangers, 0);
}

static void pass(void)
{
    cr_assert_eq(drain_pass(&drain, fd, 1), 0);
    cr_assert(!ring->max_size || size_now() <= ring->max_size);
}

Test(drain_room, the_newest_events_are_kept_in_parts_smaller_than_a_segment)
{
    ring->rotates = 1;
    ring->max_size = LEAST;
    for (unsigned i = 0; i < 20; i++) {
        put_allocations(3000, 3); /* one segment and a half */
        pass();
    }
    read_trace(3);
    cr_assert_eq(ring->heap_lost, 0);
    cr_assert_eq(found.last_size, put_events - 1);
    cr_assert_gt(found.allocations, LEAST / 2 / 45, "so many bytes has one");
    cr_assert(found.frees + 1 >= found.allocations && found.frees <= found.allocations + 1);
    cr_assert_gt(size_now(), LEAST / 2);
}

Test(drain_room, deep_stacks_of_a_single_segment_are_more_than_a_part)
{
    ring->rotates = 1;
    ring->max_size = LEAST;
    put_allocations(300, 200);
    pass();
    read_trace(200);
    cr_assert_eq(ring->heap_lost, 0);
    cr_assert_eq(found.last_size, put_events - 1);
    cr_assert_gt(found.allocations, 10);
}

Test(drain_room, the_newest_samples_are_kept_where_one_ring_is_more_than_a_part)
{
    ring->rotates = 1;
    ring->max_size = LEAST;
    for (unsigned i = 0; i < 5; i++) {
        for (unsigned j = 0; j < 400; j++)
            put_sample(100);
        pass();
    }
    read_trace(100);
    cr_assert_eq(slot->dropped, 0);
    cr_assert_eq(found.last_weight, put_samples);
    cr_assert_gt(found.samples, 20);
}

Test(drain_room, one_chunk_is_no_larger_than_it_needs_to_be)
{
    put_allocations(3000, 200);
    for (unsigned i = 0; i < 600; i++)
        put_sample(200);
    pass();
    read_trace(200);
    cr_assert(found.allocations == 3000 && found.first_size == 0 && found.frees == 3000);
    cr_assert(found.samples == 600 && found.first_weight == 1);
    cr_assert_leq(found.largest, RAW_MAX);
}

Test(drain_room, a_trace_that_may_not_grow_is_filled)
{
    ring->max_size = 256u << 10;
    put_allocations(3000, 200);
    pass();
    read_trace(200);
    cr_assert_gt(size_now(), ring->max_size / 2);
    cr_assert(found.allocations > 100 && found.first_size == 0);
    cr_assert_eq(found.allocations + found.frees + ring->heap_lost, 6000);
}

Test(drain_room, where_definitions_fill_a_part_all_is_counted_and_said)
{
    static char text[40000];
    char line[256];
    ring->rotates = 1;
    ring->max_size = LEAST;
    for (unsigned i = 0, seed = 1; i < sizeof text; i++)
        text[i] = (char)((seed = seed * 1664525u + 1013904223u) >> 24);
    drain_property(&drain, "args", text, sizeof text);
    put_allocations(3000, 3);
    put_sample(3);
    cr_assert_eq(drain_pass(&drain, fd, 1), 0);
    cr_assert_eq(ring->heap_lost, 6000);
    cr_assert_eq(slot->dropped, 1);
    cr_assert_eq(ring->pool.full, 0);
    cr_assert(drain_limit_tell(&drain, "t", line, sizeof line));
    cr_assert(strstr(line, "too small for what each begins with"), "%s", line);
    cr_assert_not(drain_limit_tell(&drain, "t", line, sizeof line), "once");
    cr_assert_eq(drain_finish(&drain, fd, 1, TRACE_END_EXIT, 0, 0), -EFBIG);
}

/* More stacks than there is room for. */
static void take_many(unsigned passes, unsigned samples, unsigned depth)
{
    for (unsigned i = 0; i < passes; i++) {
        for (unsigned j = 0; j < samples; j++)
            put_sample(depth);
        pass();
        cr_assert_leq(ring->node_limit - ring->node_floor, ring->node_capacity);
    }
    cr_assert_gt(put_samples * depth, 2 * ring->node_capacity);
    read_trace(depth);
    cr_assert_eq(found.samples, put_samples);
    cr_assert_eq(found.broken, 0);
}

Test(drain_room, stacks_without_end)
{
    take_many(60, 500, 100);
}

/* Fewer chunks than an epoch may have, more nodes than readers take of one. */
Test(drain_room, an_epoch_ends_before_readers_have_no_room)
{
    take_many(28, 400, 400);
    cr_assert_gt(put_samples * 400, DECODER_STACKS_MAX);
    cr_assert_lt(drain.chunks_written, 32);
}

Test(drain_room, stacks_whose_numbers_have_gone_round)
{
    uint32_t first = 0u - 2 * node_room_era(ring);
    while (ring->node_limit < ring->node_capacity) { /* all have memory */
        ring->node_next = ring->node_limit;
        ring_extend_nodes(ring);
    }
    ring->node_next = ring->node_floor = first;
    drain.nodes_covered = drain.era_start = first;
    ring->node_limit = first + ring->node_capacity;
    take_many(60, 500, 100);
    cr_assert_lt(ring->node_next, first);
}

Test(drain_room, a_stack_that_took_too_long_is_broken)
{
    uint32_t leaf = make_stack(0, 5), middle = leaf - 2;
    for (unsigned i = 0; i < 15; i++) {
        make_stack(i + 1, node_room_era(ring) / 4);
        pass();
    }
    cr_assert_gt(ring->node_floor, leaf);
    cr_assert(!node_room_has(ring, leaf) && !node_room_has(ring, middle));
    put_sample(3); /* whose number is that of its weight less one */
    struct ring_sample *record = (void *)(slot->data + slot->consumed % RING_DATA_SIZE);
    record->stack = leaf;
    put_sample(3);
    pass();
    read_trace(3);
    cr_assert(found.samples == 1 && found.broken == 1 && found.last_weight == 2);
}

Test(drain_room, without_a_drain_nodes_end_and_with_two_passes_there_are_new_ones)
{
    uint32_t node = TRACE_STACK_COMPLETE;
    uint64_t code = 0;
    do {
        ring_extend_nodes(ring);
        node = stack_table_intern_sigsafe(ring, TRACE_STACK_COMPLETE, ++code << 8, 1);
    } while (node);
    cr_assert_eq(ring->node_next, ring->node_capacity);
    cr_assert(node_room_is_short(ring));
    pass();
    pass();
    ring_extend_nodes(ring);
    cr_assert_geq(node_room_left_sigsafe(ring), ring->node_capacity / 4 * 3);
    put_sample(100);
    pass();
    read_trace(100);
    cr_assert_eq(found.samples, 1);
}
