/* From paths to a profile, with known answers; and never a crash. */
#include "analyzer/load/load.h"
#include "tests/unit/randomness.h"
#include "tests/unit/scratch.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <sys/stat.h>

static struct profile *profile;
static struct problem problem;
static const struct load_options no_symbols = {.no_symbols = true};

static void stop(void)
{
    profile_free(profile);
    scratch_release();
}

static int load(const char *first, const char *second)
{
    const char *paths[] = {first, second};

    profile_free(profile);
    profile = NULL;
    return load_profile(paths, second != NULL ? 2 : 1, &no_symbols, &profile, &problem);
}

/* True when `stack` is `text`, "root;...;leaf". */
static bool is_stack(uint32_t stack, const char *text)
{
    size_t end = strlen(text);

    for (; stack != STACK_NONE; stack = profile->stacks[stack].parent) {
        const char *name = profile->frames[profile->stacks[stack].frame].function;
        size_t length = strlen(name);
        if (length > end || memcmp(text + end - length, name, length) != 0)
            return false;
        end -= length;
        if (end > 0 && text[--end] != ';')
            return false;
    }
    return end == 0;
}

static int64_t cpu_of(const char *stack)
{
    int64_t cpu = 0;

    for (size_t i = 0; i < profile->entries.count; i++) {
        if (is_stack(profile->entries.places[i].stack, stack))
            cpu += entries_value(&profile->entries, i, METRIC_CPU);
    }
    return cpu;
}

static void make_recording(const char *path, const char *manifest)
{
    char name[256];
    struct bytes file = made_trace();

    mkdir(path, 0700);
    snprintf(name, sizeof(name), "%s/manifest", path);
    scratch_write(name, manifest);
    snprintf(name, sizeof(name), "%s/made.100.pinj", path);
    make_file(name, &file);
    bytes_free(&file);
}

TestSuite(load, .init = scratch_init, .fini = stop);

Test(load, stacks_and_values_of_the_made_trace)
{
    make_recording("r", "profinject-recording 1\n");
    cr_assert_eq(load("r", NULL), 0);
    cr_assert_eq(profile->process_count, 1);
    cr_assert_eq(profile->thread_count, 2);
    cr_assert_eq(cpu_of("[made+0x1000];[made+0x2000]"), 17000000);
    cr_assert_eq(cpu_of("[made+0x1000]"), 2000000);
    cr_assert_eq(cpu_of("[truncated];[made+0x3000]"), 1000000);
    cr_assert_eq(profile_total(profile, METRIC_CPU), 20000000);
    cr_assert_eq(profile_total(profile, METRIC_SAMPLES), 6);
    cr_assert_eq(profile_total(profile, METRIC_MEMORY_DELTA), 60 - 10 + 8);
    cr_assert_eq(profile->message_count, 0);
}

/* What a thread used beyond its samples: with its last stack, or without any. */
Test(load, rests_of_threads)
{
    const struct made_node nodes[] = {{8, 0, 0x11001, 0}};
    const struct made_sample sample[] = {{1, 8, 8, 0, 0, 0, 0}};
    const uint64_t totals[10] = {1, 10000000, 1, 0, 0, 0, 0, 0, 0, 9000};
    struct bytes payload = {0}, file = {0};

    make_definitions(&payload);
    make_thread(&payload, 1, 100, 1000, "main");
    make_thread(&payload, 2, 101, 1000, "unseen");
    make_stacks(&payload, 0, nodes, 1);
    make_samples(&payload, 1, 5000, sample, 1, 0);
    make_rest(&payload, 1, 8, 77); /* before an exec that failed */
    make_rest(&payload, 1, 8, 2000000);
    make_totals(&payload, totals);
    make_rest(&payload, 2, 0, 5000000);
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 0});
    make_file("rest.pinj", &file);
    bytes_free(&file);
    cr_assert_eq(load("rest.pinj", NULL), 0);
    cr_assert_eq(cpu_of("[made+0x1000]"), 10000000);
    cr_assert_eq(cpu_of("[unsampled]"), 5000000);
    cr_assert_eq(profile_total(profile, METRIC_SAMPLES), 1);
    cr_assert_eq(profile->threads[0].sampled_ns, 8000000);
    cr_assert_eq(profile->threads[0].rest_ns, 2000000);
    cr_assert_eq(profile->threads[1].rest_ns, 5000000);
}

static void make_counted(const char *path, uint64_t kind)
{
    const struct made_node nodes[] = {{8, 0, 0x11001, 0}};
    struct bytes payload = {0}, file = {0};

    make_definitions(&payload);
    make_property(&payload, "counters", kind == 1 ? "by sample" : "by thread");
    make_thread(&payload, 1, 100, 1000, "main");
    make_stacks(&payload, 0, nodes, 1);
    make_counter(&payload, 0, kind, "instructions");
    make_count(&payload, 1, 8, 0, 1000);
    make_count(&payload, 1, 0, 0, 24);
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 0});
    make_file(path, &file);
    bytes_free(&file);
}

