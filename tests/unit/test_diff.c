/* Unit tests of analyzer/model/diff.c, diff_names.c and diff_functions.c. */
#include "analyzer/model/diff_functions.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>
#include <string.h>

static struct profile *made(const char *comm, int64_t a, int64_t b)
{
    struct profile *profile = profile_new();
    uint32_t process = fixture_process(profile, comm, 1, 0);
    uint32_t thread = fixture_thread(profile, process, comm, 1);

    if (a != 0)
        fixture_entry(profile, thread, fixture_stack(profile, "main;a"), a, 10);
    if (b != 0)
        fixture_entry(profile, thread, fixture_stack(profile, "main;b"), b, -20);
    return profile;
}

static void add(struct diff *diff, enum diff_side side, struct profile *run)
{
    diff_add(diff, run, side, "run");
    profile_free(run);
}

static int64_t sum(const struct diff *diff, enum metric metric, enum diff_side side)
{
    int64_t *values = diff_values(diff, metric, side), total = 0;

    for (size_t i = 0; i < diff->profile->entries.count; i++)
        total += values[i];
    free(values);
    return total;
}

Test(diff, values_of_several_runs_are_their_mean)
{
    struct diff diff;

    diff_init(&diff, METRIC_CPU, true);
    add(&diff, DIFF_BEFORE, made("p", 100, 300));
    add(&diff, DIFF_BEFORE, made("p", 300, 300));
    add(&diff, DIFF_AFTER, made("p", 50, 0));
    diff_finish(&diff);
    cr_assert_eq(diff.run_count, 3);
    cr_assert_eq(diff.side_runs[DIFF_BEFORE], 2);
    cr_assert_eq(sum(&diff, METRIC_CPU, DIFF_BEFORE), 500);
    cr_assert_eq(sum(&diff, METRIC_CPU, DIFF_AFTER), 50);
    cr_assert_eq(diff_mean_total(&diff, METRIC_CPU, DIFF_BEFORE), 500);
    cr_assert_not(diff_has_processes(&diff));
    diff_release(&diff);
}

