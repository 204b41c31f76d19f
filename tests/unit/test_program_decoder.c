/* Regions, counters and counts as the specification has them; what cannot be is dropped. */
#include "analyzer/trace/record_decoder.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>

enum { REGION = 9, COUNTER = 10, COUNTS = 11 };

static struct record_decoder decoder;
static struct trace_summary summary;
static struct trace_region region;
static struct trace_count counts[4];
static char name[64];
static unsigned regions, counters, count_count;

static void on_region(void *context, const struct trace_region *found)
{
    (void)context;
    region = *found;
    snprintf(name, sizeof(name), "%s", found->name);
    regions++;
}

static void on_counter(void *context, uint64_t id, uint64_t kind, const char *found)
{
    (void)context;
    snprintf(name, sizeof(name), "%d %d %s", (int)id, (int)kind, found);
    counters++;
}

static void on_count(void *context, const struct trace_count *count)
{
    (void)context;
    counts[count_count++ % 4] = *count;
}

static const struct trace_visitor visitor = {
    .region = on_region, .counter = on_counter, .count = on_count};

/* The decoder knows thread 1 and stack 8. */
static void start(void)
{
    const struct made_node node = {8, 0, 0x1000, 0};
    struct bytes payload = {0};

    record_decoder_init(&decoder, &visitor, &summary);
    record_decoder_epoch(&decoder);
    make_thread(&payload, 1, 100, 1000, "main");
    make_stacks(&payload, 0, &node, 1);
    record_decoder_payload(&decoder, payload.at, payload.size);
    bytes_free(&payload);
}

static void stop(void)
{
    record_decoder_release(&decoder);
}

static void decode(unsigned tag, struct bytes *body)
{
    struct bytes payload = {0};

    put_record(&payload, tag, body);
    record_decoder_payload(&decoder, payload.at, payload.size);
    bytes_free(&payload);
}

static void decode_region(uint64_t id, uint64_t parent)
{
    struct bytes body = {0};

    put_varint(&body, id);
    put_varint(&body, parent);
    put_string(&body, "load", 4);
    put_varint(&body, 3);
    put_varint(&body, 5000000000);
    put_varint(&body, 2000000000);
    decode(REGION, &body);
}

static void decode_counter(uint64_t id, uint64_t kind)
{
    struct bytes body = {0};

    put_varint(&body, id);
    put_varint(&body, kind);
    put_string(&body, "bytes", 5);
    decode(COUNTER, &body);
}

/* Two rows: 7 on stack 8, then `delta` on `stack`. */
static void decode_counts(uint64_t thread, uint64_t stack, uint64_t counter, int64_t delta)
{
    struct bytes body = {0};
    const uint64_t columns[][2] = {{5, 1000}, {8, stack}, {0, counter}};

    put_varint(&body, thread);
    put_varint(&body, 1000000);
    put_varint(&body, 2);
    for (int column = 0; column < 3; column++)
        for (int row = 0; row < 2; row++)
            put_varint(&body, columns[column][row]);
    put_svarint(&body, 7);
    put_svarint(&body, delta);
    put_varint(&body, 0);
    put_varint(&body, 2);
    decode(COUNTS, &body);
}

TestSuite(program_decoder, .init = start, .fini = stop);

Test(program_decoder, a_region)
{
    decode_region(2, 1);
    cr_assert_eq(regions, 1);
    cr_assert_eq(region.id, 2);
    cr_assert_eq(region.parent, 1);
    cr_assert_str_eq(name, "load");
    cr_assert_eq(region.count, 3);
    cr_assert_eq(region.total_ns, 5000000000);
    cr_assert_eq(region.longest_ns, 2000000000);
    cr_assert_eq(summary.records_dropped, 0);
}

Test(program_decoder, regions_that_cannot_be)
{
    decode_region(0, 0);
    decode_region(2, 2);
    decode_region(2, 3);
    decode_region(DECODER_REGION_MAX + 1, 0);
    cr_assert_eq(regions, 0);
    cr_assert_eq(summary.records_dropped, 4);
}

Test(program_decoder, counters_by_id_and_kind)
{
    decode_counter(0, 1);
    cr_assert_str_eq(name, "0 1 bytes");
    decode_counter(DECODER_COUNTER_MAX + 1, 0);
    cr_assert_eq(counters, 1);
    cr_assert_eq(summary.records_dropped, 1);
}

Test(program_decoder, rows_of_counts)
{
    decode_counts(1, 0, 3, -4);
    cr_assert_eq(count_count, 2);
    cr_assert_eq(counts[0].time_ns, 1005000);
    cr_assert_eq(counts[0].stack, 8);
    cr_assert_eq(counts[0].delta, 7);
    cr_assert_eq(counts[0].region, 0);
    cr_assert_eq(counts[1].time_ns, 2005000);
    cr_assert_eq(counts[1].thread, 1);
    cr_assert_eq(counts[1].stack, 0, "after the last sample");
    cr_assert_eq(counts[1].counter, 3);
    cr_assert_eq(counts[1].delta, -4);
    cr_assert_eq(counts[1].region, 2);
    cr_assert_eq(summary.samples_dropped, 0);
}

Test(program_decoder, rows_that_cannot_be_leave_the_others)
{
    decode_counts(1, 9, 0, 1);
    decode_counts(1, 8, DECODER_COUNTER_MAX + 1, 1);
    cr_assert_eq(count_count, 2);
    cr_assert_eq(summary.samples_dropped, 2);
    decode_counts(2, 8, 0, 1);
    cr_assert_eq(count_count, 2, "of a thread nobody knows");
    cr_assert_eq(summary.records_dropped, 1);
}

Test(program_decoder, a_record_that_is_cut_off)
{
    struct bytes body = {0};

    put_varint(&body, 1);
    put_varint(&body, 1000);
    put_varint(&body, 1000000); /* rows, none of which is there */
    decode(COUNTS, &body);
    cr_assert_eq(count_count, 0);
    cr_assert_eq(summary.records_dropped, 1);
}
