/* Unit tests of analyzer/model/source_lines.c. */
#include "analyzer/model/source_lines.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static struct source_lines lines;
static uint32_t thread;

static void start(void)
{
    profile = profile_new();
    thread = fixture_thread(profile, fixture_process(profile, "p", 1, 0), "t", 1);
}

static void stop(void)
{
    source_lines_release(&lines);
    profile_free(profile);
}

TestSuite(source_lines, .init = start, .fini = stop);

static uint32_t at(uint32_t parent, const char *function, const char *file, uint32_t line,
                   enum frame_kind kind)
{
    struct frame frame = {.function = strings_intern(profile->strings, function),
                          .file = strings_intern(profile->strings, file),
                          .line = line,
                          .kind = kind};

    return profile_add_stack(profile, parent, profile_add_frame(profile, &frame), false);
}

static void count(const char *file)
{
    bool *is_wanted = memory_alloc(profile->frame_count);

    for (size_t i = 0; i < profile->frame_count; i++)
        is_wanted[i] = file == NULL || (profile->frames[i].file != NULL &&
                                        strcmp(profile->frames[i].file, file) == 0);
    source_lines_init(&lines, profile, is_wanted, METRIC_CPU);
    free(is_wanted);
}

static void assert_line(size_t i, uint32_t line, int64_t self, int64_t total)
{
    cr_assert_lt(i, lines.count);
    cr_assert_eq(lines.items[i].line, line);
    cr_assert_eq(lines.items[i].self, self);
    cr_assert_eq(lines.items[i].total, total);
}

Test(source_lines, self_and_total_of_lines)
{
    uint32_t call = at(STACK_NONE, "main", "a.c", 30, FRAME_NATIVE);
    uint32_t loop = at(STACK_NONE, "main", "a.c", 20, FRAME_NATIVE);

    fixture_entry(profile, thread, at(call, "work", "a.c", 5, FRAME_NATIVE), 70, 0);
    fixture_entry(profile, thread, at(call, "work", "a.c", 6, FRAME_NATIVE), 20, 0);
    fixture_entry(profile, thread, at(call, "other", "b.c", 6, FRAME_NATIVE), 3, 0);
    fixture_entry(profile, thread, loop, 10, 0);
    count("a.c");
    cr_assert_eq(lines.count, 4);
    assert_line(0, 5, 70, 70);
    assert_line(1, 6, 20, 20);
    assert_line(2, 20, 10, 10);
    assert_line(3, 30, 0, 93);
    cr_assert_eq(lines.inlined_count, 0);
}

Test(source_lines, a_line_on_a_stack_twice_counts_once)
{
    uint32_t one = at(STACK_NONE, "f", "a.c", 9, FRAME_NATIVE);
    uint32_t two = at(one, "f", "a.c", 9, FRAME_NATIVE);

    fixture_entry(profile, thread, at(two, "f", "a.c", 12, FRAME_NATIVE), 8, 0);
    count("a.c");
    assert_line(0, 9, 0, 8);
    assert_line(1, 12, 8, 8);
}

Test(source_lines, inlined_code_is_on_its_own_lines_and_in_the_calls_total)
{
    uint32_t caller = at(STACK_NONE, "main", "a.c", 30, FRAME_NATIVE);
    uint32_t inlined = at(caller, "square", "square.h", 3, FRAME_INLINED);

    fixture_entry(profile, thread, inlined, 60, 0);
    fixture_entry(profile, thread, at(inlined, "mul", "mul.h", 4, FRAME_INLINED), 5, 0);
    fixture_entry(profile, thread, caller, 1, 0);
    count("a.c");
    cr_assert_eq(lines.count, 1);
    assert_line(0, 30, 1, 66);
    cr_assert_eq(lines.inlined_count, 1);
    cr_assert_str_eq(lines.inlined[0].function, "square");
    cr_assert_str_eq(lines.inlined[0].file, "a.c");
    cr_assert_eq(lines.inlined[0].line, 30);
    cr_assert_eq(lines.inlined[0].total, 65);
    source_lines_release(&lines);
    count("square.h");
    cr_assert_eq(lines.count, 1);
    assert_line(0, 3, 60, 65);
    cr_assert_eq(lines.inlined_count, 2); /* where it is inlined, and what into it */
    source_lines_release(&lines);
    count(NULL);
    cr_assert_eq(lines.count, 3);
}

Test(source_lines, code_without_lines)
{
    fixture_entry(profile, thread, fixture_stack(profile, "main;f"), 5, 0);
    fixture_entry(profile, thread, at(STACK_NONE, "g", "a.c", 0, FRAME_NATIVE), 5, 0);
    count(NULL);
    cr_assert_eq(lines.count, 0);
}
