/*
 * Unit tests of analyzer/insight/relating.c, and of followed_series.c, activities.c, causes.c and
 * named_relations.c behind it: profiles made up so that it is known which function does what to which
 * resource.
 */
#include "analyzer/insight/relating.h"
#include "tests/unit/profile_fixture.h"
#include "tests/unit/series_maker.h"

#include <criterion/criterion.h>
#include <string.h>

#define CELLS 80
#define CELL_NS 100000000u
#define START 1000000000u
#define WORKERS 4

static struct profile *profile;
static uint32_t process, threads[WORKERS];
static double on[WORKERS][CELLS];

static const char *const functions[WORKERS] = {"grow_cache", "write_log", "burn", "fight"};

static uint32_t stack_in(const char *folded)
{
    return fixture_stack(profile, folded);
}

/* A frame of the C library below `stack`. */
static uint32_t in_libc(uint32_t stack, const char *name)
{
    struct frame frame = {.function = name, .module = "/usr/lib/libc.so.6"};

    return profile_add_stack(profile, stack, profile_add_frame(profile, &frame), false);
}

static void sample(uint32_t thread, uint32_t stack, uint64_t time_ns, uint64_t length_ns,
                   uint64_t span_ns)
{
    samples_add(&profile->samples, &(struct profile_sample){.time_ns = time_ns,
                                                            .span_ns = span_ns,
                                                            .length_ns = length_ns,
                                                            .place = {thread, stack, 0},
                                                            .off = span_ns > 0});
}

static uint64_t cell_at(size_t cell)
{
    return START + (uint64_t)cell * CELL_NS;
}

/* One worker's cell: in its function, by way of main() and a loop, while it is on; else in a wait. */
static void work(size_t worker, size_t cell)
{
    char *folded = memory_printf("main;work_loop;%s", functions[worker]);
    uint32_t stack = stack_in(folded);
    uint64_t part = CELL_NS / 10;

    free(folded);
    for (size_t i = 0; on[worker][cell] > 0 && i < 10; i++) {
        uint64_t time_ns = cell_at(cell) + i * part + part / 2;
        if (worker == 3)
            sample(threads[worker], stack_in("main;work_loop;fight;[off-CPU: mutex]"), time_ns,
                   part / 2, part / 2);
        else
            sample(threads[worker], worker == 2 ? stack : in_libc(stack, "memset"), time_ns,
                   part / 2, 0);
    }
    if (on[worker][cell] == 0)
        sample(threads[worker], stack_in("main;work_loop;nanosleep;[off-CPU: sleep]"),
               cell_at(cell + 1) - 1, CELL_NS, CELL_NS);
}

static void add_allocation(size_t worker, size_t cell)
{
    uint32_t stack = stack_in("main;work_loop;grow_cache");

    if (on[worker][cell] > 0)
        allocations_add(&profile->allocations,
                        &(struct profile_allocation){
                            cell_at(cell) + CELL_NS / 2, 0, 5e6, {threads[worker], stack, 0}});
}

static struct resource_series *add_series(const char *name, const char *unit,
                                          enum resource_scope scope, bool is_rate, uint32_t thread)
{
    return resources_add(&profile->resources,
                         &(struct resource_series){
                             .name = name,
                             .unit = unit,
                             .scope = scope,
                             .is_rate = is_rate,
                             .process = scope == RESOURCE_OF_MACHINE ? RESOURCE_NOBODY : process,
                             .thread = thread});
}

/* Points at the ends of cells, after `lag` cells; of gauges sums. */
static void add_points(struct resource_series *series, const double *cause, double each,
                       double noise, size_t lag)
{
    double sum = 1e6;

    resource_series_add(series, START, series->is_rate ? NAN : sum);
    for (size_t i = 0; i < CELLS; i++) {
        double value = each * ((i >= lag ? cause[i - lag] : 0) + noise * series_normal());
        sum += value;
        resource_series_add(series, cell_at(i + 1), series->is_rate ? fmax(0, value) : sum);
    }
}

static void begin(void)
{
    profile = profile_new();
    process = fixture_process(profile, "planted", 17, 1);
    profile->processes[process].start_ns = START;
    profile->processes[process].end_ns = cell_at(CELLS);
    for (size_t i = 0; i < WORKERS; i++) {
        threads[i] = fixture_thread(profile, process, functions[i], 17 + (int)i);
        profile->threads[threads[i]].end_ns = cell_at(CELLS);
        series_switch(3, 9, 0, on[i], CELLS);
    }
}

