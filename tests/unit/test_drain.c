/* Rings to traces, read back by the analyzer's reader. */
#include "preload/contract/code_names.h"
#include "preload/contract/drain.h"
#include "preload/contract/drain_due.h"
#include "preload/contract/libc_clock.h"
#include "tests/unit/drain_fixture.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

TestSuite(drain, .init = drain_start, .fini = drain_stop);

static struct ring_sample invent_sample(unsigned thread, unsigned i)
{
    return (struct ring_sample){.stack = invent_stack(thread * 10 + i % 5, 1 + i % 7, 1 + thread),
                                .time_ns = 5000000000u + i * 1000000ull + thread * 1000u,
                                .weight = 1 + i % 9,
                                .alloc_count = thread == 2 ? 0 : i,
                                .free_count = thread == 2 ? 0 : i / 2,
                                .alloc_bytes = thread == 2 ? 0 : i * 100000000000u,
                                /* of thread 1 all are multiples of 8 */
                                .free_bytes = thread == 2 ? 0 : (thread == 1 ? 24u : 3u) * i};
}

static void check_sample(const struct trace_sample *sample, unsigned thread, unsigned i)
{
    const struct ring_sample put = invent_sample(thread, i);

    cr_assert_eq(sample->time_ns, put.time_ns);
    cr_assert_eq(sample->weight, put.weight);
    cr_assert_eq(sample->alloc_count, put.alloc_count);
    cr_assert_eq(sample->free_count, put.free_count);
    cr_assert_eq(sample->alloc_bytes, put.alloc_bytes);
    cr_assert_eq(sample->free_bytes, put.free_bytes);
    cr_assert_eq(sample->has_memory, thread != 2);
    cr_assert(is_stack(sample->stack, thread * 10 + i % 5, 1 + i % 7, 1 + thread));
}

Test(drain, every_field_comes_back)
{
    struct ring_slot *slots[3];
    unsigned seen[3] = {0};

    for (int i = 0; i < 3; i++)
        slots[i] = invent_thread(i);
    drain_property(&drain, "comm", "invented", 8);
    drain_property(&drain, "pid", "18446744073709551615", 20);
    for (unsigned i = 0; i < 300; i++)
        cr_assert(put_sample(slots[i % 3], invent_sample(i % 3, i / 3)));
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.summary.chunks, 1);
    cr_assert_eq(found.epochs, 1);
    cr_assert_eq(found.properties, 2);
    cr_assert_str_eq(found.comm, "invented");
    cr_assert_eq(found.thread_count, 3);
    cr_assert_eq(found.sample_count, 300);
    for (size_t i = 0; i < found.sample_count; i++) {
        unsigned thread = (unsigned)(found.tids[i] - NOBODY);
        check_sample(&found.samples[i], thread, seen[thread]++);
    }
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(found.threads[i].tid, NOBODY + i);
        cr_assert_eq(found.threads[i].start_ns, 1000000u * (unsigned)i);
        cr_assert_eq(found.names[i][7], '0' + i);
    }
}

Test(drain, a_pass_gives_the_room_back)
{
    static const uint8_t zeros[RING_DATA_SIZE];
    struct ring_slot *slot = invent_thread(1);
    struct stat status;

    put_sample(slot, invent_sample(1, 0));
    cr_assert_eq(drain_fill(&drain), 1, "one record is not nothing");
    for (unsigned i = 1; i < 500; i++)
        put_sample(slot, invent_sample(1, i));
    cr_assert_eq(drain_fill(&drain), 500 * 48 * 100 / RING_DATA_SIZE + 1);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(slot->consumed, slot->reserved);
    cr_assert_eq(memcmp(slot->data, zeros, sizeof(zeros)), 0, "uncommitted again");
    cr_assert_eq(drain_fill(&drain), 0);
    cr_assert_eq(fstat(trace_fd, &status), 0);
    cr_assert_eq(ring->trace_written, (uint64_t)status.st_size);
    cr_assert_eq(drain.chunks_written, 1);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(drain.chunks_written, 1, "nothing is written when there is nothing");
}

static sigjmp_buf write_failed;

static void leave_write(int number)
{
    (void)number;
    siglongjmp(write_failed, 1);
}

