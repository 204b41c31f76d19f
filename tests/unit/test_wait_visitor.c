/* Waits, looks and the kernel's count become entries. */
#include "analyzer/load/trace_loader.h"
#include "analyzer/model/wait_kind.h"
#include "tests/unit/scratch.h"
#include "tests/unit/waits_maker.h"

#include <criterion/criterion.h>

#define MS 1000000ull

static struct strings *strings;
static struct code_places code;
static struct raw_stacks stacks;
static struct loaded_trace trace;

static void start(void)
{
    scratch_init();
    strings = strings_new();
    code_places_init(&code, strings);
    raw_stacks_init(&stacks);
}

static void stop(void)
{
    loaded_trace_release(&trace);
    raw_stacks_release(&stacks);
    code_places_release(&code);
    strings_free(strings);
    scratch_release();
}

TestSuite(wait_visitor, .init = start, .fini = stop);

static void load(struct bytes *payload)
{
    struct bytes file = {0};
    struct problem problem;

    make_chunk(&file, payload, (struct made_chunk){MADE_VERSION, 1, 0});
    make_file("trace.pinj", &file);
    bytes_free(&file);
    cr_assert_eq(loaded_trace_init(&trace, "trace.pinj", TIME_WINDOW_WHOLE,
                                   (struct loaded_wishes){.parts = true}, &code, &stacks, &problem),
                 0);
}

/* A thread that waits in stack 9, and where looks find it in stack 8 and in none. */
static struct bytes made_thread(void)
{
    const struct made_node nodes[] = {{8, 0, 0x11001, 0}, {9, 8, 0x12001, 0}};
    struct bytes payload = {0};

    make_property(&payload, "weight_unit_ns", "1000000");
    make_property(&payload, "waits", "on");
    make_thread(&payload, 1, 100, 0, "main");
    make_stacks(&payload, 0, nodes, 2);
    return payload;
}

static void make_look(struct bytes *payload, uint64_t stack, uint64_t end, uint64_t length,
                      uint64_t state)
{
    struct bytes body = {0};

    put_varint(&body, 1);
    put_varint(&body, end);
    put_varint(&body, 1);
    put_varint(&body, 0);
    put_varint(&body, stack);
    put_varint(&body, length);
    put_varint(&body, state);
    put_record(payload, 12, &body);
}

static int64_t sum_of(enum metric metric, int state)
{
    int64_t sum = 0;

    for (size_t i = 0; i < trace.entries.count; i++)
        if (state < 0 || (int)trace.entries.items[i].state == state)
            sum +=
                trace_entry_values(&trace.entries.items[i], trace.process.has_wall).value[metric];
    return sum;
}

/* 100 ms: 30 on the processor, 10 ready to run, 60 blocked, of which 40 in waits. */
Test(wait_visitor, off_time_is_what_the_kernel_counted)
{
    const struct made_waits waits[] = {{0, 9, TRACE_WAIT_MUTEX, 0x1000, 101, 1, 30 * MS, 0, 0, 0},
                                       {10000, 9, TRACE_WAIT_READ, 1, 0, 1, 10 * MS, 0, 0, 512}};
    struct bytes payload = made_thread();

    make_waits(&payload, 1, 0, 50 * MS, waits, 2);
    make_look(&payload, 8, 80 * MS, 12 * MS, 0);
    make_look(&payload, 0, 90 * MS, 25 * MS, 1);
    make_scheduling(&payload, (uint64_t[]){1, 100 * MS, 7, 30 * MS, 10 * MS, 4, 2, 1, 0});
    make_object(&payload, 1, TRACE_OBJECT_FILE, 0, "/etc/passwd",
                (uint64_t[]){1, 512, 0, 0, 0, 0, 0, 0});
    make_totals(&payload, (uint64_t[]){1, 30 * MS, 0, 0, 0, 0, 0, 0, 0, 100 * MS});
    load(&payload);
    cr_expect_eq(sum_of(METRIC_LOCK_WAIT, -1), 30 * MS);
    cr_expect_eq(sum_of(METRIC_IO_WAIT, -1), 10 * MS);
    cr_expect_eq(sum_of(METRIC_OFFCPU, ENTRY_WAITING + TRACE_WAIT_MUTEX), 30 * MS);
    cr_expect_eq(sum_of(METRIC_OFFCPU, -1), 70 * MS);
    cr_expect_eq(sum_of(METRIC_WALL, -1), 70 * MS, "nothing was sampled");
    cr_expect_eq(sum_of(METRIC_RUNNABLE, -1), 10 * MS, "those of looks give way");
    cr_expect_eq(sum_of(METRIC_OFFCPU, ENTRY_BLOCKED), 20 * MS, "12 looked at, 8 of no place");
    const struct thread_time *time = &trace.threads[0].time;
    cr_expect(time->known && time->has_runnable && time->has_switches && time->has_migrations);
    cr_expect_eq(time->wall_ns, 100 * MS);
    cr_expect_eq(time->blocked_ns, 60 * MS);
    cr_expect_eq(time->hooked_ns, 40 * MS);
    cr_expect_eq(time->looked_ns, 12 * MS);
    cr_expect(time->voluntary == 4 && time->involuntary == 2 && time->migrations == 1);
    cr_expect(trace.process.has_wall && trace.process.has_runnable && trace.process.has_waits);
    cr_expect_str_eq(trace.waits.objects[1].name, "/etc/passwd");
}

