/* From records about resources to series of a profile, with known answers. */
#include "analyzer/load/load.h"
#include "tests/unit/resource_maker.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <math.h>
#include <sys/stat.h>

#define MS 1000000ull
#define S 1000000000ull

static struct profile *profile;
static struct problem problem;
static struct bytes file, payload;
static unsigned sequence;

static void stop(void)
{
    profile_free(profile);
    bytes_free(&file);
    scratch_release();
}

static void begin(const char *pid, const char *start_ns)
{
    make_property(&payload, "comm", "made");
    make_property(&payload, "pid", pid);
    make_property(&payload, "weight_unit_ns", "1000000");
    make_property(&payload, "start_monotonic_ns", start_ns);
}

static void chunk(void)
{
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, sequence == 0, sequence});
    sequence++;
}

static void end(const char *path)
{
    chunk();
    make_file(path, &file);
    bytes_free(&file);
    sequence = 0;
}

static void load_with(const char *const *paths, size_t count, struct load_options options)
{
    options.no_symbols = true;
    cr_assert_eq(load_profile(paths, count, &options, &profile, &problem), 0, "%s", problem.text);
}

static void load(const char *path)
{
    load_with(&path, 1, (struct load_options){0});
}

static const struct resource_series *find(const char *name)
{
    const struct resource_series *series =
        resources_find(&profile->resources, name, NULL, RESOURCE_NOBODY, RESOURCE_NOBODY);
    cr_assert_not_null(series, "%s", name);
    return series;
}

static void expect_points(const struct resource_series *series, const double (*points)[2],
                          size_t count)
{
    cr_assert_eq(series->count, count, "%s: %zu points", series->name, series->count);
    for (size_t i = 0; i < count; i++) {
        cr_assert_float_eq((double)series->points[i].time_ns / 1e9, points[i][0], 2e-9,
                           "%s, point %zu: at %f", series->name, i,
                           (double)series->points[i].time_ns / 1e9);
        double value = series->points[i].value;
        cr_assert((isnan(value) && isnan(points[i][1])) || fabs(value - points[i][1]) < 1e-6,
                  "%s, point %zu: %f", series->name, i, value);
    }
}

#define EXPECT(series, ...)                                                   \
    do {                                                                      \
        const double points_[][2] = __VA_ARGS__;                              \
        expect_points(series, points_, sizeof(points_) / sizeof(points_[0])); \
    } while (0)

TestSuite(merge_resources, .init = scratch_init, .fini = stop);

Test(merge_resources, counters_are_rates_and_gauges_in_their_unit)
{
    begin("100", "1000000000");
    make_series(&payload, (struct made_series){1, MADE_COUNTER, MADE_MACHINE, 7, 0, "cpu.busy", "%",
                                               NULL, NULL});
    make_series(&payload, (struct made_series){2, MADE_GAUGE, MADE_MACHINE, 3, 0, "cpu.temperature",
                                               "degC", "zone 0", NULL});
    /* Nanoseconds of a processor: half a second in one, then all of it, then a reset. */
    make_points(&payload, 1, S, 1000000,
                (const int64_t[]){7, 7 + 500000000, 7 + 1500000000, 20, 20}, 5);
    make_points(&payload, 2, S, 1000000, (const int64_t[]){-1500, 61250}, 2);
    end("a.pinj");
    load("a.pinj");
    EXPECT(find("cpu.busy"), {{1, NAN}, {2, 50}, {3, 100}, {4, NAN}, {5, 0}});
    EXPECT(find("cpu.temperature"), {{1, -1.5}, {2, 61.25}, {5, 61.25}});
    cr_assert_str_eq(find("cpu.temperature")->subject, "zone 0");
    cr_assert_str_eq(find("cpu.temperature")->unit, "degC");
    cr_assert_null(find("cpu.busy")->subject);
    cr_assert_null(find("cpu.busy")->recording);
    cr_assert_eq(find("cpu.busy")->process, RESOURCE_NOBODY);
}

