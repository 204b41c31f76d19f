/* Records become stacks, threads and entries that know no epochs. */
#include "analyzer/load/trace_loader.h"
#include "tests/unit/scratch.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>

static struct strings *strings;
static struct code_places code;
static struct raw_stacks stacks;
static struct loaded_trace trace;
static struct problem problem;

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

static int load_part(struct bytes *file, struct time_window window)
{
    make_file("trace.pinj", file);
    bytes_free(file);
    return loaded_trace_init(&trace, "trace.pinj", window, (struct loaded_wishes){.parts = true},
                             &code, &stacks, &problem);
}

static int load(struct bytes *file)
{
    return load_part(file, TIME_WINDOW_WHOLE);
}

/* Loads one epoch made of `payload`. */
static int load_payload(struct bytes *payload)
{
    struct bytes file = {0};

    make_chunk(&file, payload, (struct made_chunk){MADE_VERSION, 1, 0});
    return load(&file);
}

/* The entry whose leaf is at `address`, of the thread `tid`; NULL for none. */
static const struct trace_entry *entry_at(uint64_t address, int32_t tid)
{
    for (size_t i = 0; i < trace.entries.count; i++) {
        const struct raw_stack *raw = &stacks.stacks[trace.entries.items[i].stack];
        if (trace.threads[trace.entries.items[i].thread].tid == tid &&
            trace.entries.items[i].stack >= RAW_STACK_ROOTS &&
            code.places[raw->place].address == address)
            return &trace.entries.items[i];
    }
    return NULL;
}

TestSuite(trace_loader, .init = start, .fini = stop);

Test(trace_loader, the_made_trace)
{
    struct bytes file = made_trace();

    cr_assert_eq(load(&file), 0);
    cr_assert_str_eq(trace.process.comm, "made");
    cr_assert_eq(trace.process.end, END_EXIT);
    cr_assert_eq(trace.process.end_status, 3);
    cr_assert_eq(trace.process.end_ns, 9500);
    cr_assert_eq(trace.process.cpu_ns, 20000000);
    cr_assert_eq(trace.process.chunks, 4);
    cr_assert_eq(trace.process.truncated, 1);
    cr_assert_eq(trace.process.guessed, 1);
    cr_assert_eq(trace.process.broken, 0);

    cr_assert_eq(trace.thread_count, 2, "the same tid and start is the same thread in any epoch");
    const struct profile_thread *worker = &trace.threads[1];
    cr_assert_eq(worker->tid, 101);
    cr_assert_str_eq(worker->name, "worker");
    cr_assert_eq(worker->samples, 3);
    cr_assert_eq(worker->cpu_ns, 10000000);
    cr_assert_eq(worker->end_ns, 9000);
    cr_assert_eq(worker->memory.alloc_bytes, 8);
    cr_assert_eq(trace.threads[0].samples, 3, "counted where totals are missing");
    cr_assert_eq(trace.threads[0].end_ns, 9500);

    /* A return address is looked up one below, an interrupted pc as it is. */
    const struct trace_entry *work = entry_at(0x2000, 100);
    cr_assert_not_null(work);
    cr_assert_eq(work->time_ns, 8000000);
    cr_assert_eq(work->samples, 2);
    cr_assert_eq(trace_entry_values(work, false).value[METRIC_MEMORY_DELTA], 60);
    cr_assert_eq(work->alloc_count, 2);
    cr_assert_eq(work->free_bytes, 40);
    cr_assert_eq(entry_at(0x1000, 100)->time_ns, 2000000);
    cr_assert_eq(trace_entry_values(entry_at(0x1000, 100), false).value[METRIC_MEMORY_DELTA], -10);
    cr_assert_eq(entry_at(0x2000, 101)->time_ns, 9000000, "both epochs");
    cr_assert_eq(entry_at(0x3000, 101)->samples, 1);
    cr_assert_eq(trace.entries.count, 4);
    cr_assert_eq(stacks.count, RAW_STACK_ROOTS + 3);
}

Test(trace_loader, the_generation_of_a_stack_decides_its_module)
{
    const struct made_node before[] = {{8, 0, 0x10101, 0}};
    const struct made_node after[] = {{9, 0, 0x10101, 0}};
    const struct made_sample samples[] = {{1, 8, 1, 0, 0, 0, 0}, {1, 9, 1, 0, 0, 0, 0}};
    struct bytes payload = {0};

    make_thread(&payload, 1, 7, 1, "t");
    make_stacks(&payload, 0, before, 1);
    make_stacks(&payload, 1, after, 1);
    make_samples(&payload, 1, 1, samples, 2, 0);
    /* Modules are told after the stacks that lie in them. */
    make_module(&payload, (struct made_module){1, 0x10000, 0x11000, 0x10000, 0, "/lib/old", "o"});
    make_gone(&payload, 1, 1);
    make_module(&payload, (struct made_module){2, 0x10000, 0x11000, 0x0f000, 1, "/lib/new", "n"});
    cr_assert_eq(load_payload(&payload), 0);
    cr_assert_not_null(entry_at(0x100, 7));
    cr_assert_not_null(entry_at(0x1100, 7));
    cr_assert_str_eq(code.images[code.places[0].image].path, "/lib/old");
    cr_assert_str_eq(code.images[code.places[1].image].path, "/lib/new");
}

