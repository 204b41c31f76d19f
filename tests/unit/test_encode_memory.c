/* Unit tests of preload/contract/encode_memory.c: bytes as the specification says. */
#include "preload/contract/encode_memory.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>

static struct buffer to, body;

static void start(void)
{
    cr_assert(buffer_init(&to, 1 << 20) == 0 && buffer_init(&body, 1 << 20) == 0);
}

static void stop(void)
{
    buffer_release(&to);
    buffer_release(&body);
}

TestSuite(encode_memory, .init = start, .fini = stop);

Test(encode_memory, words_are_gaps_and_differences)
{
    const struct memory_part part = {.kind = TRACE_MEMORY_STACK,
                                     .thread = 42,
                                     .mapping = 0x6ff0,
                                     .start = 0x7000,
                                     .end = 0x8000,
                                     .name = "[stack]"};
    struct memory_encoder encoder;
    struct bytes expected = {0}, record = {0};

    memory_encoder_begin(&encoder, &body, &part);
    memory_encoder_word(&encoder, 0x7000, 0x555500001000);
    memory_encoder_word(&encoder, 0x7018, 0x555500000ff0);
    cr_expect_eq(memory_encoder_finish(&encoder, &to), 1);
    put_varint(&record, 4);
    put_varint(&record, 42);
    put_varint(&record, 0x7000);
    put_varint(&record, 0x1000);
    put_varint(&record, 0x10);
    put_string(&record, "[stack]", 7);
    put_varint(&record, 0);
    put_svarint(&record, 0x555500001000);
    put_varint(&record, 2);
    put_svarint(&record, -0x10);
    put_record(&expected, 28, &record);
    cr_expect(to.size == expected.size && memcmp(to.bytes, expected.at, to.size) == 0);
    bytes_free(&expected);
}

Test(encode_memory, without_a_word_there_is_no_record)
{
    const struct memory_part part = {.kind = TRACE_MEMORY_DATA, .start = 0, .end = 64, .name = ""};
    struct memory_encoder encoder;

    memory_encoder_begin(&encoder, &body, &part);
    cr_expect_eq(memory_encoder_finish(&encoder, &to), 0);
    cr_expect_eq(to.size, 0);
}

Test(encode_memory, the_scan_as_a_whole)
{
    const struct memory_scan scan = {.begin_ns = 1,
                                     .length_ns = 2,
                                     .bytes = 3,
                                     .left_bytes = 4,
                                     .threads = 5,
                                     .left_threads = 6,
                                     .limit = TRACE_SCAN_SIZE,
                                     .whole = true};
    static const uint8_t expected[] = {29, 8, 1, 2, 3, 4, 5, 6, 2, 1};

    cr_expect_eq(encode_scan(&to, &body, &scan), 1);
    cr_expect(to.size == sizeof(expected) && memcmp(to.bytes, expected, to.size) == 0);
}