static void plant(void)
{
    begin();
    for (size_t worker = 0; worker < WORKERS; worker++)
        for (size_t cell = 0; cell < CELLS; cell++)
            work(worker, cell);
    for (size_t cell = 0; cell < CELLS; cell++)
        add_allocation(0, cell);
    samples_sort(&profile->samples);
    struct resource_series *rss =
        add_series("process.rss", "bytes", RESOURCE_OF_PROCESS, false, RESOURCE_NOBODY);
    add_points(rss, on[0], 5e6, 0.1, 0);
    add_points(add_series("process.written", "bytes/s", RESOURCE_OF_PROCESS, true, RESOURCE_NOBODY),
               on[1], 4e7, 0.2, 0);
    add_points(add_series("process.cpu", "%", RESOURCE_OF_PROCESS, true, RESOURCE_NOBODY), on[2],
               90, 0.2, 0);
    add_points(add_series("thread.voluntary", "1/s", RESOURCE_OF_THREAD, true, threads[3]), on[3],
               500, 0.2, 0);
    struct resource_series *mhz =
        add_series("cpu.mhz", "MHz", RESOURCE_OF_MACHINE, false, RESOURCE_NOBODY);
    resource_series_add(mhz, START, 3000);
    for (size_t i = 0; i < CELLS; i++) /* three cells after burn() it is slow */
        resource_series_add(mhz, cell_at(i),
                            3000 - 1500 * (i >= 3 ? on[2][i - 3] : 0) + 20 * series_normal());
    add_series("gpu.busy", "%", RESOURCE_OF_MACHINE, false, RESOURCE_NOBODY)->reason = "no card";
}

static const struct relation_series *find(const struct relations *relations, const char *name)
{
    for (size_t i = 0; i < relations->series_count; i++)
        if (strcmp(relations->series[i].name, name) == 0)
            return &relations->series[i];
    return NULL;
}

static const char *function_of(const struct relation_cause *cause)
{
    return profile->frames[cause->frame].function;
}

static void release(struct relations *relations)
{
    relations_release(relations);
    profile_free(profile);
}

static bool is_first(const struct relations *relations, const char *series, const char *function)
{
    const struct relation_series *found = find(relations, series);

    return found != NULL && found->cause_count > 0 && found->causes[0].relation.significant &&
           strcmp(function_of(&found->causes[0]), function) == 0;
}

/* The rest of the machine's figures follow nobody: whatever goes with them does so by chance. */
static size_t count_false(const struct relations *relations, size_t *pairs)
{
    static const char *const truths[][2] = {{"process.rss", "grow_cache"},
                                            {"process.written", "write_log"},
                                            {"process.cpu", "burn"},
                                            {"thread.voluntary", "fight"},
                                            {"cpu.mhz", "burn"}};
    size_t found = 0;

    for (size_t i = 0; i < sizeof(truths) / sizeof(*truths); i++) {
        const struct relation_series *series = find(relations, truths[i][0]);
        for (size_t j = 0; j < series->cause_count; j++) {
            bool is_true = strcmp(function_of(&series->causes[j]), truths[i][1]) == 0;
            found += !is_true && series->causes[j].relation.significant;
        }
        *pairs += WORKERS - 1;
    }
    return found;
}

#define TRIALS 60

Test(relating, planted_functions_come_first, .timeout = 60)
{
    static const char *const truths[][2] = {{"process.rss", "grow_cache"},
                                            {"process.written", "write_log"},
                                            {"process.cpu", "burn"},
                                            {"thread.voluntary", "fight"},
                                            {"cpu.mhz", "burn"}};
    size_t first[5] = {0}, wrong = 0, pairs = 0, late = 0;

    for (size_t trial = 0; trial < TRIALS; trial++) {
        struct relations relations;
        plant();
        relations_init(&relations, profile);
        cr_assert_null(relations.insufficient);
        for (size_t i = 0; i < 5; i++)
            first[i] += is_first(&relations, truths[i][0], truths[i][1]);
        const struct relation_series *mhz = find(&relations, "cpu.mhz");
        late += mhz->cause_count > 0 && fabs(mhz->causes[0].relation.lag_s - 0.3) <= 0.1;
        wrong += count_false(&relations, &pairs);
        release(&relations);
    }
    printf("first: rss %zu, written %zu, cpu %zu, switches %zu, mhz %zu; late %zu of %d; "
           "%zu of %zu unrelated pairs\n",
           first[0], first[1], first[2], first[3], first[4], late, TRIALS, wrong, pairs);
    for (size_t i = 0; i < 5; i++)
        cr_expect_geq(first[i], TRIALS * 9 / 10, "%s", truths[i][0]);
    cr_expect_geq(late, TRIALS * 9 / 10);
    cr_expect_leq(wrong, pairs / 20);
}