Test(trace_loader, code_outside_every_module_keeps_its_address)
{
    const struct made_node node[] = {{8, 0, 0x7f0000001235, 0}};
    const struct made_sample sample[] = {{1, 8, 1, 0, 0, 0, 0}, {1, 0, 1, 0, 0, 0, 0}};
    struct bytes payload = {0};

    make_thread(&payload, 1, 7, 1, "t");
    make_stacks(&payload, 0, node, 1);
    make_samples(&payload, 1, 1, sample, 2, 0);
    cr_assert_eq(load_payload(&payload), 0);
    cr_assert_not_null(entry_at(0x7f0000001234, 7));
    cr_assert_eq(code.places[0].image, CODE_IMAGE_UNKNOWN);
    cr_assert_eq(trace.process.broken, 1, "a stack without a frame is broken");
}

Test(trace_loader, samples_after_an_end_undo_it)
{
    const struct made_sample sample[] = {{1, 2, 1, 0, 0, 0, 0}};
    struct bytes payload = {0};

    make_thread(&payload, 1, 7, 1, "t");
    make_end(&payload, 2, 0, 5000, 10);
    make_samples(&payload, 1, 8000, sample, 1, 0);
    cr_assert_eq(load_payload(&payload), 0);
    cr_assert_not(trace.ends.has_end);
    cr_assert_eq(trace.process.end, END_UNKNOWN);
    cr_assert_eq(trace.process.end_ns, 9000);
}

/* Of the threads that went on; what others had left when they ended is told once. */
Test(trace_loader, what_was_left_when_an_exec_failed_is_told_again)
{
    struct bytes payload = {0};
    int64_t sum = 0;

    for (unsigned thread = 1; thread <= 2; thread++)
        make_thread(&payload, thread, 6 + thread, 1, "t");
    make_count(&payload, 1, 0, 0, 1000);
    make_rest(&payload, 1, 0, 70);
    make_totals(&payload, (uint64_t[]){1, 100, 0, 0, 0, 0, 0, 0, 0, 4000});
    make_count(&payload, 2, 0, 0, 5);
    make_rest(&payload, 2, 0, 30);
    make_totals(&payload, (uint64_t[]){2, 100, 0, 0, 0, 0, 0, 0, 0, 0});
    make_end(&payload, 2, 0, 5000, 10);
    make_count(&payload, 2, 0, 0, 6);
    make_totals(&payload, (uint64_t[]){2, 100, 0, 0, 0, 0, 0, 0, 0, 0});
    make_end(&payload, 1, 0, 6000, 10);
    cr_assert_eq(load_payload(&payload), 0);
    cr_assert_eq(trace.process.end_ns, 6000);
    for (size_t i = 0; i < trace.count_count; i++)
        sum += trace.counts[i].value;
    cr_assert_eq(sum, 1006);
    cr_assert_eq(trace.threads[0].rest_ns, 70);
    cr_assert_eq(trace.threads[1].rest_ns, 0);
}

Test(trace_loader, failure_leaves_nothing)
{
    struct bytes file = {0};

    put(&file, "text", 4);
    cr_assert_eq(load(&file), PROBLEM_DATA);
    cr_assert_eq(trace.thread_count, 0);
}

/* Samples of thread 1 in epoch 1 are at 6000, 4006000 and 8006000 ns. */
Test(trace_loader, a_part_of_the_run)
{
    struct bytes file = made_trace();
    int64_t units = 0, samples = 0;

    cr_assert_eq(load_part(&file, (struct time_window){4006000, 8006000}), 0);
    for (size_t i = 0; i < trace.entries.count; i++) {
        units += trace.entries.items[i].time_ns;
        samples += trace.entries.items[i].samples;
    }
    cr_expect_eq(samples, 1);
    cr_expect_eq(units, 4 * 1000000);
    cr_expect_eq(trace.process.truncated, 0);
    cr_expect_eq(trace.process.cpu_ns, 20000000, "clocks are of the whole run");
    cr_expect_eq(trace.process.end, END_EXIT);
}
