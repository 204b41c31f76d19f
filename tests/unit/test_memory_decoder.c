/* Unit tests of analyzer/trace/memory_decoder.c, on records made by hand. */
#include "analyzer/trace/memory_decoder.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>

static struct trace_word words[16];
static size_t word_count;
static struct trace_scan seen;

static void on_word(void *context, const struct trace_word *word)
{
    (void)context;
    if (word_count < 16)
        words[word_count++] = *word;
}

static void on_scan(void *context, const struct trace_scan *scan)
{
    (void)context;
    seen = *scan;
}

static bool decode(bool (*one)(struct record_decoder *, struct wire_cursor *), struct bytes *body)
{
    const struct trace_visitor visitor = {.word = on_word, .scan = on_scan};
    struct trace_summary summary = {0};
    struct record_decoder decoder;
    struct wire_cursor cursor = wire_cursor_at(body->at, body->size);

    record_decoder_init(&decoder, &visitor, &summary);
    bool sound = one(&decoder, &cursor);
    record_decoder_release(&decoder);
    return sound;
}

static struct bytes head(uint64_t kind, uint64_t start, uint64_t size)
{
    struct bytes body = {0};

    put_varint(&body, kind);
    put_varint(&body, 42);
    put_varint(&body, start);
    put_varint(&body, size);
    put_varint(&body, 0x20);
    put_string(&body, "name", 4);
    return body;
}

static void put_word(struct bytes *body, uint64_t gap, int64_t difference)
{
    put_varint(body, gap);
    put_svarint(body, difference);
}

Test(memory_decoder, words_have_their_addresses_and_values)
{
    struct bytes body = head(TRACE_MEMORY_STACK, 0x7000, 0x100);

    put_word(&body, 0, 0x555500001000);
    put_word(&body, 2, -0x10);
    put_word(&body, 27, 1); /* the last there is */
    cr_assert(decode(memory_decode_words, &body));
    cr_assert_eq(word_count, 3);
    cr_expect(words[0].kind == TRACE_MEMORY_STACK && words[0].thread == 42);
    cr_expect(words[0].address == 0x7000 && words[0].value == 0x555500001000);
    cr_expect(words[0].start == 0x6fe0 && words[0].end == 0x7100);
    cr_expect(words[1].address == 0x7018 && words[1].value == 0x555500000ff0);
    cr_expect(words[2].address == 0x70f8 && words[2].value == 0x555500000ff1);
    bytes_free(&body);
}

Test(memory_decoder, what_leaves_its_part_or_is_cut_off_is_no_record)
{
    struct bytes beyond = head(TRACE_MEMORY_HEAP, 0x7000, 0x100);
    struct bytes huge = head(TRACE_MEMORY_HEAP, 0x7000, 0x100);
    struct bytes kind = head(6, 0x7000, 0x100);
    struct bytes wraps = head(TRACE_MEMORY_HEAP, UINT64_MAX, 0x100);
    struct bytes cut = head(TRACE_MEMORY_HEAP, 0x7000, 0x100);

    put_word(&beyond, 32, 1);
    put_word(&huge, UINT64_MAX / 8, 1);
    put_varint(&cut, 1);
    cr_expect_not(decode(memory_decode_words, &beyond));
    cr_expect_not(decode(memory_decode_words, &huge));
    cr_expect_not(decode(memory_decode_words, &kind));
    cr_expect_not(decode(memory_decode_words, &wraps));
    cr_expect_not(decode(memory_decode_words, &cut));
    cr_expect_eq(word_count, 0);
    bytes_free(&beyond);
    bytes_free(&huge);
    bytes_free(&kind);
    bytes_free(&wraps);
    bytes_free(&cut);
}

Test(memory_decoder, the_scan_as_a_whole)
{
    struct bytes body = {0};

    for (uint64_t i = 1; i <= 6; i++)
        put_varint(&body, i);
    put_varint(&body, TRACE_SCAN_TIME);
    put_varint(&body, 1);
    cr_assert(decode(memory_decode_scan, &body));
    cr_expect(seen.begin_ns == 1 && seen.length_ns == 2 && seen.bytes == 3 && seen.left_bytes == 4);
    cr_expect(seen.threads == 5 && seen.left_threads == 6 && seen.limit == TRACE_SCAN_TIME);
    cr_expect(seen.whole);
    body.size--;
    cr_expect_not(decode(memory_decode_scan, &body));
    body.at[6] = 3;
    body.size++;
    cr_expect_not(decode(memory_decode_scan, &body));
    bytes_free(&body);
}