Test(relating, says_how_much_and_where)
{
    struct relations relations;

    plant();
    relations_init(&relations, profile);
    const struct relation_series *rss = find(&relations, "process.rss");
    const struct relation_cause *cause = &rss->causes[0];
    double cells = 0;
    for (size_t i = 0; i < CELLS; i++)
        cells += on[0][i] > 0;
    cr_expect_eq(rss->form, RELATION_OF_CHANGES);
    cr_expect_float_eq(rss->total, 5e6 * cells, 0.2 * 5e6 * cells);
    cr_expect_gt(cause->share, 0.85);
    cr_expect_float_eq(cause->share_of_time, cells / CELLS, 0.1);
    cr_expect_float_eq(cause->explained, cause->share * rss->total, 1);
    cr_expect_eq(profile->stacks[cause->stack].frame, cause->frame);
    cr_expect(cause->relation.low > 0.5 && cause->relation.high <= 1);
    cr_expect_geq(cause->relation.effective, 10);
    cr_expect_str_eq(find(&relations, "gpu.busy")->insufficient, "no card");
    release(&relations);
}

Test(relating, named_pairs_tell_why_they_are_silent)
{
    struct relations relations;

    plant();
    relations_init(&relations, profile);
    cr_expect_str_eq(relations.named[NAMED_MEMORY_GPU].relation.insufficient, "no card");
    cr_expect_str_eq(relations.named[NAMED_MEMORY_IO].relation.insufficient, "it was not recorded");
    cr_expect_str_eq(relations.named[NAMED_ALLOCATION_CPU].relation.insufficient,
                     "the heap was not sampled");
    cr_expect_null(relations.named[NAMED_MEMORY_CPU].relation.insufficient);
    cr_expect_lt(fabs(relations.named[NAMED_MEMORY_CPU].relation.pearson), 0.7);
    cr_expect_eq(relations.named[NAMED_MEMORY_CPU].relation.cells, CELLS);
    release(&relations);
}

/* A helper that does all the work of a function is the innermost; the C library is nobody's. */
Test(relating, the_innermost_function_of_the_program)
{
    struct relations relations;

    begin();
    for (size_t cell = 0; cell < CELLS; cell++)
        for (uint64_t i = 0; i < 10; i++) {
            uint64_t time_ns = cell_at(cell) + i * CELL_NS / 10;
            uint32_t fill = stack_in("main;load;fill_table");
            if (on[0][cell] > 0)
                sample(threads[0], in_libc(fill, "memcpy"), time_ns, 4000000, 0);
            if (on[1][cell] > 0)
                sample(threads[0], stack_in("main;report"), time_ns, 4000000, 0);
        }
    add_points(add_series("process.faults", "1/s", RESOURCE_OF_PROCESS, true, RESOURCE_NOBODY),
               on[0], 1e4, 0.1, 0);
    relations_init(&relations, profile);
    const struct relation_series *faults = find(&relations, "process.faults");
    cr_assert_geq(faults->cause_count, 1);
    cr_expect_str_eq(function_of(&faults->causes[0]), "fill_table");
    for (size_t i = 1; i < faults->cause_count; i++) {
        cr_expect_str_neq(function_of(&faults->causes[i]), "main");
        cr_expect_str_neq(function_of(&faults->causes[i]), "memcpy");
    }
    release(&relations);
}

static void expect_nothing(const char *part)
{
    struct relations relations;

    relations_init(&relations, profile);
    cr_assert_not_null(relations.insufficient);
    cr_expect_not_null(strstr(relations.insufficient, part), "%s", relations.insufficient);
    for (size_t i = 0; i < NAMED_RELATIONS; i++)
        cr_expect_eq(relations.named[i].relation.insufficient, relations.insufficient);
    release(&relations);
}

Test(relating, too_little_of_anything)
{
    begin();
    expect_nothing("no resources were recorded");
    begin();
    profile->processes[process].end_ns = START + 500000000;
    for (size_t i = 0; i < WORKERS; i++)
        profile->threads[threads[i]].end_ns = START + 500000000;
    add_points(add_series("process.cpu", "%", RESOURCE_OF_PROCESS, true, RESOURCE_NOBODY), on[0],
               90, 0.1, 0);
    expect_nothing("too short");
    profile = profile_new();
    add_series("cpu.busy", "%", RESOURCE_OF_MACHINE, true, RESOURCE_NOBODY);
    expect_nothing("not known when");
}

/* A program that only waits for its children, as a shell or a make does, comes first in a recording: with the
 * machine's constants it left no room for the child that did the work. */