Test(wait_visitor, looks_say_where_the_rest_was_and_no_more)
{
    struct bytes payload = made_thread();

    make_look(&payload, 8, 80 * MS, 60 * MS, 0);
    make_look(&payload, 9, 100 * MS, 20 * MS, 0);
    make_scheduling(&payload, (uint64_t[]){1, 100 * MS, 7, 60 * MS, 0, 4, 2, 1, 0});
    make_totals(&payload, (uint64_t[]){1, 60 * MS, 0, 0, 0, 0, 0, 0, 0, 100 * MS});
    load(&payload);
    cr_expect_eq(sum_of(METRIC_OFFCPU, -1), 40 * MS);
    cr_expect_eq(trace_entry_values(&trace.entries.items[0], true).value[METRIC_OFFCPU], 30 * MS);
    cr_expect_eq(trace_entry_values(&trace.entries.items[1], true).value[METRIC_WALL], 10 * MS);
}

/* A trace of before, or a kernel that does not count. */
Test(wait_visitor, without_the_kernels_count_both_stay_as_they_are)
{
    const struct made_waits waits[] = {{0, 9, 99, 0, 0, 1, 30 * MS, 0, 0, 0}};
    struct bytes payload = made_thread();

    make_look(&payload, 8, 80 * MS, 12 * MS, 0);
    make_waits(&payload, 1, 0, 50 * MS, waits, 1);
    load(&payload);
    cr_expect_eq(sum_of(METRIC_OFFCPU, -1), 42 * MS);
    cr_expect_eq(sum_of(METRIC_OFFCPU, ENTRY_WAITING + WAIT_KIND_OTHER), 30 * MS);
    cr_expect_not(trace.threads[0].time.known);
}

Test(wait_visitor, what_was_held_when_an_exec_failed_is_told_again)
{
    const struct made_waits open = {0, 9, TRACE_WAIT_JOIN, 0, 7, 0, 30 * MS, 0, 0, 0};
    const struct made_waits later = {0, 9, TRACE_WAIT_JOIN, 0, 7, 0, 50 * MS, 0, 0, 0};
    struct bytes payload = made_thread();

    make_waits(&payload, 1, TRACE_WAITS_HELD, 50 * MS, &open, 1);
    make_end(&payload, 2, 0, 50 * MS, 0);
    make_waits(&payload, 1, TRACE_WAITS_HELD, 70 * MS, &later, 1);
    make_end(&payload, 1, 0, 70 * MS, 0);
    load(&payload);
    cr_expect_eq(sum_of(METRIC_OFFCPU, -1), 50 * MS);
    cr_expect_eq(trace.waits.ledger.sums[0].open, 1);
}

/* 100 ms, of which 40 in a pause; it ran for 30 of those, and for 20 outside. */
Test(wait_visitor, pauses_are_no_time_at_all)
{
    struct bytes payload = made_thread();
    struct bytes totals = {0};

    make_scheduling(&payload, (uint64_t[]){1, 100 * MS, 7, 50 * MS, 0, 4, 2, 1, 40 * MS});
    for (int i = 0; i < 11; i++)
        put_varint(&totals,
                   (const uint64_t[]){1, 50 * MS, 0, 0, 0, 0, 0, 0, 0, 100 * MS, 30 * MS}[i]);
    put_record(&payload, 5, &totals);
    load(&payload);
    cr_expect_eq(trace.threads[0].time.wall_ns, 60 * MS);
    cr_expect_eq(trace.threads[0].time.cpu_ns, 20 * MS);
    cr_expect_eq(trace.threads[0].time.blocked_ns, 40 * MS);
}

/* A thread has a lock while it runs in stack 9, then in stack 8; it ends in the same chunk. */
Test(wait_visitor, who_had_a_lock_is_met_where_it_ran_last)
{
    const struct made_waits waits[] = {
        {0, 9, TRACE_WAIT_MUTEX, 0x1000, 101, 1, 30 * MS, 0, 0, 0},
        {20000, 9, TRACE_WAIT_MUTEX, 0x1000, 101, 1, 10 * MS, 0, 0, 0},
        {20000, 9, TRACE_WAIT_MUTEX, 0x1000, 0, 1, 10 * MS, 0, 0, 0},
        {20000, 9, TRACE_WAIT_MUTEX, 0x1000, 101, 9, 10 * MS, 2 * MS, 20 * MS, 0}};
    const struct made_sample samples[] = {{30000, 9, 1, 0, 0, 0, 0}, {30000, 8, 1, 0, 0, 0, 0}};
    struct bytes payload = made_thread();

    make_thread(&payload, 2, 101, 0, "holder");
    make_samples(&payload, 2, 0, samples, 2, 0);
    make_totals(&payload, (uint64_t[]){2, 2 * MS, 2, 0, 0, 0, 0, 0, 0, 70 * MS});
    make_waits(&payload, 1, 0, 50 * MS, waits, 4);
    load(&payload);
    cr_assert_eq(trace.waits.single_count, 3, "one record of many is none of one");
    const struct loaded_single *singles = trace.waits.singles;
    cr_expect_eq(singles[0].sample_ns, 30 * MS);
    cr_expect_eq(singles[1].sample_ns, 60 * MS);
    cr_expect_neq(singles[0].sample_stack, singles[1].sample_stack);
    cr_expect_eq(singles[2].sample_ns, 0);
    cr_expect(singles[0].begin_ns == 20 * MS && singles[0].end_ns == 50 * MS);
}

/* A program that never waits long enough. */
Test(wait_visitor, hooks_that_saw_nothing_saw)
{
    struct bytes payload = made_thread();

    make_totals(&payload, (uint64_t[]){1, 30 * MS, 0, 0, 0, 0, 0, 0, 0, 100 * MS});
    load(&payload);
    cr_expect(trace.process.has_waits && trace.process.has_wall);
    cr_expect_not(trace.process.has_runnable);
}
