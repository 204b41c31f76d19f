/*
 * What collectors put into the log is what the reader has of it: whatever order of values, quiet
 * stretches, gaps in looking, chunks and epochs.
 */
#include "analyzer/load/loaded_resources.h"
#include "analyzer/trace/trace_reader.h"
#include "preload/resources/resource_log.h"
#include "tests/unit/randomness.h"
#include "tests/unit/scratch.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>

#define SERIES 6
#define MOMENTS 4000

/* What is known at a moment. */
struct truth {
    bool known;
    int64_t value;
};

static struct truth truth[SERIES][MOMENTS];
static struct loaded_resources loaded;
static struct strings *strings;

static void start(void)
{
    scratch_init();
    strings = strings_new();
    loaded_resources_init(&loaded);
}

static void stop(void)
{
    loaded_resources_release(&loaded);
    strings_free(strings);
    scratch_release();
}

static void on_resource(void *context, const struct trace_series *series)
{
    (void)context;
    loaded_resources_define(&loaded, strings, series);
}

static void on_point(void *context, const struct trace_series_point *point)
{
    (void)context;
    loaded_resources_add(&loaded, point);
}

static void on_until(void *context, uint64_t until_ns)
{
    (void)context;
    loaded_resources_until(&loaded, until_ns);
}

static uint64_t moment_ns(size_t moment)
{
    return 1000000000 + moment * 100000000;
}

/* Writes what there is as a chunk; now and then that fails, and is told again. */
static void write_chunk(struct resource_log *log, struct bytes *file, uint64_t epoch, bool last)
{
    static uint32_t sequence;
    struct buffer to, body;
    struct bytes payload = {0};
    uint64_t first_ns, last_ns;

    cr_assert_eq(buffer_init(&to, 1 << 24), 0);
    cr_assert_eq(buffer_init(&body, 1 << 24), 0);
    resource_log_encode(log, epoch, last, &to, &body, &first_ns, &last_ns);
    if (last || random_below(4) > 0) {
        put(&payload, to.bytes, to.size);
        make_chunk(file, &payload, (struct made_chunk){MADE_VERSION, sequence == 0, sequence});
        sequence++;
        resource_log_written(log);
    }
    buffer_release(&to);
    buffer_release(&body);
}

/* Bursts and steady growth, then nothing for long: with looks at it or without. */
static void put_moment(struct resource_log *log, const uint32_t *ids, size_t moment)
{
    static int64_t value[SERIES];
    static enum { BUSY, QUIET, UNSEEN } mode[SERIES];

    resource_log_moment(log, moment_ns(moment));
    for (size_t s = 0; s < SERIES; s++) {
        if (random_below(30) == 0 || moment == 0)
            mode[s] = random_below(3);
        if (mode[s] == UNSEEN && moment > 0)
            continue;
        if (mode[s] == BUSY)
            value[s] += (int64_t)random_below(5) * (s % 2 == 0 ? 4096 : 10000000 + s);
        if (mode[s] == QUIET && moment > 0 && truth[s][moment - 1].known && random_below(2) == 0)
            resource_log_unchanged(log, ids[s]);
        else
            resource_log_put(log, ids[s], value[s]);
        truth[s][moment] = (struct truth){true, value[s]};
    }
}

static const struct loaded_point *point_at(const struct loaded_series *series, uint64_t time_ns)
{
    for (size_t i = 0; i < series->count; i++)
        if (loaded_point_ns(&series->points[i]) == time_ns)
            return &series->points[i];
    return NULL;
}

/* Unseen between two looks that saw the same it was the same. */
static bool is_so(size_t s, size_t moment, int64_t value)
{
    size_t before = moment, behind = moment;

    while (!truth[s][before].known)
        before--;
    while (behind < MOMENTS - 1 && !truth[s][behind].known)
        behind++;
    return truth[s][before].value == value && truth[s][behind].value == value;
}

