/* Every record is decoded as specified; what cannot be is dropped and counted. */
#include "analyzer/trace/record_decoder.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>

/* What the visitor saw, as text, one line per call. */
static char seen[4096];
static struct trace_summary summary;
static struct record_decoder decoder;

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(seen + strlen(seen), sizeof(seen) - strlen(seen), format, arguments);
    va_end(arguments);
}

static void on_epoch(void *context)
{
    (void)context;
    note("epoch\n");
}

static void on_property(void *context, const char *name, const char *value, size_t size)
{
    (void)context;
    note("property %s=%s (%zu)\n", name, value, size);
}

static void on_module(void *context, const struct trace_module *module)
{
    (void)context;
    note("module %d %lx..%lx bias %lx generation %d %s id %zu\n", (int)module->id,
         (long)module->start, (long)module->end, (long)module->bias, (int)module->generation,
         module->path, module->build_id_size);
}

static void on_module_gone(void *context, uint64_t id, uint64_t generation, uint64_t time)
{
    (void)context;
    note("gone %d %d %d\n", (int)id, (int)generation, (int)time);
}

static void on_thread(void *context, const struct trace_thread *thread)
{
    (void)context;
    note("thread %d tid %d start %d %s\n", (int)thread->number, thread->tid, (int)thread->start_ns,
         thread->name);
}

static void on_totals(void *context, const struct trace_totals *totals)
{
    (void)context;
    note("totals %d cpu %d samples %d lost %d allocs %d %d frees %d %d flags %d end %d paused %d\n",
         (int)totals->thread, (int)totals->cpu_ns, (int)totals->samples, (int)totals->lost,
         (int)totals->alloc_count, (int)totals->alloc_bytes, (int)totals->free_count,
         (int)totals->free_bytes, (int)totals->flags, (int)totals->end_ns, (int)totals->paused_ns);
}

static void on_stacks_lost(void *context, uint64_t first, uint64_t end)
{
    (void)context;
    note("lost %d to %d\n", (int)first, (int)end);
}

static void on_stack(void *context, const struct trace_stack_node *node)
{
    (void)context;
    note("stack %d under %d pc %lx generation %d flags %u\n", (int)node->number, (int)node->parent,
         (long)node->pc, (int)node->generation, node->flags);
}

static void on_sample(void *context, const struct trace_sample *sample)
{
    (void)context;
    note("sample %d at %d stack %d weight %d", (int)sample->thread, (int)sample->time_ns,
         (int)sample->stack, (int)sample->weight);
    if (sample->has_memory)
        note(" memory %d %d %d %d", (int)sample->alloc_count, (int)sample->alloc_bytes,
             (int)sample->free_count, (int)sample->free_bytes);
    note("\n");
}

static void on_rest(void *context, const struct trace_rest *rest)
{
    (void)context;
    note("rest of %d at %d: %d\n", (int)rest->thread, (int)rest->stack, (int)rest->length_ns);
}

static void on_end(void *context, enum trace_end kind, int status, uint64_t time, uint64_t cpu)
{
    (void)context;
    note("end %d status %d at %d cpu %d\n", kind, status, (int)time, (int)cpu);
}

static const struct trace_visitor visitor = {
    .epoch = on_epoch,
    .property = on_property,
    .module = on_module,
    .module_gone = on_module_gone,
    .thread = on_thread,
    .totals = on_totals,
    .stack = on_stack,
    .stacks_lost = on_stacks_lost,
    .sample = on_sample,
    .rest = on_rest,
    .end = on_end,
};

static void start(void)
{
    seen[0] = '\0';
    memset(&summary, 0, sizeof(summary));
    record_decoder_init(&decoder, &visitor, &summary);
}

static void stop(void)
{
    record_decoder_release(&decoder);
}

static void decode(struct bytes *payload)
{
    seen[0] = '\0';
    record_decoder_payload(&decoder, payload->at, payload->size);
    bytes_free(payload);
}

TestSuite(record_decoder, .init = start, .fini = stop);