/* What it reads is noted before it is written: see ring_format.h, RECORDS. */
Test(drain, who_dies_before_the_chunk_is_noted_leaves_word_of_what_is_in_it)
{
    struct ring_slot *slot = invent_thread(1);
    int ends[2];

    put_sample(slot, invent_sample(1, 0));
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(slot->taken_at, 0, "nothing is under way");
    put_sample(slot, invent_sample(1, 1));
    cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    signal(SIGPIPE, leave_write); /* in the middle of the write */
    if (sigsetjmp(write_failed, 1) == 0)
        drain_pass(&drain, ends[1], 1);
    cr_assert_eq(slot->taken, slot->reserved);
    cr_assert_eq(slot->taken_at, ring->trace_written + 1);
    cr_assert_lt(slot->consumed, slot->taken);
}

/* Below a frame of the program, as below nothing known. */
Test(drain, frames_of_the_kernel_come_back_whole)
{
    const uint64_t entry = 0xffffffff81000123, leaf = 0xffffffffc0ffee10;
    struct ring_slot *slot = invent_thread(1);
    uint32_t stack = invent_stack(1, 1, 1);

    stack = stack_table_intern_sigsafe(ring, stack, entry << TRACE_NODE_BITS, 1);
    stack = stack_table_intern_sigsafe(ring, stack, leaf << TRACE_NODE_BITS | TRACE_NODE_EXACT, 1);
    put_sample(slot, (struct ring_sample){.stack = stack, .time_ns = 1, .weight = 1});
    put_sample(slot, invent_sample(1, 1)); /* and one of the program after it */
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert(read_whole("trace.pinj"));
    const struct trace_stack_node *node = &found.nodes[found.samples[0].stack - TRACE_STACK_FIRST];
    cr_assert(node->pc == leaf && node->flags == TRACE_NODE_EXACT);
    node = &found.nodes[node->parent - TRACE_STACK_FIRST];
    cr_assert(node->pc == entry && node->flags == 0);
    cr_assert(is_stack(node->parent, 1, 1, 1));
    check_sample(&found.samples[1], 1, 1);
}

Test(drain, rings_go_round)
{
    struct ring_slot *slot = invent_thread(1);
    unsigned put = 0;

    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < 400; i++, put++)
            cr_assert(put_sample(slot, invent_sample(1, put)));
        cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    }
    while (put_sample(slot, invent_sample(1, put)))
        put++;
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, put);
    for (unsigned i = 0; i < put; i++)
        check_sample(&found.samples[i], 1, i);
}

Test(drain, times_that_go_back_wait)
{
    static const uint64_t times[] = {5000000999, 7000000001, 6000000000, 7000001000};
    static const uint64_t read[] = {5000000000, 7000000000, 7000000000, 7000001000};
    struct ring_slot *slot = invent_thread(1);

    for (int i = 0; i < 4; i++)
        put_sample(slot, (struct ring_sample){.stack = invent_stack(1, 1, 1), .time_ns = times[i]});
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert(read_whole("trace.pinj"));
    for (int i = 0; i < 4; i++)
        cr_assert_eq(found.samples[i].time_ns, read[i], "microseconds, sample %d", i);
    cr_assert_eq(found.summary.time_last, 7000001000);
}

Test(drain, an_uncommitted_record_holds_back_what_follows)
{
    struct ring_slot *slot = invent_thread(1);
    const struct ring_sample sample = {.stack = invent_stack(1, 1, 1), .time_ns = 1, .weight = 7};

    put_sample(slot, invent_sample(1, 0));
    struct ring_sample *open = ring_reserve_sigsafe(slot, sizeof(*open));
    put_sample(slot, invent_sample(1, 2));
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert(read_whole("trace.pinj") && found.sample_count == 1);
    cr_assert_eq(slot->consumed, 48);
    *open = sample;
    ring_commit_sigsafe(open, sizeof(*open), RING_SAMPLE);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert(read_whole("trace.pinj") && found.sample_count == 3);
    cr_assert_eq(found.samples[1].weight, 7);
    check_sample(&found.samples[2], 1, 2);
}