/* A long run and a short one of the same shares: each counts alike. */
Test(diff, shares_do_not_depend_on_lengths)
{
    struct diff diff;
    struct labels labels;

    diff_init(&diff, METRIC_CPU, false);
    add(&diff, DIFF_BEFORE, made("p", 100, 300));
    add(&diff, DIFF_BEFORE, made("p", 1000, 3000));
    add(&diff, DIFF_AFTER, made("p", 20000, 20000));
    diff_finish(&diff);
    cr_assert_eq(sum(&diff, METRIC_CPU, DIFF_BEFORE), 40000);
    cr_assert_eq(sum(&diff, METRIC_CPU, DIFF_AFTER), 40000);
    /* Signed values have no shares. */
    cr_assert_eq(sum(&diff, METRIC_MEMORY_DELTA, DIFF_BEFORE), -10);
    labels_init(&labels, diff.profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    cr_assert_eq(labels.count, 3);
    labels_release(&labels);
    diff_release(&diff);
}

/* 1000 small values before, five after: rounding each would leave nothing of what was before. */
Test(diff, sums_are_equal_where_values_round_to_nothing)
{
    struct diff diff;
    struct profile *many = made("p", 0, 0);

    for (int i = 0; i < 1000; i++) {
        char folded[32];
        snprintf(folded, sizeof(folded), "main;f%d", i);
        fixture_entry(many, 0, fixture_stack(many, folded), 1, 0);
    }
    diff_init(&diff, METRIC_CPU, false);
    add(&diff, DIFF_BEFORE, many);
    add(&diff, DIFF_AFTER, made("p", 5, 0));
    diff_finish(&diff);
    cr_assert_eq(sum(&diff, METRIC_CPU, DIFF_BEFORE), 5);
    cr_assert_eq(sum(&diff, METRIC_CPU, DIFF_AFTER), 5);
    diff_release(&diff);
}

/* What vanished altogether is not 0 on both sides. */
Test(diff, values_stay_where_nothing_is_afterwards)
{
    struct diff diff;

    diff_init(&diff, METRIC_CPU, false);
    add(&diff, DIFF_BEFORE, made("p", 100, 300));
    add(&diff, DIFF_AFTER, made("p", 0, 0));
    diff_finish(&diff);
    cr_assert_eq(sum(&diff, METRIC_CPU, DIFF_BEFORE), 400);
    cr_assert_eq(sum(&diff, METRIC_CPU, DIFF_AFTER), 0);
    diff_release(&diff);
}

static uint32_t add_frame(struct profile *profile, const char *name, const char *file,
                          const char *module)
{
    struct frame frame = {.function = strings_intern(profile->strings, name),
                          .file = strings_intern(profile->strings, file),
                          .module = strings_intern(profile->strings, module),
                          .address = profile->frame_count};

    return profile_add_frame(profile, &frame);
}

/* Of a run whose functions are at these places, NULL ends them. */
static struct profile *placed(const char *const (*places)[3])
{
    struct profile *profile = profile_new();
    uint32_t thread = fixture_thread(profile, fixture_process(profile, "p", 1, 0), "p", 1);

    for (; (*places)[0] != NULL; places++)
        fixture_entry(
            profile, thread,
            profile_add_stack(profile, STACK_NONE,
                              add_frame(profile, (*places)[0], (*places)[1], (*places)[2]), false),
            100, 0);
    return profile;
}

static size_t functions_of(const char *const (*before)[3], const char *const (*after)[3])
{
    struct diff diff;
    struct diff_functions functions;

    diff_init(&diff, METRIC_CPU, false);
    add(&diff, DIFF_BEFORE, placed(before));
    add(&diff, DIFF_AFTER, placed(after));
    diff_finish(&diff);
    diff_functions_init(&functions, &diff);
    size_t count = functions.count;
    for (size_t i = 0; i < count; i++)
        if (functions.labels.items[i].file != NULL)
            cr_assert_null(strstr(functions.labels.items[i].file, "/old/"), "%s",
                           functions.labels.items[i].file);
    diff_functions_release(&functions);
    diff_release(&diff);
    return count;
}

#define PLACES(...) ((const char *const[][3]){__VA_ARGS__, {NULL, NULL, NULL}})

Test(diff, a_function_that_moved_is_one)
{
    /* Another checkout, another name of the program, another file. */
    cr_assert_eq(
        functions_of(PLACES({"f", "/old/a.c", "/old/p"}), PLACES({"f", "/new/a.c", "/new/p"})), 1);
    cr_assert_eq(functions_of(PLACES({"f", NULL, "/old/p1"}), PLACES({"f", NULL, "/new/p2"})), 1);
    cr_assert_eq(functions_of(PLACES({"f", "/old/a.c", "/p"}), PLACES({"f", "/new/b.c", "/p"})), 1);
    /* Debug information on one side alone. */
    cr_assert_eq(functions_of(PLACES({"f", NULL, "/p"}), PLACES({"f", "/new/b.c", "/p"})), 1);
}

Test(diff, functions_of_one_name_are_told_apart_by_their_files)
{
    cr_assert_eq(functions_of(PLACES({"f", "/old/a.c", "/p"}, {"f", "/old/b.c", "/p"}),
                              PLACES({"f", "/new/a.c", "/p"}, {"f", "/new/b.c", "/p"})),
                 2);
    cr_assert_eq(functions_of(PLACES({"f", "/x/a.c", "/p"}, {"f", "/x/b.c", "/p"}),
                              PLACES({"f", "/x/c.c", "/p"})),
                 3);
    cr_assert_eq(functions_of(PLACES({"f", "/x/a.c", "/p"}), PLACES({"g", "/x/a.c", "/p"})), 2);
}

/* File, line and module are of one side: of that which has values. */
Test(diff, a_place_is_of_one_side)
{
    static const char *const files[] = {"/src/a.c", "/src/b.c"};
    struct diff diff;

    diff_init(&diff, METRIC_CPU, false);
    for (int side = 0; side < 2; side++) {
        struct profile *run = made("p", 0, 100);
        uint32_t frame = add_frame(run, "f", files[side], files[side]);
        run->frames[frame].decl_line = side == 0 ? 131 : 6;
        uint32_t stack = profile_add_stack(run, STACK_NONE, frame, false);
        fixture_entry(run, 0, stack, side == 0 ? 100 : 0, 10);
        add(&diff, (enum diff_side)side, run);
    }
    diff_finish(&diff);
    size_t seen = 0;
    for (size_t i = 0; i < diff.profile->frame_count; i++) {
        const struct frame *frame = &diff.profile->frames[i];
        if (strcmp(frame->function, "f") != 0)
            continue;
        seen++;
        cr_assert_str_eq(frame->file, "/src/a.c");
        cr_assert_str_eq(frame->module, "/src/a.c");
        cr_assert_eq(frame->decl_line, 131);
    }
    cr_assert_eq(seen, 2);
    diff_release(&diff);
}

Test(diff, functions_count_once_per_stack_and_run)
{
    struct diff diff;
    struct diff_functions functions;
    struct profile *run = made("p", 0, 0);

    fixture_entry(run, 0, fixture_stack(run, "main;f;g;f"), 90, 0);
    diff_init(&diff, METRIC_CPU, true);
    add(&diff, DIFF_BEFORE, made("p", 100, 0));
    add(&diff, DIFF_AFTER, run);
    diff_finish(&diff);
    diff_functions_init(&functions, &diff);
    for (size_t i = 0; i < functions.count; i++) {
        const char *name = functions.labels.items[i].name;
        const struct diff_cell *self = &functions.self[i * 2], *total = &functions.total[i * 2];
        bool is_main = strcmp(name, "main") == 0, is_f = strcmp(name, "f") == 0;
        cr_assert_eq(self[DIFF_AFTER].value, is_f ? 90 : 0, "%s", name);
        cr_assert_eq(total[DIFF_AFTER].value, strcmp(name, "a") == 0 ? 0 : 90, "%s", name);
        cr_assert_eq(total[DIFF_BEFORE].value, is_main || strcmp(name, "a") == 0 ? 100 : 0);
        /* One sample of 100 ns. */
        cr_assert_eq(self[DIFF_BEFORE].variance, strcmp(name, "a") == 0 ? 10000 : 0);
    }
    diff_functions_release(&functions);
    diff_release(&diff);
}

/* A lump of time that nobody sampled: no part of shares, and no error of theirs. */
Test(diff, time_without_samples_makes_shares_no_less_sure)
{
    struct diff diff;

    diff_init(&diff, METRIC_CPU, false);
    for (int side = 0; side < 2; side++) {
        struct profile *run = made("p", 1000, 0);
        uint32_t lump = fixture_stack(run, PROFILE_MARK_UNSAMPLED);
        uint32_t a = fixture_stack(run, "main;a");
        entries_add(&run->entries,
                    &(struct profile_entry){.stack = lump, .value = {[METRIC_CPU] = 50000}});
        for (uint64_t i = 0; i < 10; i++)
            samples_add(&run->samples, &(struct profile_sample){
                                           .time_ns = i, .length_ns = 100, .place = {.stack = a}});
        samples_add(&run->samples, &(struct profile_sample){
                                       .time_ns = 9, .length_ns = 50000, .place = {.stack = lump}});
        add(&diff, (enum diff_side)side, run);
    }
    diff_finish(&diff);
    cr_assert_eq(diff.runs[0].totals[METRIC_CPU], 51000);
    cr_assert_eq(diff.runs[0].drawn, 1000);
    cr_assert_eq(diff.runs[0].variance, 10 * 100 * 100);
    cr_assert_eq(diff.runs[0].moment_count, 10);
    diff_release(&diff);
}