static int64_t instructions_of(const char *stack)
{
    int64_t sum = 0;

    for (size_t i = 0; i < profile->entries.count; i++)
        if (is_stack(profile->entries.places[i].stack, stack))
            sum += entries_value(&profile->entries, i, METRIC_COUNTER);
    return sum;
}

Test(load, hardware_counters_by_stack_and_by_thread)
{
    struct load_options options = {.no_symbols = true, .counter = "instructions"};
    const char *paths[] = {"sampled.pinj", "whole.pinj"};
    struct problem problem;

    make_counted(paths[0], 1);
    make_counted(paths[1], 2);
    cr_assert_eq(load_profile(paths, 1, &options, &profile, &problem), 0);
    cr_assert_eq(profile->counters[0].kind, COUNTER_HARDWARE);
    cr_assert_eq(profile->counters[0].total, 1024);
    cr_assert_str_eq(profile->processes[0].counters, "by sample");
    cr_assert_eq(instructions_of("[made+0x1000]"), 1000);
    cr_assert_eq(instructions_of("[after the last sample]"), 24);
    profile_free(profile);
    cr_assert_eq(load_profile(paths + 1, 1, &options, &profile, &problem), 0);
    cr_assert_eq(profile->counters[0].kind, COUNTER_PER_THREAD);
    cr_assert_eq(instructions_of("[whole thread]"), 24);
}

Test(load, hardware_counters_that_are_missing)
{
    struct load_options options = {.no_symbols = true, .counter = "cycles"};
    const char *paths[] = {"none.pinj"};
    struct bytes payload = {0}, file = {0};
    struct problem problem;

    make_definitions(&payload);
    make_property(&payload, "counters", "unavailable");
    make_property(&payload, "counters_reason", "none here");
    make_thread(&payload, 1, 100, 1000, "main");
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 0});
    make_file(paths[0], &file);
    bytes_free(&file);
    cr_assert_eq(load_profile(paths, 1, &options, &profile, &problem), PROBLEM_NOTHING);
    cr_assert_str_eq(problem.text, "no metric 'cycles' in this recording: none here");
    profile = NULL;
}

Test(load, several_paths_are_merged)
{
    struct bytes file = made_trace();

    make_recording("r", "profinject-recording 1\n");
    make_file("copy.pinj", &file);
    bytes_free(&file);
    cr_assert_eq(load("r", "copy.pinj"), 0);
    cr_assert_eq(profile->process_count, 2);
    cr_assert_eq(profile->thread_count, 4);
    cr_assert_eq(profile_total(profile, METRIC_CPU), 40000000);
    cr_assert_eq(cpu_of("[made+0x1000];[made+0x2000]"), 34000000);
}

Test(load, what_was_said_and_lost_is_told)
{
    struct bytes file = made_trace();

    make_recording("r", "profinject-recording 1\n");
    scratch_write("r/messages", "first line\n\nsecond line");
    file.at[file.size - 1] ^= 1; /* the last chunk */
    make_file("r/made.100.pinj", &file);
    scratch_write("r/other.pinj", "nothing of the kind");
    bytes_free(&file);
    cr_assert_eq(load("r", NULL), 0);
    cr_assert_eq(profile->message_count, 4);
    cr_assert_str_eq(profile->messages[0], "first line");
    cr_assert_str_eq(profile->messages[1], "second line");
    cr_assert_str_eq(profile->messages[2],
                     "trace 'r/made.100.pinj': 1 of 4 chunks damaged, missing from 0.000 s on");
    cr_assert_str_eq(profile->messages[3], "cannot read 'r/other.pinj': not a profinject trace");
}