/* Quiet from 2 s to 9 s, then 1000 bytes within 100 ms: not 142 a second for 7 seconds. */
Test(merge_resources, a_burst_after_quiet_is_not_smeared)
{
    const struct made_point points[] = {{0, 0, 0}, {0, 0, 100}, {69, 1, 1100}};
    struct bytes body = {0};

    begin("100", "1000000000");
    make_series(&payload, (struct made_series){1, MADE_COUNTER, MADE_MACHINE, 0, 0, "disk.written",
                                               "bytes/s", "sda", NULL});
    put_moments(&body, 2 * S - 100 * MS, 72, 100000, 1);
    put_points(&body, 1, points, 3);
    put_record(&payload, 33, &body);
    end("a.pinj");
    load("a.pinj");
    EXPECT(find("disk.written"), {{1.9, NAN}, {2, 1000}, {8.9, 0}, {9, 10000}});
}

/* Such a record begins with the last moment of the one before. */
Test(merge_resources, nor_is_one_at_the_beginning_of_a_record)
{
    const struct made_point late = {1, 1, 1100};
    struct bytes body = {0};

    begin("100", "1000000000");
    make_series(&payload, (struct made_series){1, MADE_COUNTER, MADE_MACHINE, 0, 0, "disk.written",
                                               "bytes/s", "sda", NULL});
    make_series(&payload,
                (struct made_series){2, MADE_GAUGE, MADE_MACHINE, 0, 0, "load.1", "", NULL, NULL});
    make_points(&payload, 1, S, 1000000, (const int64_t[]){0, 100}, 2);
    make_points(&payload, 2, S, 1000000, (const int64_t[]){1, 2, 3, 4, 5, 6}, 6);
    chunk();
    put_moments(&body, 6 * S, 2, 1000000, 1);
    put_points(&body, 1, &late, 1);
    put_record(&payload, 33, &body);
    end("a.pinj");
    load("a.pinj");
    EXPECT(find("disk.written"), {{1, NAN}, {2, 100}, {6, 0}, {7, 1000}});
}

/* What was said of points that are lost holds no more: over the gap a counter's mean is known. */
Test(merge_resources, a_gap_is_no_stretch_without_change)
{
    const struct made_point late = {1, 1, 1600};
    struct bytes body = {0};

    begin("100", "1000000000");
    make_series(&payload, (struct made_series){1, MADE_COUNTER, MADE_MACHINE, 0, 0, "disk.written",
                                               "bytes/s", "sda", NULL});
    make_series(&payload, (struct made_series){2, MADE_GAUGE, MADE_PROCESS, 0, 0, "process.rss",
                                               "bytes", NULL, NULL});
    make_points(&payload, 1, S, 1000000, (const int64_t[]){0, 100}, 2);
    make_points(&payload, 2, S, 1000000, (const int64_t[]){11, 12}, 2);
    chunk();
    sequence++;
    put_moments(&body, 6 * S, 2, 1000000, 2);
    put_points(&body, 1, &late, 1);
    put_points(&body, 2, &late, 1);
    put_record(&payload, 33, &body);
    end("a.pinj");
    load("a.pinj");
    EXPECT(find("disk.written"), {{1, NAN}, {2, 100}, {7, 300}});
    EXPECT(find("process.rss"), {{1, 11}, {2, 12}, {2 + 1e-9, NAN}, {7, 1600}});
    cr_assert_eq(find("process.rss")->process, 0);
}

Test(merge_resources, what_was_unavailable_for_a_time_is_not_known_then)
{
    struct made_series gauge = {1,      MADE_GAUGE, MADE_MACHINE, 0, 0, "cpu.temperature",
                                "degC", NULL,       NULL};
    struct made_series counter = {2,     MADE_COUNTER, MADE_MACHINE, 0, 0, "cpu.switches",
                                  "1/s", NULL,         NULL};

    begin("100", "1000000000");
    make_series(&payload, gauge);
    make_series(&payload, counter);
    make_series(&payload, (struct made_series){3, MADE_GAUGE, MADE_MACHINE, 0, 0, "power.battery",
                                               "W", NULL, "no battery"});
    make_points(&payload, 1, S, 1000000, (const int64_t[]){40, 41}, 2);
    make_points(&payload, 2, S, 1000000, (const int64_t[]){0, 10}, 2);
    chunk();
    gauge.reason = counter.reason = "it is gone";
    make_series(&payload, gauge);
    make_series(&payload, counter);
    chunk();
    gauge.reason = counter.reason = NULL;
    make_series(&payload, gauge);
    make_series(&payload, counter);
    make_points(&payload, 1, 9 * S, 1000000, (const int64_t[]){50, 51}, 2);
    make_points(&payload, 2, 9 * S, 1000000, (const int64_t[]){70, 90}, 2);
    end("a.pinj");
    load("a.pinj");
    EXPECT(find("cpu.temperature"), {{1, 40}, {2, 41}, {2 + 1e-9, NAN}, {9, 50}, {10, 51}});
    EXPECT(find("cpu.switches"), {{1, NAN}, {2, 10}, {9, NAN}, {10, 20}});
    cr_assert_null(find("cpu.switches")->reason);
    cr_assert_str_eq(find("power.battery")->reason, "no battery");
    cr_assert_eq(find("power.battery")->count, 0);
}