Test(relating, the_process_with_most_cpu_time_is_followed)
{
    struct relations relations;
    size_t constants = 0;

    plant();
    uint32_t child = fixture_process(profile, "child", 99, 1);
    profile->processes[process].cpu_ns = 1;
    profile->processes[child].cpu_ns = 1000;
    for (; constants < 120; constants++) {
        char *name = memory_printf("made.up%zu", constants);
        const char *kept = strings_intern(profile->strings, name);
        add_points(add_series(kept, "bytes", RESOURCE_OF_MACHINE, false, RESOURCE_NOBODY), on[0], 0,
                   0, 0);
        free(name);
    }
    struct resource_series *late =
        add_series("process.rss", "bytes", RESOURCE_OF_PROCESS, false, RESOURCE_NOBODY);
    late->process = child;
    add_points(late, on[0], 5e6, 0.1, 0);
    relations_init(&relations, profile);
    bool found = false;
    for (size_t i = 0; i < relations.series_count; i++)
        found |= relations.series[i].process == child && relations.series[i].insufficient == NULL;
    cr_expect(found);
    cr_expect_eq(relations.series_left, 0);
    release(&relations);
}

static uint64_t pair_number(const struct relation_pair *pair)
{
    return (uint64_t)pair->first << 32 | pair->second;
}

/* One that has two points, one of nothing but gaps, one of infinities, one that never changes, one
 * that is known for a quarter of the run, and one that claims a process that is not there. */
Test(relating, series_that_nothing_can_be_learnt_from)
{
    struct relations relations;
    struct resource_series *two, *gaps, *wild, *flat, *part;

    plant();
    two = add_series("process.read", "bytes/s", RESOURCE_OF_PROCESS, true, RESOURCE_NOBODY);
    resource_series_add(two, START, NAN);
    resource_series_add(two, START + CELL_NS, 5);
    gaps = add_series("disk.read", "bytes/s", RESOURCE_OF_MACHINE, true, RESOURCE_NOBODY);
    wild = add_series("disk.reads", "1/s", RESOURCE_OF_MACHINE, true, RESOURCE_NOBODY);
    (void)gaps;
    for (size_t i = 0; i < CELLS; i++)
        resource_series_add(wild, cell_at(i), i % 2 ? INFINITY : -INFINITY);
    gaps = &profile->resources.series[profile->resources.count - 2];
    for (size_t i = 0; i < CELLS; i++)
        resource_series_add(gaps, cell_at(i), NAN);
    flat = add_series("cpu.busy", "%", RESOURCE_OF_MACHINE, true, RESOURCE_NOBODY);
    for (size_t i = 0; i < CELLS; i++)
        resource_series_add(flat, cell_at(i), 95);
    part = add_series("cpu.switches", "1/s", RESOURCE_OF_MACHINE, true, RESOURCE_NOBODY);
    for (size_t i = 0; i < CELLS / 4; i++)
        resource_series_add(part, cell_at(i), i % 3);
    add_series("process.swap", "bytes", RESOURCE_OF_PROCESS, false, 9)->process = 12345;
    relations_init(&relations, profile);
    cr_expect_str_eq(find(&relations, "process.read")->insufficient, "too short");
    cr_expect_str_eq(find(&relations, "disk.read")->insufficient, "nothing is known of it");
    cr_expect_str_eq(find(&relations, "disk.reads")->insufficient, "nothing is known of it");
    cr_expect_str_eq(find(&relations, "cpu.busy")->insufficient, "constant");
    cr_expect_str_eq(find(&relations, "cpu.switches")->insufficient, "too short");
    cr_expect_null(find(&relations, "process.swap"));
    cr_expect(is_first(&relations, "process.written", "write_log"));
    for (size_t i = 0; i < relations.pair_count; i++) {
        const struct relation *relation = &relations.pairs[i].relation;
        cr_expect(isnan(relation->strength) || fabs(relation->strength) <= 1);
        cr_expect_lt(relations.pairs[i].first, relations.pairs[i].second);
        if (i > 0) /* in order, and each once */
            cr_expect_lt(pair_number(&relations.pairs[i - 1]), pair_number(&relations.pairs[i]));
    }
    release(&relations);
}

/* Of many cores one series is made, and of the threads of a process. */
Test(relating, many_of_a_kind_become_one)
{
    struct relations relations;
    static const char *const cores[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"};

    plant();
    for (size_t i = 0; i < 11; i++) {
        struct resource_series *core =
            add_series("cpu.core", "%", RESOURCE_OF_MACHINE, true, RESOURCE_NOBODY);
        core->subject = cores[i];
        add_points(core, on[2], 9, 0.1, 0);
    }
    for (size_t i = 0; i < WORKERS; i++)
        add_points(add_series("thread.cpu", "%", RESOURCE_OF_THREAD, true, threads[i]), on[i], 50,
                   0.1, 0);
    relations_init(&relations, profile);
    cr_expect_eq(find(&relations, "cpu.core")->parts, 11);
    cr_expect_null(find(&relations, "cpu.core")->subject);
    cr_expect_float_eq(find(&relations, "cpu.core")->cells[0], 99 * on[2][0], 30);
    cr_expect_eq(find(&relations, "thread.cpu")->parts, WORKERS);
    cr_expect(is_first(&relations, "cpu.core", "burn"));
    release(&relations);
}