Test(record_decoder, facts)
{
    struct bytes payload = {0};

    make_property(&payload, "comm", "cat");
    make_property(&payload, "", "");
    make_module(&payload, (struct made_module){3, 0x1000, 0x2000, 0x800, 7, "/lib/x", "abc"});
    make_gone(&payload, 3, 9);
    make_thread(&payload, 1, 4711, 55, "main");
    make_totals(&payload, (uint64_t[]){1, 2, 3, 4, 5, 6, 7, 8, 1, 10});
    struct bytes longer = {0}; /* with what came later */
    for (unsigned i = 1; i <= 11; i++)
        put_varint(&longer, i);
    put_record(&payload, 5, &longer);
    make_end(&payload, 1, 42, 77, 88);
    decode(&payload);
    cr_assert_str_eq(seen, "property comm=cat (3)\n"
                           "property = (0)\n"
                           "module 3 1000..2000 bias 800 generation 7 /lib/x id 3\n"
                           "gone 3 9 2000\n"
                           "thread 1 tid 4711 start 55 main\n"
                           "totals 1 cpu 2 samples 3 lost 4 allocs 5 6 frees 7 8 flags 1 end 10 "
                           "paused 0\n"
                           "totals 1 cpu 2 samples 3 lost 4 allocs 5 6 frees 7 8 flags 9 end 10 "
                           "paused 11\n"
                           "end 1 status 42 at 77 cpu 88\n");
    cr_assert_eq(summary.records_dropped, 0);
}

Test(record_decoder, rests)
{
    const struct made_node nodes[] = {{8, 0, 0x401000, 0}};
    struct bytes payload = {0};

    make_thread(&payload, 1, 4711, 55, "main");
    make_stacks(&payload, 0, nodes, 1);
    make_rest(&payload, 1, 8, 99);
    make_rest(&payload, 1, 0, 98);
    make_rest(&payload, 1, 9, 97); /* no such stack */
    make_rest(&payload, 2, 8, 96); /* no such thread */
    decode(&payload);
    cr_assert_not_null(strstr(seen, "rest of 1 at 8: 99\nrest of 1 at 0: 98\n"));
    cr_assert_null(strstr(seen, "97"));
    cr_assert_eq(summary.records_dropped, 2);
}

Test(record_decoder, stacks_count_on_and_name_their_callers)
{
    const struct made_node first[] = {{8, 0, 0x401000, 0}, {9, 8, 0x400f00, 1}};
    const struct made_node second[] = {{10, 8, 0x7fffffffe000, 2}, {11, 1, 0x10, 3}};
    struct bytes payload = {0};

    make_stacks(&payload, 0, first, 2);
    make_stacks(&payload, 4, second, 2);
    decode(&payload);
    cr_assert_str_eq(seen, "stack 8 under 0 pc 401000 generation 0 flags 0\n"
                           "stack 9 under 8 pc 400f00 generation 0 flags 1\n"
                           "stack 10 under 8 pc 7fffffffe000 generation 4 flags 2\n"
                           "stack 11 under 1 pc 10 generation 4 flags 3\n");
}

/* Two chains, as the specification has them: 8 to 10 below no one; 11 and 12 below 8. Codes by
 * hand: 0x1001 << 2; 0x1101 << 2 and 0x2000 << 2 | 1, expected near the code before; 0x1101
 * again. What that called before was 0x2000, exactly; now 0x2010, exactly. */
Test(record_decoder, chains_of_stacks)
{
    const struct made_sample samples[] = {
        {1, 3, 1, 0, 0, 0, 0}, {1, 9, 1, 0, 0, 0, 0}, {1, 3, 1, 0, 0, 0, 0}, {1, 3, 1, 0, 0, 0, 0}};
    struct bytes payload = {0};
    struct bytes body = {0};
    const uint64_t head[] = {5, 8, 2, 0, 10, 3 << 1 | 1, 2 << 1 | 1, 0, 0, 0, 2, 0};
    const int64_t codes[] = {0x1001 << 2, 0x100 << 2, (0xeff << 2) + 1, 0x10 << 2};

    make_thread(&payload, 1, 10, 0, "t");
    for (size_t i = 0; i < sizeof(head) / sizeof(*head); i++)
        put_varint(&body, head[i]);
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
        put_svarint(&body, codes[i]);
    put_record(&payload, 6, &body);
    make_samples(&payload, 1, 0, samples, 4, 0);
    decode(&payload);
    cr_assert_str_eq(strstr(seen, "stack"), "stack 8 under 0 pc 1001 generation 5 flags 0\n"
                                            "stack 9 under 8 pc 1101 generation 5 flags 0\n"
                                            "stack 10 under 9 pc 2000 generation 5 flags 1\n"
                                            "stack 11 under 8 pc 1101 generation 5 flags 0\n"
                                            "stack 12 under 11 pc 2010 generation 5 flags 1\n"
                                            "sample 1 at 1000 stack 10 weight 1\n"
                                            "sample 1 at 2000 stack 9 weight 1\n"
                                            "sample 1 at 3000 stack 12 weight 1\n");
    cr_assert_eq(summary.samples_dropped, 1, "there is no third chain");
    cr_assert_eq(summary.records_dropped, 0);

    make_samples(&payload, 1, 0, samples, 1, 0);
    decode(&payload);
    cr_assert_eq(summary.samples_dropped, 2, "nor one of a chunk before");
}

