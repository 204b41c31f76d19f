/* Exact events put and read back, by the specification alone. */
#include "preload/heap_stream.h"
#include "tests/unit/segments_fixture.h"

#include <criterion/criterion.h>
#include <stdlib.h>

TestSuite(heap_stream, .init = segments_start, .fini = ring_stop);

#define EVENTS 50000

static struct read_event put[EVENTS];

static uint64_t some_bits(void)
{
    uint64_t bits = (uint64_t)random() << 33 ^ (uint64_t)random() << 11 ^ (uint64_t)random();
    return bits >> random() % 64;
}

/* Addresses of every alignment, near and far; times that go back now and then. */
static struct read_event invent(const struct read_event *before, bool aligned)
{
    uint64_t mask = aligned ? ~15ull : ~0ull;
    struct read_event event = {.kind = (unsigned)random() % 4};
    event.address =
        random() % 3 ? before->address + (random() % 4096 - 2048) * 16 : some_bits() >> 17 & mask;
    event.ticks = random() % 10 ? before->ticks + (some_bits() >> 40) : before->ticks - 5;
    if (event.kind >= 2) {
        event.size = some_bits();
        event.place = (unsigned)random() % 300;
    }
    return event;
}

static void put_event(struct heap_stream *stream, const struct read_event *event)
{
    if (!heap_stream_fits(stream, event->address, event->address))
        cr_assert(
            heap_stream_next(stream, slot, event->ticks, event->address, event->address, STALL_NS));
    if (event->kind >= 2)
        heap_stream_put_alloc(stream, event->kind, event->address, event->ticks, event->size,
                              event->place);
    else
        heap_stream_put_free(stream, event->kind, event->address, event->ticks);
    heap_stream_commit(stream);
}

/* Every segment in use, in the order they were begun. */
static const struct ring_segment *segment_of(uint64_t serial)
{
    for (uint32_t i = 0; i < ring->pool.count; i++)
        if (ring_segment_at(ring, i)->state != RING_SEGMENT_FREE &&
            ring_segment_at(ring, i)->serial == serial)
            return ring_segment_at(ring, i);
    return NULL;
}

static void check(size_t count)
{
    struct read_event event;
    uint64_t latest = 0;
    size_t read = 0;
    const struct ring_segment *segment;
    for (uint64_t serial = 0; (segment = segment_of(serial)) != NULL; serial++) {
        struct event_reader reader = read_segment(segment);
        while (read_event(&reader, &event)) {
            latest = put[read].ticks > latest ? put[read].ticks : latest;
            cr_assert_eq(event.kind, put[read].kind);
            cr_assert_eq(event.address, put[read].address, "event %zu", read);
            cr_assert_eq(event.ticks, latest);
            cr_assert_eq(event.size, put[read].size);
            cr_assert_eq(event.place, put[read].place);
            read++;
        }
    }
    cr_assert_eq(read, count);
}

static void put_and_check(bool aligned, size_t count)
{
    struct heap_stream stream = {0};
    struct read_event before = {.address = 0x7f0000000000, .ticks = 1000000};
    ring->pool.limit = SEGMENTS;
    for (size_t i = 0; i < count; i++) {
        before = put[i] = invent(&before, aligned);
        put_event(&stream, &put[i]);
    }
    heap_stream_close(&stream);
    check(count);
}

Test(heap_stream, what_malloc_gives_comes_back)
{
    put_and_check(true, EVENTS);
    cr_assert_eq(ring_segment_at(ring, 1)->shift, 4);
}

Test(heap_stream, blocks_of_any_alignment_come_back)
{
    put_and_check(false, EVENTS);
}

Test(heap_stream, the_longest_event_fits_and_so_does_its_place)
{
    struct heap_stream stream = {0};
    for (int i = 0; i < 20000; i++) {
        uint64_t address = i % 2 ? 1 : UINT64_MAX >> 4, ticks = (uint64_t)i << 50;
        if (!heap_stream_fits(&stream, address, address))
            cr_assert(heap_stream_next(&stream, slot, ticks, address, address, STALL_NS));
        uint32_t place = heap_stream_add_place(&stream, (uint32_t)i, 0);
        heap_stream_put_alloc(&stream, TRACE_HEAP_EXACT_ALLOC, address, ticks, UINT64_MAX, place);
        heap_stream_commit(&stream);
        cr_assert_leq((void *)stream.at, (void *)ring_place_at(stream.segment, place));
        if (stream.segment->serial > 2)
            break;
    }
    cr_assert_eq(stream.segment->serial, 3);
}

/* Puts an event as far as `part` of its ways to be left in the middle. */
static void abandon(struct heap_stream *stream, unsigned part, const struct read_event *event)
{
    if (part == 0) /* the position has moved, nothing is written */
        heap_stream_head(stream, event->kind, event->address, event->ticks);
    else if (part == 1) /* only the place is there */
        heap_stream_add_place(stream, event->place, 0);
    else /* all but the last store */
        heap_stream_put_alloc(stream, TRACE_HEAP_EXACT_ALLOC, event->address, event->ticks, 1, 0);
}

Test(heap_stream, events_left_in_the_middle_are_not_there_and_those_behind_them_are)
{
    struct heap_stream stream = {0};
    struct read_event before = {.address = 0x7f0000000000, .ticks = 1000000};
    size_t count = 0;
    ring->pool.limit = SEGMENTS;
    heap_stream_recover(&stream); /* before the first, there is nothing to be done */
    while (count < 20000) {
        before = put[count] = invent(&before, true);
        put_event(&stream, &put[count++]);
        struct read_event lost = invent(&before, true);
        if (random() % 4 || !heap_stream_fits(&stream, lost.address, lost.address))
            continue;
        abandon(&stream, (unsigned)random() % 3, &lost);
        heap_stream_recover(&stream);
    }
    heap_stream_close(&stream);
    cr_assert_gt(stream.next_serial, 2);
    check(count);
}
