/* Segments to records: nothing twice, nothing out of order, nothing left behind. */
#include "preload/contract/drain.h"
#include "preload/contract/drain_segments.h"
#include "preload/contract/trace_parts.h"
#include "preload/stack_table.h"
#include "tests/unit/segments_fixture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <unistd.h>
#include <zstd.h>

#define RAW_MAX (64u << 20)

static struct drain drain;
static int fd;
static uint8_t *raw, *file;
static size_t raw_size;

static void start(void)
{
    segments_start();
    ring->pool.limit = SEGMENTS;
    ring->pool.clock = 2;
    ring->pool.ticks = ring->pool.ticks_ns = 1;
    slot->tid = 4000000;
    fd = open("trace.pinj", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    raw = malloc(RAW_MAX);
    file = malloc(RAW_MAX);
    if (stack_table_init() != 0 || drain_init(&drain, ring, 0) != 0 || !raw || !file)
        abort();
}

static void stop(void)
{
    drain_release(&drain);
    free(raw);
    free(file);
    close(fd);
    ring_stop();
}

TestSuite(drain_segments, .init = start, .fini = stop);

/* All payloads of the trace; zstd passes over what is no frame of its own. */
static void read_raw(void)
{
    ssize_t size = pread(fd, file, RAW_MAX, 0);
    raw_size = 0;
    for (ssize_t at = 0; at < size;) {
        size_t frame = ZSTD_findFrameCompressedSize(file + at, (size_t)(size - at));
        raw_size += ZSTD_decompress(raw + raw_size, RAW_MAX - raw_size, file + at, frame);
        at += (ssize_t)frame;
    }
}

static uint64_t number(const uint8_t **at)
{
    struct event_reader reader = {.at = *at, .end = raw + raw_size};
    uint64_t value = read_varint(&reader);
    *at = reader.at;
    return value;
}

/* What is in the trace of one stream. */
static struct {
    uint64_t events, records, next_serial, clocks, clock_ns, first_clock;
    uint64_t wrong_order, wrong_ticks, wrong_address;
} found;

/* Event number i of a stream: address i * 16, ticks 10 * i. */
static void check_events(uint64_t ticks, uint64_t address, const uint8_t *at, const uint8_t *end)
{
    struct event_reader reader = {
        .at = at, .end = end, .shift = 4, .last = {.ticks = ticks, .address = address}};
    struct read_event event;
    while (read_event(&reader, &event)) {
        found.wrong_address += event.address != found.events * 16;
        found.wrong_ticks += event.ticks != found.events * 10;
        found.events++;
    }
}

static void check_record(const uint8_t *at, const uint8_t *end, uint64_t stream)
{
    number(&at); /* thread */
    if (number(&at) != stream)
        return;
    uint64_t serial = number(&at);
    found.wrong_order += serial != found.next_serial && serial + 1 != found.next_serial;
    found.next_serial = serial + 1;
    found.records++;
    cr_assert_eq(number(&at), 4);
    uint64_t ticks = number(&at), address = number(&at), places = number(&at);
    while (places-- > 0)
        number(&at), number(&at);
    check_events(ticks, address, at, end);
}

static void read_stream(uint64_t stream)
{
    memset(&found, 0, sizeof found);
    read_raw();
    for (const uint8_t *at = raw; at < raw + raw_size;) {
        uint64_t tag = number(&at), size = number(&at);
        const uint8_t *body = at;
        at += size;
        if (tag == TRACE_HEAP_EVENTS)
            check_record(body, at, stream);
        if (tag != TRACE_HEAP_CLOCK)
            continue;
        if (!found.clocks++)
            found.first_clock = found.records;
        number(&body);
        uint64_t when = number(&body);
        cr_assert_geq(when, found.clock_ns);
        found.clock_ns = when;
    }
    cr_assert_eq(found.wrong_order + found.wrong_ticks + found.wrong_address, 0);
}

/* `count` events more, the first of them number `from`. */
static void put(struct heap_stream *stream, struct ring_slot *of, uint64_t from, uint64_t count)
{
    for (uint64_t i = from; i < from + count; i++) {
        if (!heap_stream_fits(stream, i * 16, i * 16))
            cr_assert(heap_stream_next(stream, of, i * 10, i * 16, i * 16, STALL_NS));
        if (i % 2) {
            uint32_t place = stream->places ? 0 : heap_stream_add_place(stream, 0, 0);
            heap_stream_put_alloc(stream, TRACE_HEAP_EXACT_ALLOC, i * 16, i * 10, i, place);
        } else {
            heap_stream_put_free(stream, TRACE_HEAP_EXACT_FREE, i * 16, i * 10);
        }
        heap_stream_commit(stream);
    }
}

Test(drain_segments, events_of_two_streams_come_back_pass_by_pass)
{
    struct heap_stream ordinary = {0}, handlers = {.number = 1};
    uint64_t sum = 0;
    for (unsigned pass = 0; pass < 200; pass++) {
        uint64_t count = pass * 97 % 5000;
        put(&ordinary, slot, sum, count);
        put(&handlers, slot, sum, count);
        sum += count;
        cr_assert_eq(drain_pass(&drain, fd, 1), 0);
    }
    for (uint64_t stream = 0; stream < 2; stream++) {
        read_stream(stream);
        cr_assert_eq(found.events, sum);
        cr_assert_eq(found.first_clock, 0, "before the first event");
    }
    cr_assert_leq(ring->pool.count, 12, "segments are used again");
}

Test(drain_segments, much_at_once_takes_more_than_one_chunk)
{
    struct heap_stream stream = {0};
    put(&stream, slot, 0, 700000);
    cr_assert_eq(drain_pass(&drain, fd, 1), 0);
    cr_assert_gt(drain.chunks_written, 1);
    cr_assert_eq(ring->pool.full, 0);
    read_stream(0);
    cr_assert_eq(found.events, 700000);
}

Test(drain_segments, a_write_that_fails_takes_nothing)
{
    struct heap_stream stream = {0};
    int closed = open("/dev/null", O_RDONLY | O_CLOEXEC);
    put(&stream, slot, 0, 20000);
    cr_assert_lt(drain_pass(&drain, closed, 1), 0);
    put(&stream, slot, 20000, 20000);
    cr_assert_eq(drain_pass(&drain, fd, 1), 0);
    read_stream(0);
    cr_assert_eq(found.events, 40000);
    close(closed);
}

Test(drain_segments, whoever_takes_over_counts_nothing_twice)
{
    struct heap_stream stream = {0};
    struct drain other;
    put(&stream, slot, 0, 30000);
    cr_assert_eq(drain_pass(&drain, fd, 1), 0);
    put(&stream, slot, 30000, 3000);
    cr_assert_eq(drain_init(&other, ring, getpid()), 0);
    other.dead = true;
    other.bytes_written = drain.bytes_written;
    cr_assert_eq(drain_pass(&other, fd, 1), 0);
    drain_release(&other);
    read_stream(0);
    cr_assert_eq(found.events, 33000);
}

Test(drain_segments, a_killed_drain_leaves_what_was_not_written)
{
    struct heap_stream stream = {0};
    struct drain other;
    put(&stream, slot, 0, 30000);
    struct ring_segment *segment = stream.segment;
    segment->taken = segment->committed; /* in a chunk that never came to the file */
    segment->taken_at = ring->trace_written + 1;
    cr_assert_eq(drain_init(&other, ring, getpid()), 0);
    other.dead = true;
    cr_assert_eq(drain_pass(&other, fd, 1), 0);
    drain_release(&other);
    read_stream(0);
    cr_assert_eq(found.events, 30000);
}

Test(drain_segments, a_segment_that_comes_late_holds_back_those_behind_it)
{
    struct heap_stream stream = {0};
    put(&stream, slot, 0, 40000);
    heap_stream_close(&stream);
    struct ring_segment *first = ring_segment_at(ring, 0);
    cr_assert_eq(first->serial, 0);
    first->state = RING_SEGMENT_CLAIMED; /* as it was when the pass looked */
    cr_assert_eq(drain_pass(&drain, fd, 1), 0);
    read_stream(0);
    cr_assert_eq(found.events, 0);
    first->state = RING_SEGMENT_FULL;
    cr_assert_eq(drain_pass(&drain, fd, 1), 0);
    read_stream(0);
    cr_assert_eq(found.events, 40000);
}

Test(drain_segments, a_slot_waits_for_its_segments)
{
    struct heap_stream stream = {0};
    put(&stream, slot, 0, 40000);
    heap_stream_close(&stream);
    ring_segment_at(ring, 0)->state = RING_SEGMENT_CLAIMED;
    slot->end_ns = 1;
    slot->state = RING_SLOT_ENDED;
    cr_assert_eq(drain_pass(&drain, fd, 1), 0);
    cr_assert_eq(slot->state, RING_SLOT_ENDED);
    ring_segment_at(ring, 0)->state = RING_SEGMENT_FULL;
    cr_assert_eq(drain_pass(&drain, fd, 1), 0);
    cr_assert_eq(slot->state, RING_SLOT_FREE);
    read_stream(0);
    cr_assert_eq(found.events, 40000);
}

/* Who was to write it was killed before; others, whose places are beyond, write what stands before it. */
Test(drain_segments, what_was_taken_for_a_chunk_that_never_came_is_not_written)
{
    struct heap_stream stream = {0};
    put(&stream, slot, 0, 100);
    cr_assert_eq(drain_pass(&drain, fd, 1), 0);
    put(&stream, slot, 100, 100);
    struct ring_segment *segment = ring_segment_at(ring, 0);
    segment->taken = segment->committed;
    segment->taken_at = ring->trace_written + 1;
    drain_segments_begin(&drain);
    ring->trace_written += 100;
    cr_assert_eq(drain_pass(&drain, fd, 1), 0);
    read_stream(0);
    cr_assert_eq(found.events, 200);
}

Test(drain_segments, a_ring_that_was_damaged_is_passed_over)
{
    struct heap_stream stream = {0};
    put(&stream, slot, 0, 100);
    const struct ring_segment good = *stream.segment;
    struct ring_segment bad[5] = {good, good, good, good, good};
    bad[0].committed = RING_SEGMENT_SIZE;
    bad[1].slot = 1000000;
    bad[2].stream = 9;
    bad[3].written = 101 * 20;
    bad[4].places = 1u << 30;
    for (int i = 0; i < 5; i++) {
        memcpy(stream.segment, &bad[i], offsetof(struct ring_segment, data));
        cr_assert_eq(drain_pass(&drain, fd, 1), 0);
    }
    read_stream(0);
    cr_assert_eq(found.events, 0);
}

/* Events that do not compress: a segment of them is larger than a part. */
static void put_random(struct heap_stream *stream, uint64_t count)
{
    uint64_t seed = 1;
    for (uint64_t sum = 0; sum < count; sum++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint64_t address = seed >> 20 & ~(uint64_t)15;
        if (!heap_stream_fits(stream, address, address))
            cr_assert(heap_stream_next(stream, slot, sum * 10, address, address, STALL_NS));
        heap_stream_put_free(stream, TRACE_HEAP_EXACT_FREE, address, sum * 10);
        heap_stream_commit(stream);
    }
}

Test(drain_segments, what_is_larger_than_a_part_comes_in_several_where_definitions_fill_a_half,
     .timeout = 20)
{
    static char text[9000];
    struct heap_stream stream = {0};
    ring->max_size = 64u << 10;
    ring->rotates = 1;
    for (unsigned i = 0, seed = 1; i < sizeof text; i++)
        text[i] = (char)((seed = seed * 1664525u + 1013904223u) >> 24);
    drain_property(&drain, "args", text, sizeof text);
    drain_name_trace(&drain, AT_FDCWD, "trace.pinj");
    put_random(&stream, 40000);
    cr_assert_gt(ring->pool.full, 1);
    cr_assert_eq(drain_pass(&drain, fd, 1), 0);
    cr_assert_eq(ring->heap_lost, 0);
    cr_assert_eq(ring->pool.full, 0);
    cr_assert_gt(ring->trace_written, trace_place(8, 0), "twice round");
    cr_assert_eq(drain_finish(&drain, fd, 1, TRACE_END_EXIT, 0, 0), 0);
}