/* Eight of the unit are 64 microseconds. */
Test(record_decoder, times_in_coarser_units)
{
    struct bytes payload = {0};
    struct bytes body = {0};
    const uint64_t batch[] = {1, 0, 128000, 2, 3 << 3, 1, 8, 0, 0, 1, 1};

    make_thread(&payload, 1, 10, 0, "t");
    for (size_t i = 0; i < sizeof(batch) / sizeof(*batch); i++)
        put_varint(&body, batch[i]);
    put_record(&payload, 7, &body);
    decode(&payload);
    cr_assert_str_eq(strstr(seen, "sample"), "sample 1 at 136000 stack 0 weight 1\n"
                                             "sample 1 at 200000 stack 0 weight 1\n");
}

Test(record_decoder, samples_by_columns)
{
    const struct made_node nodes[] = {{8, 0, 0x401000, 0}};
    const struct made_sample samples[] = {
        {1, 8, 4, 10, 1000, 12, 3000}, {250, 8, 1, 3, 64, 0, 0}, {0, 2, 1, 0, 0, 0, 0}};
    struct bytes payload = {0};

    make_thread(&payload, 1, 10, 0, "t");
    make_stacks(&payload, 0, nodes, 1);
    make_samples(&payload, 1, 5000, samples, 3, 1);
    make_samples(&payload, 1, 9000, samples, 1, 0);
    decode(&payload);
    cr_assert_str_eq(strstr(seen, "sample"),
                     "sample 1 at 6000 stack 8 weight 4 memory 10 1000 12 3000\n"
                     "sample 1 at 256000 stack 8 weight 1 memory 3 64 0 0\n"
                     "sample 1 at 256000 stack 2 weight 1 memory 0 0 0 0\n"
                     "sample 1 at 10000 stack 8 weight 4\n");
    cr_assert_eq(summary.samples_dropped, 0);
}

Test(record_decoder, unknown_tags_and_trailing_bytes_are_passed_over)
{
    struct bytes payload = {0};
    struct bytes body = {0};

    put_string(&body, "whatever", 8);
    put_record(&payload, 4000, &body);
    put_record(&payload, 0, &body);
    put_string(&body, "comm", 4);
    put_string(&body, "x", 1);
    put_string(&body, "of a later version", 18);
    put_record(&payload, 1, &body);
    decode(&payload);
    cr_assert_str_eq(seen, "property comm=x (1)\n");
    cr_assert_eq(summary.records_dropped, 0);
}

Test(record_decoder, records_that_cannot_be_are_dropped_and_counted)
{
    const struct made_node nodes[] = {{8, 0, 0x401000, 0}};
    const struct made_sample unknown_stack[] = {{1, 8, 1, 0, 0, 0, 0}, {1, 9, 1, 0, 0, 0, 0}};
    struct bytes payload = {0};
    struct bytes body = {0};

    make_totals(&payload, (uint64_t[]){1, 2, 3, 4, 5, 6, 7, 8, 1, 10}); /* no such thread */
    make_thread(&payload, 7, 10, 0, "out of order");
    make_end(&payload, 9, 0, 0, 0);
    make_module(&payload, (struct made_module){1, 0x2000, 0x1000, 0, 0, "reversed", NULL});
    put_varint(&body, 1);
    put_record(&payload, 7, &body); /* samples cut off */
    decode(&payload);
    cr_assert_str_eq(seen, "");
    cr_assert_eq(summary.records_dropped, 5);

    make_thread(&payload, 1, 10, 0, "t");
    make_stacks(&payload, 0, nodes, 1);
    make_samples(&payload, 1, 0, unknown_stack, 2, 0);
    make_samples(&payload, 2, 0, unknown_stack, 2, 0);
    decode(&payload);
    cr_assert_str_eq(strstr(seen, "sample"), "sample 1 at 1000 stack 8 weight 1\n");
    cr_assert_eq(summary.samples_dropped, 3);
}

Test(record_decoder, a_count_larger_than_the_record_reads_nothing_beyond_it)
{
    struct bytes payload = {0};
    struct bytes body = {0};

    make_thread(&payload, 1, 10, 0, "t");
    put_varint(&body, 1);
    put_varint(&body, 0);
    put_varint(&body, 0);
    put_varint(&body, UINT64_MAX);
    put_varint(&body, 1);
    put(&body, "\1\1\1\1\1", 5);
    put_record(&payload, 7, &body);
    put_varint(&body, 0);
    put_varint(&body, 8);
    put_varint(&body, UINT64_MAX);
    put(&body, "\1\1\1\1\1", 5);
    put_record(&payload, 6, &body);
    put_varint(&body, 0);
    put_varint(&body, 8);
    put_varint(&body, 1);
    put_varint(&body, 0);
    put_varint(&body, UINT64_MAX); /* nodes of a chain */
    put(&body, "\1\1\1\1\1", 5);
    put_record(&payload, 6, &body);
    decode(&payload);
    cr_assert_eq(summary.records_dropped, 3);
}