static void make_thread_series(uint64_t id, uint64_t tid)
{
    make_series(&payload, (struct made_series){id, MADE_COUNTER, MADE_THREAD, 7, tid, "thread.cpu",
                                               "%", NULL, NULL});
}

Test(merge_resources, a_thread_number_used_anew_is_another_thread)
{
    const int64_t busy[] = {0, 1000000000}, idle[] = {0, 100000000};

    begin("100", "1000000000");
    make_thread(&payload, 1, 100, 1 * S, "main");
    make_thread(&payload, 2, 101, 2 * S, "first");
    make_thread(&payload, 3, 101, 6 * S, "second");
    make_thread_series(1, 101);
    make_thread_series(2, 101);
    make_thread_series(3, 4711);
    make_points(&payload, 1, 3 * S, 1000000, busy, 2);
    make_points(&payload, 2, 7 * S, 1000000, idle, 2);
    make_points(&payload, 3, 7 * S, 1000000, idle, 2);
    end("a.pinj");
    load("a.pinj");
    const struct resources *resources = &profile->resources;
    cr_assert_eq(resources->count, 3);
    const struct resource_series *first = resources_find(resources, "thread.cpu", NULL, 0, 1);
    const struct resource_series *second = resources_find(resources, "thread.cpu", NULL, 0, 2);
    const struct resource_series *stranger =
        resources_find(resources, "thread.cpu", "thread 4711", RESOURCE_NOBODY, RESOURCE_NOBODY);
    cr_assert(first != NULL && second != NULL && stranger != NULL);
    cr_assert_float_eq(first->points[1].value, 100, 1e-9);
    cr_assert_float_eq(second->points[1].value, 10, 1e-9);
    cr_assert_eq(stranger->thread, RESOURCE_NOBODY);
    cr_assert_eq(stranger->process, 0);
}

/* A thread's own, its process's and the machine's. */
Test(merge_resources, a_chosen_thread_keeps_what_it_ran_in)
{
    const int64_t values[] = {0, 1000000000};
    const struct made_node node = {8, 0, 0x11001, 0};
    const struct made_sample sample = {1, 8, 1, 0, 0, 0, 0};

    begin("100", "1000000000");
    make_thread(&payload, 1, 100, S, "main");
    make_thread(&payload, 2, 101, S, "other");
    make_stacks(&payload, 0, &node, 1);
    make_samples(&payload, 1, 2 * S, &sample, 1, 0);
    make_thread_series(1, 100);
    make_thread_series(2, 101);
    make_series(&payload, (struct made_series){3, MADE_GAUGE, MADE_PROCESS, 0, 0, "process.rss",
                                               "bytes", NULL, NULL});
    make_series(&payload, (struct made_series){4, MADE_GAUGE, MADE_MACHINE, 0, 0, "load.1",
                                               "threads", NULL, NULL});
    for (uint64_t id = 1; id <= 4; id++)
        make_points(&payload, id, S, 1000000, values, 2);
    end("a.pinj");
    load_with((const char *[]){"a.pinj"}, 1, (struct load_options){.choice = {.thread = "main"}});
    cr_assert_eq(profile->resources.count, 3);
    cr_assert_eq(find("thread.cpu")->thread, 0);
    find("process.rss");
    find("load.1");
}

static void make_machine(const char *path, const char *pid, const char *start, uint64_t from_s,
                         int64_t value)
{
    const int64_t counts[] = {1000, 1010, 1020}, levels[] = {value, value, value + 1};

    begin(pid, start);
    make_series(&payload, (struct made_series){1, MADE_COUNTER, MADE_MACHINE, 0, 0, "cpu.switches",
                                               "1/s", NULL, NULL});
    make_series(&payload, (struct made_series){2, MADE_GAUGE, MADE_MACHINE, 0, 0, "cpu.runnable",
                                               "threads", NULL, NULL});
    make_points(&payload, 1, from_s * S, 1000000, counts, 3);
    make_points(&payload, 2, from_s * S, 1000000, levels, 3);
    end(path);
}

