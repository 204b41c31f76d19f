/* Unit tests of analyzer/model/profile.c. */
#include "analyzer/model/profile.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

Test(profile, empty)
{
    struct profile *profile = profile_new();

    cr_assert_eq(profile_total(profile, METRIC_CPU), 0);
    cr_assert_eq(profile_wall_ns(profile), 0);
    cr_assert(profile_has_metric(profile, METRIC_CPU));
    cr_assert_not(profile_has_metric(profile, METRIC_MEMORY_DELTA));
    profile_free(profile);
    profile_free(NULL);
}

Test(profile, frames_are_equal_when_all_fields_are)
{
    struct profile *profile = profile_new();
    struct frame frame = {.function = "f", .file = "a.c", .module = "m", .line = 3, .address = 9};
    uint32_t first = profile_add_frame(profile, &frame);

    cr_assert_eq(profile_add_frame(profile, &frame), first);
    frame.line = 4;
    cr_assert_neq(profile_add_frame(profile, &frame), first);
    frame.line = 3;
    frame.kind = FRAME_INLINED;
    cr_assert_neq(profile_add_frame(profile, &frame), first);
    frame.kind = FRAME_NATIVE;
    frame.decl_line = 1;
    cr_assert_neq(profile_add_frame(profile, &frame), first);
    cr_assert_eq(profile->frame_count, 4);
    profile_free(profile);
}

Test(profile, stacks_are_shared_paths)
{
    struct profile *profile = profile_new();
    uint32_t long_stack = fixture_stack(profile, "main;a;b");
    uint32_t short_stack = fixture_stack(profile, "main;a");

    cr_assert_eq(profile->stack_count, 4); /* the empty one and three */
    cr_assert_eq(profile->stacks[long_stack].parent, short_stack);
    cr_assert_eq(profile->stacks[profile->stacks[short_stack].parent].parent, STACK_NONE);
    uint32_t frame = profile->stacks[long_stack].frame;
    cr_assert_neq(profile_add_stack(profile, short_stack, frame, true), long_stack);
    cr_assert_eq(profile_add_stack(profile, short_stack, frame, false), long_stack);
    profile_free(profile);
}

/* Frames of one function differ in where it was; others are called the same. */
Test(profile, direct_recursion_folds_into_the_innermost_frame)
{
    struct profile *profile = profile_new();
    struct frame frame = {.function = "f", .file = "a.c", .module = "m", .line = 9, .decl_line = 3};
    struct frame inner = {
        .function = "f", .file = "in.h", .module = "m", .line = 4, .decl_line = 3};
    struct frame other = {.function = "f", .file = "b.c", .module = "m", .line = 9, .decl_line = 7};
    struct frame mark = {.function = "f", .kind = FRAME_MARK};
    uint32_t above = fixture_stack(profile, "main;g");
    uint32_t stack = profile_add_stack(profile, above, profile_add_frame(profile, &frame), false);

    frame.address = 8;
    cr_assert_eq(profile_fold_recursion(profile, stack, profile_add_frame(profile, &frame)), above);
    cr_assert_eq(profile_fold_recursion(profile, stack, profile_add_frame(profile, &inner)), above);
    cr_assert_eq(profile_fold_recursion(profile, stack, profile_add_frame(profile, &other)), stack);
    frame.module = "n";
    cr_assert_eq(profile_fold_recursion(profile, stack, profile_add_frame(profile, &frame)), stack);
    cr_assert_eq(profile_fold_recursion(profile, STACK_NONE, profile_add_frame(profile, &frame)),
                 STACK_NONE);
    uint32_t marked = profile_add_stack(profile, stack, profile_add_frame(profile, &mark), false);
    cr_assert_eq(profile_fold_recursion(profile, marked, profile_add_frame(profile, &mark)),
                 marked);
    profile_free(profile);
}

Test(profile, entries_of_one_thread_and_stack_add_up)
{
    struct profile *profile = profile_new();
    uint32_t process = fixture_process(profile, "p", 1, 0);
    uint32_t one = fixture_thread(profile, process, "one", 1);
    uint32_t two = fixture_thread(profile, process, "two", 2);
    uint32_t stack = fixture_stack(profile, "main");

    fixture_entry(profile, one, stack, 100, 10);
    fixture_entry(profile, one, stack, 200, -30);
    fixture_entry(profile, two, stack, 1000, 0);
    cr_assert_eq(profile->entries.count, 2);
    cr_assert_eq(entries_value(&profile->entries, 0, METRIC_CPU), 300);
    cr_assert_eq(entries_value(&profile->entries, 0, METRIC_SAMPLES), 2);
    cr_assert_eq(entries_value(&profile->entries, 0, METRIC_MEMORY_DELTA), -20);
    cr_assert_eq(entries_at(&profile->entries, 0).alloc_bytes, 10);
    cr_assert_eq(entries_at(&profile->entries, 0).free_bytes, 30);
    cr_assert_eq(profile_total(profile, METRIC_CPU), 1300);
    cr_assert_eq(profile_total(profile, METRIC_MEMORY_DELTA), -20);
    profile_free(profile);
}

Test(profile, sums_stop_at_the_limits)
{
    struct profile *profile = profile_new();
    uint32_t thread = fixture_thread(profile, fixture_process(profile, "p", 1, 0), "t", 1);
    uint32_t stack = fixture_stack(profile, "main");

    fixture_entry(profile, thread, stack, INT64_MAX, 0);
    fixture_entry(profile, thread, stack, INT64_MAX, 0);
    cr_assert_eq(profile_total(profile, METRIC_CPU), INT64_MAX);
    profile_free(profile);
}

Test(profile, wall_time_spans_all_processes)
{
    struct profile *profile = profile_new();

    fixture_process(profile, "a", 1, 0);
    uint32_t second = fixture_process(profile, "b", 2, 1);
    profile->processes[second].start_ns = 500000000;
    uint32_t thread = fixture_thread(profile, second, "t", 2);
    profile->threads[thread].end_ns = 4500000000;
    cr_assert_eq(profile_wall_ns(profile), 4000000000);
    profile_free(profile);
}

Test(profile, memory_is_there_when_one_process_counted_it)
{
    struct profile *profile = profile_new();
    uint32_t process = fixture_process(profile, "p", 1, 0);

    cr_assert(profile_has_metric(profile, METRIC_MEMORY_DELTA));
    profile->processes[process].has_memory = false;
    cr_assert_not(profile_has_metric(profile, METRIC_MEMORY_DELTA));
    profile_free(profile);
}

Test(profile, messages_are_copied)
{
    struct profile *profile = profile_new();
    char text[] = "lost";

    profile_add_message(profile, text);
    text[0] = 'm';
    cr_assert_eq(profile->message_count, 1);
    cr_assert_str_eq(profile->messages[0], "lost");
    profile_free(profile);
}
