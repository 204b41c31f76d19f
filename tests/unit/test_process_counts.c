/* Unit tests of analyzer/load/process_counts.c. */
#include "analyzer/load/process_counts.h"

#include <criterion/criterion.h>

Test(process_counts, what_is_cumulative_replaces_what_was)
{
    struct profile_process process = {.pid = 1};
    struct trace_handler handler = {.frames = 5, .longest_ns = 9};
    uint64_t counts[TRACE_UNWINDING_COUNT] = {[TRACE_UNWINDING_DEPTH] = 3};

    handler.depth[2] = 4;
    process_counts_handler(&process, &handler);
    handler.frames = 7;
    process_counts_handler(&process, &handler);
    process_counts_unwinding(&process, counts);
    process_counts_unwinding(&process, counts);
    cr_expect_eq(process.handler.frames, 7);
    cr_expect_eq(process.handler.longest_ns, 9);
    cr_expect_eq(process.handler.depth.number[2], 4);
    cr_expect_eq(process.unwinding[TRACE_UNWINDING_DEPTH], 3);
}

Test(process_counts, stacks_taken_off_the_processor_count_where_they_are_known)
{
    struct profile_process process = {.pid = 1};
    struct raw_stacks stacks;

    raw_stacks_init(&stacks);
    uint32_t stack = raw_stacks_add(&stacks, TRACE_STACK_TRUNCATED, 0, false);
    process_counts_offcpu(&process, &stacks, TRACE_STACK_COMPLETE);
    process_counts_offcpu(&process, &stacks, stack);
    cr_expect_eq(process.offcpu.stacks, 1);
    cr_expect_eq(process.offcpu.truncated, 1);
    cr_expect_eq(process.offcpu.guessed, 0);
    raw_stacks_release(&stacks);
}
