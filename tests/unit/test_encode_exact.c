/* Where events stand after so many, counted by who put them. */
#include "preload/contract/encode_exact.h"
#include "tests/unit/segments_fixture.h"

#include <criterion/criterion.h>

TestSuite(encode_exact, .init = segments_start, .fini = ring_stop);

Test(encode_exact, skipping_events_ends_where_they_do)
{
    struct heap_stream stream = {0};
    uint64_t ticks = 12345;
    cr_assert(heap_stream_next(&stream, slot, ticks, 0x1000, 0x1000, STALL_NS));
    struct exact_position at = {.ticks = ticks, .address = 0x1000};
    uint32_t from = 0;
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t address = 0x1000 + i * i % 7919 * 16;
        ticks += i * 3;
        if (i % 3)
            heap_stream_put_alloc(&stream, TRACE_HEAP_EXACT_ALLOC, address, ticks, i << i % 40, 1);
        else
            heap_stream_put_free(&stream, TRACE_HEAP_EXACT_FREE, address, ticks);
        heap_stream_commit(&stream);
        if (i % 7)
            continue;
        encode_exact_skip(&at, stream.segment->data + from, stream.segment->committed - from,
                          stream.segment->shift);
        from = stream.segment->committed;
        cr_assert_eq(at.ticks, ticks);
        cr_assert_eq(at.address, address);
    }
}

Test(encode_exact, bytes_that_end_early_are_no_trouble)
{
    const uint8_t bytes[] = {0xff, 0xff, 0xff};
    struct exact_position at = {0};
    for (uint32_t size = 0; size <= sizeof bytes; size++)
        encode_exact_skip(&at, bytes, size, 4);
}
