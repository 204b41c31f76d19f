/* Unit tests of analyzer/trace/heap_events.c. */
#include "analyzer/trace/heap_events.h"
#include "tests/unit/randomness.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>

static struct bytes bytes;

/* A cursor over `bytes` and padding, in a block that ends there. */
static struct heap_event_cursor cursor_over(size_t size)
{
    uint8_t *copy = calloc(1, size + HEAP_EVENTS_PADDING);

    if (size > 0)
        memcpy(copy, bytes.at, size);
    return (struct heap_event_cursor){.at = copy, .end = copy + size, .shift = 4};
}

static void give_back(struct heap_event_cursor *cursor)
{
    free((void *)(uintptr_t)(cursor->end - bytes.size));
    bytes_free(&bytes);
}

static uint64_t random_bits(uint32_t bits)
{
    uint64_t value = (uint64_t)random_below(UINT32_MAX) << 32 | random_below(UINT32_MAX);

    return bits >= 64 ? value : value & (((uint64_t)1 << bits) - 1);
}

Test(heap_events, are_read_as_they_were_written)
{
    enum { COUNT = 20000 };
    static struct made_heap_event made[COUNT];
    struct heap_wire_event event;

    for (int i = 0; i < COUNT; i++) {
        uint64_t ticks = i > 0 ? made[i - 1].ticks : 0;
        made[i] = (struct made_heap_event){.kind = random_below(4),
                                           .ticks = ticks + random_bits(random_below(50)),
                                           .address = 16 * (1 + random_bits(random_below(48))),
                                           .size = random_bits(random_below(57)),
                                           .place = random_bits(random_below(64))};
        put_heap_event(&bytes, made[i], ticks, i > 0 ? made[i - 1].address : 0);
    }
    struct heap_event_cursor cursor = cursor_over(bytes.size);
    for (int i = 0; i < COUNT; i++) {
        cr_assert(heap_events_next(&cursor, &event), "event %d", i);
        cr_assert_eq(event.kind, made[i].kind);
        cr_assert_eq(cursor.ticks, made[i].ticks);
        cr_assert_eq(cursor.address, made[i].address);
        if (event.kind < TRACE_HEAP_EXACT_ALLOC)
            continue;
        cr_assert_eq(event.size, made[i].size);
        cr_assert_eq(event.place, made[i].place);
    }
    cr_expect(!heap_events_next(&cursor, &event));
    cr_expect(!cursor.failed);
    give_back(&cursor);
}

Test(heap_events, one_that_is_cut_off_is_none)
{
    struct made_heap_event made = {2, 1000, 0x7f0000001000, 300, 200};
    struct heap_wire_event event;

    put_heap_event(&bytes, made, 0, 0);
    size_t whole = bytes.size;
    for (size_t size = 0; size < whole; size++) {
        put_heap_event(&bytes, made, 0, 0);
        bytes.size = size;
        struct heap_event_cursor cursor = cursor_over(size);
        cr_expect(!heap_events_next(&cursor, &event), "%zu bytes", size);
        cr_expect_eq(cursor.failed, size > 0, "%zu bytes", size);
        give_back(&cursor);
    }
}

static bool reads(const void *wire, size_t size)
{
    struct heap_wire_event event;

    put(&bytes, wire, size);
    struct heap_event_cursor cursor = cursor_over(size);
    bool read = heap_events_next(&cursor, &event);
    cr_expect_neq(read, cursor.failed);
    give_back(&cursor);
    return read;
}

Test(heap_events, what_cannot_be_is_refused)
{
    cr_expect(reads("\x08\x01", 2));
    cr_expect(!reads("\x00\x01", 2), "address 0");
    cr_expect(!reads("\x88\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00\x01", 12), "11 bytes");
    cr_expect(!reads("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x01", 11), "70 bits");
    cr_expect(reads("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11), "64 bits");
    cr_expect(!reads("\x0a\x01\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x00", 12), "size");
}

Test(heap_events, random_bytes_are_survived)
{
    struct heap_wire_event event;

    for (int round = 0; round < 20000; round++) {
        for (uint32_t left = random_below(60); left > 0; left--) {
            uint8_t byte = (uint8_t)(random_below(256) | (random_below(2) ? 0x80 : 0));
            put(&bytes, &byte, 1);
        }
        struct heap_event_cursor cursor = cursor_over(bytes.size);
        while (heap_events_next(&cursor, &event))
            cr_assert_leq(cursor.at, cursor.end);
        give_back(&cursor);
    }
}