Test(record_decoder, behind_a_gap_stacks_go_on_where_they_say)
{
    const struct made_sample samples[] = {
        {1, 8, 1, 0, 0, 0, 0}, {1, 10, 1, 0, 0, 0, 0}, {1, 12, 1, 0, 0, 0, 0}};
    struct bytes payload = {0};

    make_thread(&payload, 1, 10, 0, "t");
    make_stacks(&payload, 0, (struct made_node[]){{8, 0, 0x401000, 0}}, 1);
    decode(&payload);
    record_decoder_lost(&decoder, LOSS_DEFINITIONS);
    /* 8 is its parent, 9 to 11 are lost */
    make_stacks(&payload, 0, (struct made_node[]){{12, 8, 0x402000, 0}}, 1);
    make_samples(&payload, 1, 0, samples, 3, 0);
    decode(&payload);
    cr_assert_eq(summary.records_dropped + summary.samples_dropped, 0);
    cr_assert(strstr(seen, "stack 12 ") != NULL, "%s", seen);
    cr_assert(strstr(seen, "lost 9 to 12\n") != NULL, "%s", seen);

    record_decoder_lost(&decoder, LOSS_DEFINITIONS);
    make_stacks(&payload, 0, (struct made_node[]){{1u << 30, 0, 0x402000, 0}}, 1);
    decode(&payload);
    cr_assert_eq(summary.records_dropped, 1, "no ring has so many");
}

Test(record_decoder, after_lost_definitions_only_what_was_known_counts)
{
    const struct made_node nodes[] = {{8, 0, 0x401000, 0}, {9, 8, 0x402000, 0}};
    const struct made_sample samples[] = {{1, 8, 1, 0, 0, 0, 0}, {1, 9, 1, 0, 0, 0, 0}};
    struct bytes payload = {0};

    make_thread(&payload, 1, 10, 0, "t");
    make_stacks(&payload, 0, nodes, 1);
    decode(&payload);
    record_decoder_lost(&decoder, LOSS_DEFINITIONS);
    put_record(&payload, 6, &(struct bytes){0}); /* this one's number is not known */
    make_thread(&payload, 5, 11, 0, "later");
    make_samples(&payload, 5, 0, samples, 2, 0);
    decode(&payload);
    cr_assert_str_eq(seen, "thread 5 tid 11 start 0 later\nsample 5 at 1000 stack 8 weight 1\n"
                           "sample 5 at 2000 stack 2 weight 1\n");
    cr_assert_eq(summary.records_dropped, 1);
    cr_assert_eq(summary.samples_dropped, 0, "it was taken, somewhere");
    cr_assert_eq(summary.recovered_records, 2);

    record_decoder_lost(&decoder, LOSS_EPOCH);
    make_samples(&payload, 1, 0, samples, 2, 0);
    decode(&payload);
    cr_assert_str_eq(seen, "", "numbers of an epoch that may have ended mean nothing");

    record_decoder_epoch(&decoder);
    make_thread(&payload, 1, 10, 0, "t");
    make_stacks(&payload, 0, nodes, 2);
    make_samples(&payload, 1, 0, samples, 2, 0);
    decode(&payload);
    cr_assert_str_eq(strstr(seen, "sample"),
                     "sample 1 at 1000 stack 8 weight 1\nsample 1 at 2000 stack 9 weight 1\n");
}

/* Or a small file could make readers' tables as large as they like. */
Test(record_decoder, numbers_of_threads_do_not_jump_ever_further)
{
    struct bytes payload = {0};

    record_decoder_lost(&decoder, LOSS_DEFINITIONS);
    make_thread(&payload, 1u << 20, 1, 0, "t");
    make_thread(&payload, (1u << 20) + 1, 1, 0, "next");
    make_thread(&payload, 2u << 20, 1, 0, "t");
    decode(&payload);
    cr_assert_str_eq(seen, "thread 1048576 tid 1 start 0 t\nthread 1048577 tid 1 start 0 next\n");
    cr_assert_eq(summary.records_dropped, 1);
    cr_assert_lt(decoder.thread_capacity, 4u << 20);
}