/* malloc's hook, a thread's wrapper and a leaf of the library around the program's code. */
Test(load, frames_of_the_library_are_not_the_programs)
{
    struct bytes file = {0};
    struct bytes payload = {0};
    const struct made_node nodes[] = {
        {8, 0, 0x50001, 0},   /* own */
        {9, 8, 0x11001, 0},   /* called by it: the program's */
        {10, 9, 0x50101, 0},  /* own, */
        {11, 10, 0x50201, 0}, /* and one more, */
        {12, 11, 0x12000, 1}, /* to the program's again */
        {13, 11, 0x50300, 1}, /* own leaf */
        {14, 9, 0x50400, 1},  /* own leaf beside */
        {15, 8, 0x50500, 1},  /* nothing but own frames */
    };
    const struct made_sample samples[] = {
        {1, 12, 1, 0, 0, 0, 0}, {1, 13, 2, 0, 0, 0, 0}, {1, 14, 4, 0, 0, 0, 0},
        {1, 15, 8, 0, 0, 0, 0}, {1, 9, 16, 0, 0, 0, 0},
    };

    make_definitions(&payload);
    make_module(&payload, (struct made_module){2, 0x50000, 0x60000, 0x50000, 0,
                                               "/opt/libprofinject.so", NULL});
    make_thread(&payload, 1, 100, 1000, "main");
    make_stacks(&payload, 0, nodes, 8);
    make_samples(&payload, 1, 5000, samples, 5, 0);
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 0});
    make_file("trace.pinj", &file);
    bytes_free(&file);
    cr_assert_eq(load("trace.pinj", NULL), 0);
    cr_expect_eq(cpu_of("[made+0x1000];[made+0x2000]"), 1000000);
    cr_expect_eq(cpu_of("[made+0x1000];[profinject]"), 6000000);
    cr_expect_eq(cpu_of("[profinject]"), 8000000);
    cr_expect_eq(cpu_of("[made+0x1000]"), 16000000);
    cr_expect_eq(profile_total(profile, METRIC_CPU), 31000000);
}

/* malloc_usable_size() is the hooks' own question, unless the program asks it. */
Test(load, the_size_of_a_block_is_asked_by_the_library)
{
    static const struct load_options symbols = {0};
    const char *path = "trace.pinj";
    struct bytes file = {0};
    struct bytes payload = {0};
    Dl_info libc;

    cr_assert(dladdr(dlsym(RTLD_DEFAULT, "malloc_usable_size"), &libc));
    uint64_t usable = 0x100000 + (uint64_t)((char *)libc.dli_saddr - (char *)libc.dli_fbase);
    const struct made_node nodes[] = {
        {8, 0, 0x11001, 0},
        {9, 8, 0x50101, 0},
        {10, 9, usable, 1},
        {11, 8, usable, 1},
    };
    const struct made_sample samples[] = {{1, 10, 1, 0, 0, 0, 0}, {1, 11, 2, 0, 0, 0, 0}};

    make_definitions(&payload);
    make_module(&payload, (struct made_module){2, 0x50000, 0x60000, 0x50000, 0,
                                               "/opt/libprofinject.so", NULL});
    make_module(&payload,
                (struct made_module){3, 0x100000, 0x900000, 0x100000, 0, libc.dli_fname, NULL});
    make_thread(&payload, 1, 100, 1000, "main");
    make_stacks(&payload, 0, nodes, 4);
    make_samples(&payload, 1, 5000, samples, 2, 0);
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 0});
    make_file(path, &file);
    bytes_free(&file);
    cr_assert_eq(load_profile(&path, 1, &symbols, &profile, &problem), 0);
    cr_expect_eq(cpu_of("[made+0x1000];[profinject]"), 1000000);
    cr_expect_eq(cpu_of("[made+0x1000];malloc_usable_size"), 2000000);
}

Test(load, record_knows_how_a_killed_command_ended)
{
    struct bytes file = {0};

    make_recording("r", "profinject-recording 1\npid=100\nexit=signal 9\n");
    cr_assert_eq(load("r", NULL), 0);
    cr_assert_eq(profile->processes[0].end, END_EXIT, "the trace's own word comes first");

    make_epoch(&file, 0);
    make_file("r/made.100.pinj", &file);
    bytes_free(&file);
    cr_assert_eq(load("r", NULL), 0);
    cr_assert_eq(profile->processes[0].end, END_SIGNAL);
    cr_assert_eq(profile->processes[0].end_status, 9);
}

Test(load, nothing_readable_is_a_failure)
{
    scratch_write("text", "Dear reader,\n");
    cr_assert_eq(load("text", NULL), PROBLEM_DATA);
    cr_assert_str_eq(problem.text, "cannot read 'text': not a profinject trace");
    cr_assert_eq(load("missing", NULL), PROBLEM_SYSTEM);
}

/* Damaged records behind right hashes: whatever they say, the profile is sound. */
Test(load, hostile_records_are_survived)
{
    for (int round = 0; round < 1000; round++) {
        struct bytes file = {0};
        struct bytes payload = made_payload();
        for (uint32_t times = 1 + random_below(8); times > 0; times--)
            payload.at[random_below((uint32_t)payload.size)] ^= (uint8_t)(1u << random_below(8));
        make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 0});
        make_file("trace.pinj", &file);
        bytes_free(&file);
        cr_assert_eq(load("trace.pinj", NULL), 0);
        for (size_t i = 0; i < profile->entries.count; i++) {
            cr_assert_lt(profile->entries.places[i].thread, profile->thread_count);
            cr_assert_neq(profile->entries.places[i].stack, STACK_NONE);
            cr_assert_lt(profile->entries.places[i].stack, profile->stack_count);
        }
    }
}