static void make_recording(const char *path)
{
    char name[64];

    mkdir(path, 0700);
    snprintf(name, sizeof(name), "%s/manifest", path);
    scratch_write(name, "profinject-recording 1\n");
}

/* One process follows the machine, then another: one series, unknown in between. */
Test(merge_resources, one_recording_has_one_machine)
{
    make_recording("r");
    make_machine("r/later.200.pinj", "200", "5000000000", 7, 50);
    make_machine("r/first.100.pinj", "100", "1000000000", 1, 10);
    load("r");
    cr_assert_eq(profile->resources.count, 2);
    cr_assert_null(profile->processes[0].recording);
    EXPECT(find("cpu.switches"),
           {{1, NAN}, {2, 10}, {3, 10}, {3 + 1e-9, NAN}, {7, NAN}, {8, 10}, {9, 10}});
    EXPECT(find("cpu.runnable"),
           {{1, 10}, {2, 10}, {3, 11}, {3 + 1e-9, NAN}, {7, 50}, {8, 50}, {9, 51}});
}

Test(merge_resources, machines_of_two_recordings_stay_apart)
{
    make_recording("r");
    make_recording("s");
    make_machine("r/a.100.pinj", "100", "1000000000", 1, 10);
    make_machine("s/b.100.pinj", "100", "1000000000", 1, 20);
    load_with((const char *[]){"r", "s"}, 2, (struct load_options){0});
    cr_assert_eq(profile->resources.count, 4);
    cr_assert_str_eq(profile->resources.series[0].recording, "recording 1 (made)");
    cr_assert_str_eq(profile->resources.series[2].recording, "recording 2 (made)");
    cr_assert_str_eq(profile->processes[0].recording, "recording 1 (made)");
    cr_assert_str_eq(profile->processes[1].recording, "recording 2 (made)");
}

Test(merge_resources, a_window_keeps_what_holds_in_it)
{
    begin("100", "1000000000");
    make_series(&payload, (struct made_series){1, MADE_COUNTER, MADE_MACHINE, 0, 0, "cpu.switches",
                                               "1/s", NULL, NULL});
    make_series(&payload, (struct made_series){2, MADE_GAUGE, MADE_MACHINE, 0, 0, "cpu.runnable",
                                               "threads", NULL, NULL});
    make_points(&payload, 1, S, 1000000, (const int64_t[]){0, 10, 30, 60, 100}, 5);
    make_points(&payload, 2, S, 1000000, (const int64_t[]){1, 2, 3, 4, 5}, 5);
    end("a.pinj");
    load_with((const char *[]){"a.pinj"}, 1, (struct load_options){.time = {0.5, 2.5}});
    EXPECT(find("cpu.switches"), {{1.5, NAN}, {2, 10}, {3, 20}, {3.5, 30}});
    EXPECT(find("cpu.runnable"), {{1.5, 1}, {2, 2}, {3, 3}, {3.5, 3}});
}

/* A process of its own for a day: what is kept is bounded, means are exact. */
Test(merge_resources, long_series_lose_points_but_no_amount)
{
    enum { RECORDS = 20, MOMENTS = 8000 };
    int64_t *values = malloc(MOMENTS * sizeof(*values)), value = 0;

    begin("100", "1000000000");
    make_series(&payload, (struct made_series){1, MADE_COUNTER, MADE_MACHINE, 0, 0, "cpu.switches",
                                               "1/s", NULL, NULL});
    for (uint64_t r = 0; r < RECORDS; r++) {
        for (size_t i = 0; i < MOMENTS; i++)
            values[i] = value += (int64_t)(i % 7);
        make_points(&payload, 1, S + r * MOMENTS * 100 * MS, 100000, values, MOMENTS);
    }
    free(values);
    end("a.pinj");
    load("a.pinj");
    const struct resource_series *series = find("cpu.switches");
    cr_assert_lt(series->count, 1u << 16);
    struct resource_summary sum = resource_summarise(series, 0, UINT64_MAX);
    cr_assert_float_eq(sum.known_s, RECORDS * MOMENTS * 0.1 - 0.1, 1e-6);
    cr_assert_float_eq(sum.total, (double)value, 1);
}