static void check_totals(const struct trace_totals *totals, unsigned samples, uint64_t end)
{
    cr_assert_eq(totals->samples, samples);
    cr_assert_eq(totals->lost, 6);
    cr_assert_eq(totals->alloc_count, 1);
    cr_assert_eq(totals->alloc_bytes, 2);
    cr_assert_eq(totals->free_count, 3);
    cr_assert_eq(totals->free_bytes, UINT64_MAX);
    cr_assert_eq(totals->flags, TRACE_THREAD_FOREIGN);
    cr_assert_eq(totals->cpu_ns, 5);
    cr_assert_eq(totals->paused_ns, 4);
    cr_assert_eq(totals->end_ns, end);
}

Test(drain, ended_threads_leave_totals_and_a_free_slot)
{
    struct ring_slot *slot = invent_thread(1);

    put_sample(slot, invent_sample(1, 0));
    slot->memory = (struct ring_memory){1, 2, 3, UINT64_MAX, 0};
    slot->lost = 6;
    slot->cpu_end_ns = 5;
    slot->paused_ns = 1;
    slot->paused_since_ns = 2; /* and on: 3 more */
    slot->end_ns = 9000000000;
    slot->flags = TRACE_THREAD_FOREIGN;
    cr_assert_not(drain_waits(&drain));
    slot->state = RING_SLOT_ENDED;
    cr_assert(drain_waits(&drain));
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(slot->state, RING_SLOT_FREE);
    cr_assert_eq(invent_thread(2), slot, "another thread's now");
    put_sample(slot, invent_sample(2, 1));
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXIT, 42, 77), 0);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.thread_count, 2);
    check_totals(&found.totals[0], 1, 9000000000);
    cr_assert_eq(found.totals[1].samples, 1);
    cr_assert_eq(found.totals[1].end_ns, 0);
    cr_assert_eq(found.threads[1].tid, NOBODY + 2);
    cr_assert_eq(found.tids[1], NOBODY + 2);
    cr_assert(found.end == TRACE_END_EXIT && found.end_status == 42 && found.end_cpu == 77);
}

/* A thread that was cancelled in the middle of a record. */
Test(drain, what_an_ended_thread_left_open_is_given_up)
{
    struct ring_slot *slot = invent_thread(1);

    put_sample(slot, invent_sample(1, 0));
    ring_reserve_sigsafe(slot, sizeof(struct ring_sample));
    slot->state = RING_SLOT_ENDED;
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(slot->state, RING_SLOT_FREE);
    cr_assert_eq(invent_thread(2), slot);
    put_sample(slot, invent_sample(2, 1));
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 2, "of the next thread nothing is held back");
}

Test(drain, threads_that_live_are_named_as_they_are_now)
{
    struct ring_slot *slot = invent_thread(1);

    slot->tid = (int)syscall(SYS_gettid);
    pthread_setname_np(pthread_self(), "first");
    put_sample(slot, invent_sample(1, 0));
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_str_eq(found.names[0], "first");
    pthread_setname_np(pthread_self(), "fifteen letters");
    put_sample(slot, invent_sample(1, 1));
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.thread_count, 1, "the same number");
    cr_assert_str_eq(found.names[0], "fifteen letters");
    cr_assert_gt(found.totals[0].cpu_ns, 0, "by its clock");
}

static bool found_path(const char *name)
{
    for (size_t i = 0; i < found.module_count; i++)
        if (strstr(found.paths[i], name))
            return true;
    return false;
}

/* What a pass saw between the taking of a number and the storing of its code. */
Test(drain, a_node_that_was_not_whole_yet_is_looked_at_again)
{
    struct ring_slot *slot = invent_thread(1);
    const char *name = "libunwind.so.8";

    cr_assert_eq(drain_scan_modules(&drain, 1), 0);
    uint32_t number = ring->node_next++;
    put_sample(slot, invent_sample(1, 0));
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    void *library = dlopen(name, RTLD_NOLOAD | RTLD_NOW) ? NULL : dlopen(name, RTLD_NOW);
    if (!library)
        cr_skip_test("%s is not here, or here already", name);
    ring_nodes(ring)[number].code = (uint64_t)dlsym(library, "_ULx86_64_get_proc_name")
                                    << TRACE_NODE_BITS;
    put_sample(slot, (struct ring_sample){.stack = number});
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert(read_whole("trace.pinj"));
    cr_assert(found_path(name), "its module is found");
    for (int i = 0; i < 1000; i++)
        ring->node_next++;
    put_sample(slot, invent_sample(1, 1));
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(drain.nodes_covered, ring->node_next, "those never whole hold up nothing");
}

