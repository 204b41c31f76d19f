/* Stack nodes come back as they went in: by the decoder of the analyzer, which others check. */
#include "analyzer/trace/record_decoder.h"
#include "preload/contract/encode_stacks.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define MANY 200000u /* more than a record takes */

struct given {
    uint32_t parent, generation;
    uint64_t code;
};

static struct given given[MANY];
static uint32_t found, samples;
static struct buffer payload, body;
static struct stack_encoder encoder;
static uint32_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % limit;
}

static void on_stack(void *context, const struct trace_stack_node *node)
{
    const struct given *right = &given[found];

    (void)context;
    cr_assert_eq(node->number, TRACE_STACK_FIRST + found);
    cr_assert_eq(node->parent, right->parent, "of node %u", found);
    cr_assert_eq(node->pc << TRACE_NODE_BITS | node->flags, right->code, "of node %u", found);
    cr_assert_eq(node->generation, right->generation);
    found++;
}

static void start(void)
{
    void *memory = calloc(1, stack_encoder_size());

    cr_assert_eq(buffer_init(&payload, 16u << 20) | buffer_init(&body, 16u << 20), 0);
    stack_encoder_init(&encoder, memory, &payload, &body);
}

static void stop(void)
{
    free(encoder.record);
    buffer_release(&payload);
    buffer_release(&body);
}

/* Chains of `length` nodes each, of which every third is a sample's. */
static void give(uint32_t count, uint32_t length)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct ring_node node = {.code = given[i].code, .generation = given[i].generation};
        stack_encoder_add(&encoder, &node, given[i].parent, TRACE_STACK_FIRST + i);
        if ((i + 1) % length == 0)
            stack_encoder_end_chain(&encoder, i / length % 3 == 0);
    }
    stack_encoder_end_chain(&encoder, false);
}

static void check(uint32_t count)
{
    const struct trace_visitor visitor = {.stack = on_stack};
    struct trace_summary summary = {0};
    struct record_decoder decoder;
    uint32_t records = stack_encoder_finish(&encoder);

    record_decoder_init(&decoder, &visitor, &summary);
    record_decoder_payload(&decoder, payload.bytes, payload.size);
    samples = (uint32_t)decoder.stacks.end_count;
    record_decoder_release(&decoder);
    cr_assert_gt(records, 0);
    cr_assert_eq(summary.records_dropped, 0);
    cr_assert_eq(found, count);
}

TestSuite(encode_stacks, .init = start, .fini = stop);

Test(encode_stacks, one_chain)
{
    for (uint32_t i = 0; i < 30; i++)
        given[i] = (struct given){i ? TRACE_STACK_FIRST + i - 1 : 0, 1, 0x401000 + 64ull * i};
    give(30, 30);
    check(30);
    cr_assert_eq(samples, 1);
}

/* Trees of codes near each other and far, some of another generation, among them more distinct
 * codes, nodes and chains than a record has room for. */
Test(encode_stacks, many)
{
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t parent = TRACE_STACK_FIRST + i - 1;
        if (i == 0 || i % 4 == 0)
            parent = random_below(TRACE_STACK_FIRST + i);
        given[i] = (struct given){parent, 1 + i / 90000, random_below(40000) * 65537ull};
        if (i % 1000 == 0)
            given[i].code = UINT64_MAX - i;
    }
    give(MANY, 4);
    check(MANY);
    cr_assert_gt(samples, MANY / 4 / 3 - 8); /* all but of chains in two records */
}

/* What was said of one record is not taken for known in the next. */
Test(encode_stacks, records_stand_alone)
{
    for (uint32_t i = 0; i < 8; i++)
        given[i] = (struct given){0, 1, 0x500000 + i % 2};
    give(8, 1);
    cr_assert_eq(stack_encoder_finish(&encoder), 1);
    size_t size = payload.size;
    give(8, 1);
    cr_assert_eq(stack_encoder_finish(&encoder), 1);
    cr_assert_eq(payload.size, 2 * size);
    cr_assert_arr_eq(payload.bytes, payload.bytes + size, size);
    cr_assert_eq(stack_encoder_finish(&encoder), 0);
}