/* Nothing that was not so, every change, and the last moment before it at which it was seen. */
static void check(size_t s, const struct loaded_series *series)
{
    size_t before = 0;

    for (size_t i = 0; i < series->count; i++) {
        size_t moment = (loaded_point_ns(&series->points[i]) - moment_ns(0)) / 100000000;
        cr_assert(is_so(s, moment, series->points[i].value), "series %zu at moment %zu: %lld", s,
                  moment, (long long)series->points[i].value);
    }
    for (size_t moment = 1; moment < MOMENTS; moment++) {
        if (!truth[s][moment].known)
            continue;
        if (truth[s][moment].value != truth[s][before].value) {
            cr_assert_not_null(point_at(series, moment_ns(moment)), "%zu: %zu", s, moment);
            cr_assert_not_null(point_at(series, moment_ns(before)), "%zu: %zu", s, before);
        }
        before = moment;
    }
    if (before == MOMENTS - 1)
        cr_assert_not_null(point_at(series, moment_ns(before)), "%zu: the end", s);
}

TestSuite(resource_round_trip, .init = start, .fini = stop);

Test(resource_round_trip, log_to_loader)
{
    const struct trace_visitor visitor = {
        .resource = on_resource, .resource_point = on_point, .resource_until = on_until};
    struct resource_log *log = resource_log_new();
    struct bytes file = {0};
    struct trace_summary summary;
    struct problem problem;
    uint32_t ids[SERIES];
    uint64_t epoch = 1;

    for (size_t s = 0; s < SERIES; s++)
        ids[s] = resource_log_add(log, RESOURCE_DISK_READ, (char[]){(char)('a' + s), 0}, 0);
    for (size_t moment = 0; moment < MOMENTS; moment++) {
        put_moment(log, ids, moment);
        epoch += random_below(200) == 0;
        if (random_below(20) == 0)
            write_chunk(log, &file, epoch, false);
    }
    write_chunk(log, &file, epoch, true);
    cr_assert_eq(resource_log_lost(log), 0);
    resource_log_free(log);
    make_file("trace.pinj", &file);
    bytes_free(&file);
    cr_assert_eq(trace_read("trace.pinj", &visitor, &summary, &problem), 0);
    cr_assert_eq(summary.records_dropped + summary.samples_dropped, 0);
    cr_assert_eq(loaded.count, SERIES);
    for (size_t s = 0; s < SERIES; s++) {
        cr_assert_str_eq(loaded.series[s].is.name, "disk.read");
        check(s, &loaded.series[s]);
    }
}

/* A process that sleeps says nothing of its control group, which others use. */
Test(resource_round_trip, a_quiet_process_is_no_quiet_group)
{
    const struct trace_visitor visitor = {
        .resource = on_resource, .resource_point = on_point, .resource_until = on_until};
    struct resource_log *log = resource_log_new();
    uint32_t process = resource_log_add(log, RESOURCE_PROCESS_CPU, NULL, 0);
    uint32_t group = resource_log_add(log, RESOURCE_CGROUP_CPU, NULL, 0);
    struct bytes file = {0};
    struct trace_summary summary;
    struct problem problem;

    for (size_t moment = 0; moment < 3; moment++) {
        resource_log_moment(log, moment_ns(moment));
        if (moment == 1) {
            resource_log_all_unchanged(log, TRACE_SCOPE_PROCESS);
            continue;
        }
        resource_log_put(log, process, (int64_t)moment);
        resource_log_put(log, group, (int64_t)moment);
    }
    write_chunk(log, &file, 1, true);
    resource_log_free(log);
    make_file("trace.pinj", &file);
    bytes_free(&file);
    cr_assert_eq(trace_read("trace.pinj", &visitor, &summary, &problem), 0);
    cr_assert_eq(loaded.series[0].count, 3);
    cr_assert_str_eq(loaded.series[1].is.name, "cgroup.cpu");
    cr_assert_eq(loaded.series[1].count, 2);
}