/* Its names are looked for from the first time on that it is met, and nodes come only once. */
Test(drain, code_in_no_file_is_met_though_its_node_was_not_whole_yet)
{
    struct ring_slot *slot = invent_thread(1);
    const void *made = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    cr_assert_neq(made, MAP_FAILED);
    uint32_t number = ring->node_next++;
    put_sample(slot, invent_sample(1, 0));
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_expect_not(drain.code.wanted);
    ring_nodes(ring)[number].code = (uint64_t)made << TRACE_NODE_BITS;
    put_sample(slot, (struct ring_sample){.stack = number});
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_expect(drain.code.wanted);
}

Test(drain, a_map_is_not_from_before_the_process_because_the_round_lasts)
{
    char path[64];

    snprintf(path, sizeof path, "/tmp/perf-%d.map", ring->pid);
    ring->start_ns = libc_clock_now_sigsafe();
    FILE *map = fopen(path, "w");
    cr_assert_not_null(map);
    fputs("1000 10 made\n", map);
    fclose(map);
    drain.code.wanted = true;
    code_names_look(&drain, ring->start_ns - 500000000);
    unlink(path);
    cr_expect_eq(drain.code.texts[TRACE_CODE_MAP].seen, 13);
}

Test(drain, modules_come_and_go)
{
    struct ring_slot *slot = invent_thread(1);
    const char *name = "libunwind.so.8";
    void *library = dlopen(name, RTLD_NOLOAD | RTLD_NOW) ? NULL : dlopen(name, RTLD_NOW);

    if (!library)
        cr_skip_test("%s is not here, or here already", name);
    uint64_t code = (uint64_t)dlsym(library, "_ULx86_64_get_proc_name") << TRACE_NODE_BITS;
    cr_assert_eq(drain_scan_modules(&drain, 1), 0);
    put_sample(slot, (struct ring_sample){.stack = stack_table_intern_sigsafe(ring, 0, code, 1)});
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert(read_whole("trace.pinj") && found_path(name) && found.gone_count == 0);
    dlclose(library);
    if (dlopen(name, RTLD_NOLOAD | RTLD_NOW))
        cr_skip_test("%s does not go away", name);
    cr_assert_eq(drain_scan_modules(&drain, 2), 0);
    put_sample(slot, (struct ring_sample){.stack = invent_stack(1, 1, 2)});
    cr_assert_eq(drain_pass(&drain, trace_fd, 2), 0);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_geq(found.gone_count, 1, "with what it needed");
    cr_assert_eq(found.gone_generation, 2);
    cr_assert_eq(found.nodes[0].generation, 1);
    cr_assert_eq(found.nodes[1].generation, 2);
    cr_assert_eq(drain_pass(&drain, trace_fd, 2), 0);
}

static char children[2][32];

static void note_children(void *context, const char *name, const char *value, size_t size)
{
    (void)context, (void)size;
    if (strncmp(name, "brief_children", 14) == 0)
        snprintf(children[name[14] != '\0'], sizeof(children[0]), "%s", value);
}

static const char *children_told(void)
{
    static char told[80];
    const struct trace_visitor visitor = {.property = note_children};
    struct trace_summary summary;
    struct problem problem;

    cr_assert_eq(trace_read("trace.pinj", &visitor, &summary, &problem), 0);
    snprintf(told, sizeof(told), "%s children, %s us", children[0], children[1]);
    return told;
}

Test(drain, children_of_a_moment_are_told_until_the_trace_ends)
{
    cr_assert(put_sample(invent_thread(1), (struct ring_sample){.stack = invent_stack(1, 1, 1)}));
    ring->children = 2 * RING_CHILD + 300;
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_str_eq(children_told(), "2 children, 300 us");
    ring->children += RING_CHILD + 50;
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXIT, 0, 0), 0);
    cr_assert_str_eq(children_told(), "3 children, 350 us");
    cr_assert(ring->children & RING_CHILDREN_CLOSED);
}
