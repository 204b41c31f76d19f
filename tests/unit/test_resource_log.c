/* What collectors put comes back, by a decoder of the specification's own. */
#include "preload/resources/resource_log.h"

#include "preload/contract/trace_format.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define MS 1000000ull

static struct resource_log *the_log;
static struct buffer to, body;
static uint64_t first_ns, last_ns;

static void start(void)
{
    the_log = resource_log_new();
    cr_assert_not_null(the_log);
    cr_assert_eq(buffer_init(&to, 16u << 20), 0);
    cr_assert_eq(buffer_init(&body, 16u << 20), 0);
}

static void stop(void)
{
    resource_log_free(the_log);
    buffer_release(&to);
    buffer_release(&body);
}

TestSuite(resource_log, .init = start, .fini = stop);

/* One series of one record. */
struct decoded {
    uint64_t id, count, moments, first_skip, values_size;
    uint64_t times[4096];
    bool same[4096]; /* not changed until the moment before */
    int64_t values[4096];
};

static const uint8_t *at;

static uint64_t varint(void)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
}

static int64_t svarint(void)
{
    return trace_unzigzag(varint());
}

static void text(char *name)
{
    size_t size = varint();
    memcpy(name, at, size);
    name[size] = '\0';
    at += size;
}

struct definition {
    uint64_t id, type, scope, digits, tid;
    char name[256], unit[256], subject[256], reason[256];
};

static void decode_series(struct decoded *series, const uint64_t *times)
{
    int64_t slope = 0;
    series->id = varint();
    uint64_t points = varint(), multiple = varint(), next = 0;
    uint64_t skips[4096] = {0};
    series->count = points >> 2;
    for (uint64_t i = 0; i < (points & TRACE_RESOURCES_SKIPS ? series->count : 1); i++)
        skips[i] = varint();
    series->first_skip = skips[0];
    const uint8_t *values = at;
    for (uint64_t i = 0; i < series->count; i++) {
        int64_t value = svarint();
        next += skips[i] >> 1;
        series->times[i] = times[next++];
        series->same[i] = skips[i] & 1;
        if (i > 0) {
            slope = points & TRACE_RESOURCES_SECOND ? slope + value : value;
            value = (int64_t)((uint64_t)series->values[i - 1] + (uint64_t)slope * multiple);
        }
        series->values[i] = value;
    }
    series->values_size = (size_t)(at - values);
}

/* Decodes all; returns the last definition and the series of that id. */
static unsigned decode(struct definition *definition, uint64_t id, struct decoded *series)
{
    static struct decoded any;
    static uint64_t times[4096];
    unsigned definitions = 0;
    at = to.bytes;
    if (series)
        series->count = 0;
    while (at < to.bytes + to.size) {
        uint64_t tag = varint(), size = varint();
        const uint8_t *end = at + size;
        if (tag == TRACE_RESOURCE) {
            struct definition one = {varint(), 0, 0, 0, 0, "", "", "", ""};
            one.type = varint();
            one.scope = varint();
            one.digits = varint();
            one.tid = varint();
            text(one.name);
            text(one.unit);
            text(one.subject);
            text(one.reason);
            definitions++;
            if (definition)
                *definition = one;
        } else {
            cr_assert_eq(tag, TRACE_RESOURCES);
            uint64_t time = varint(), moments = varint(), count = varint();
            for (uint64_t i = 0; i < moments; i++)
                times[i] = time += varint() * 1000;
            for (uint64_t i = 0; i < count; i++) {
                decode_series(&any, times);
                any.moments = moments;
                if (series && any.id == id)
                    *series = any;
            }
        }
        cr_assert_eq(at, end);
    }
    return definitions;
}

static uint32_t encode(uint64_t epoch, bool last)
{
    buffer_clear(&to);
    return resource_log_encode(the_log, epoch, last, &to, &body, &first_ns, &last_ns);
}

Test(resource_log, definitions_say_what_the_catalogue_does)
{
    struct definition found;
    uint32_t id = resource_log_add(the_log, RESOURCE_DISK_READ, "sda \"x\"", 0);
    resource_log_moment(the_log, 5 * MS);
    resource_log_put(the_log, id, 7);
    cr_expect_eq(encode(1, false), 2);
    cr_expect_eq(decode(&found, id, NULL), 1);
    cr_expect_eq(found.id, id);
    cr_expect_eq(found.type, TRACE_RESOURCE_COUNTER);
    cr_expect_eq(found.scope, TRACE_SCOPE_MACHINE);
    cr_expect_eq(found.digits, 0);
    cr_expect_eq(found.tid, 0);
    cr_expect_str_eq(found.name, "disk.read");
    cr_expect_str_eq(found.unit, "bytes/s");
    cr_expect_str_eq(found.subject, "sda \"x\"");
    cr_expect_str_eq(found.reason, "");
    cr_expect_eq(resource_log_add(the_log, RESOURCE_DISK_READ, "sda \"x\"", 0), id, "gone on with");
    cr_expect_neq(resource_log_add(the_log, RESOURCE_DISK_READ, NULL, 0), id);
    cr_expect_neq(resource_log_add(the_log, RESOURCE_THREAD_CPU, NULL, 1),
                  resource_log_add(the_log, RESOURCE_THREAD_CPU, NULL, 1), "a tid comes again");
}

Test(resource_log, values_of_any_shape_come_back)
{
    static struct decoded found;
    static int64_t put[5][1000];
    uint32_t ids[5];
    srand(1);
    for (int s = 0; s < 5; s++)
        ids[s] = resource_log_add(the_log, RESOURCE_THREAD_CPU, NULL, s + 1);
    for (int i = 0; i < 1000; i++) {
        put[0][i] = 1000000000000 + 100000000ll * i;       /* steady */
        put[1][i] = 4096ll * (i % 7) * (i % 2 ? 1 : -3);   /* up and down */
        put[2][i] = i % 2 ? INT64_MAX - i : INT64_MIN + i; /* as far as can be */
        put[3][i] = (int64_t)((uint64_t)rand() * (uint64_t)rand() * (uint64_t)rand());
        put[4][i] = i;
        resource_log_moment(the_log, (1000 + 100 * (uint64_t)i) * MS);
        for (int s = 0; s < 5; s++)
            resource_log_put(the_log, ids[s], put[s][i]);
    }
    cr_assert_eq(resource_log_lost(the_log), 0);
    encode(1, false);
    cr_expect_eq(first_ns, 1000 * MS);
    cr_expect_eq(last_ns, 100900 * MS);
    for (int s = 0; s < 5; s++) {
        cr_assert_eq(decode(NULL, ids[s], &found), 5);
        cr_assert_eq(found.count, 1000);
        for (int i = 0; i < 1000; i++) {
            cr_assert_eq(found.values[i], put[s][i], "series %d, value %d", s, i);
            cr_assert_eq(found.times[i], (1000 + 100 * (uint64_t)i) * MS);
        }
        if (s == 0)
            cr_expect_leq(found.values_size, 1010, "what grows steadily takes a byte a value");
    }
}

Test(resource_log, what_did_not_change_takes_nothing_and_is_known_so)
{
    static struct decoded found;
    uint32_t id = resource_log_add(the_log, RESOURCE_PROCESS_RSS, NULL, 0);
    uint32_t seldom = resource_log_add(the_log, RESOURCE_PROCESS_PSS, NULL, 0);
    for (uint64_t i = 0; i < 10; i++) {
        resource_log_moment(the_log, (1 + i) * MS);
        resource_log_put(the_log, id, i < 3 ? 5 : i < 8 ? 6 : 7);
        if (i == 0 || i == 9)
            resource_log_put(the_log, seldom, (int64_t)i);
    }
    encode(1, false);
    decode(NULL, id, &found);
    cr_assert_eq(found.count, 3);
    cr_expect(found.values[0] == 5 && found.values[1] == 6 && found.values[2] == 7);
    cr_expect(found.times[1] == 4 * MS && found.times[2] == 9 * MS);
    cr_expect(!found.same[0] && found.same[1] && found.same[2]);
    decode(NULL, seldom, &found);
    cr_assert_eq(found.count, 2);
    cr_expect_not(found.same[1], "nobody looked in between");
}

/* Or a gauge would seem to have gone there all the time. */
Test(resource_log, who_was_left_out_once_is_known_to_have_stood_until_then)
{
    static struct decoded found;
    uint32_t id = resource_log_add(the_log, RESOURCE_PROCESS_RSS, NULL, 0);
    for (uint64_t i = 1; i <= 9; i++) {
        resource_log_moment(the_log, i * MS);
        if (i != 8)
            resource_log_put(the_log, id, i < 9 ? 5 : 6);
    }
    encode(1, false);
    decode(NULL, id, &found);
    cr_assert_eq(found.count, 3);
    cr_expect(found.times[1] == 7 * MS && found.values[1] == 5);
    cr_expect(found.times[2] == 9 * MS && found.values[2] == 6 && !found.same[2]);
}

Test(resource_log, it_is_known_across_records)
{
    static struct decoded found;
    uint32_t id = resource_log_add(the_log, RESOURCE_PROCESS_RSS, NULL, 0);
    resource_log_moment(the_log, 1 * MS);
    resource_log_put(the_log, id, 5);
    resource_log_moment(the_log, 2 * MS);
    resource_log_unchanged(the_log, id);
    encode(1, false);
    resource_log_written(the_log);
    cr_expect_eq(resource_log_waits_ns(the_log, 9 * MS), 0);
    resource_log_moment(the_log, 3 * MS);
    resource_log_put(the_log, id, 6);
    cr_expect_eq(resource_log_waits_ns(the_log, 9 * MS), 6 * MS);
    encode(1, false);
    cr_expect_eq(decode(NULL, id, &found), 0, "defined already");
    cr_assert_eq(found.count, 1);
    cr_expect(found.same[0] && found.first_skip == 3 && found.times[0] == 3 * MS);
    resource_log_written(the_log);
}

Test(resource_log, what_was_not_written_comes_again_in_the_next_epoch)
{
    static struct decoded found;
    uint32_t id = resource_log_add(the_log, RESOURCE_PROCESS_RSS, NULL, 0);
    resource_log_moment(the_log, 1 * MS);
    resource_log_put(the_log, id, 5);
    cr_expect_eq(encode(1, false), 2);
    cr_expect_eq(encode(2, false), 2, "not written");
    cr_expect_eq(decode(NULL, id, &found), 1);
    cr_expect_eq(found.count, 1);
    resource_log_written(the_log);
    resource_log_moment(the_log, 2 * MS);
    resource_log_put(the_log, id, 5);
    cr_expect_eq(encode(2, false), 0, "nothing changed");
    cr_expect_eq(encode(3, false), 2, "an epoch has all that is known");
    decode(NULL, id, &found);
    cr_expect(found.count == 1 && found.values[0] == 5 && found.same[0]);
}

Test(resource_log, the_last_record_says_how_long_nothing_changed)
{
    static struct decoded found;
    uint32_t id = resource_log_add(the_log, RESOURCE_PROCESS_RSS, NULL, 0);
    for (uint64_t i = 1; i < 9; i++) {
        resource_log_moment(the_log, i * MS);
        resource_log_put(the_log, id, 5);
    }
    encode(1, true);
    decode(NULL, id, &found);
    cr_assert_eq(found.count, 2);
    cr_expect(found.times[1] == 8 * MS && found.values[1] == 5);
}

Test(resource_log, what_found_no_room_is_lost_and_counted)
{
    static struct decoded found;
    uint32_t id = resource_log_add(the_log, RESOURCE_PROCESS_RSS, NULL, 0);
    for (uint64_t i = 1; i < 4; i++) {
        resource_log_moment(the_log, i * MS);
        resource_log_put(the_log, id, (int64_t)i);
    }
    resource_log_drop(the_log);
    cr_expect_eq(resource_log_lost(the_log), 3);
    resource_log_moment(the_log, 9 * MS);
    resource_log_put(the_log, id, 3);
    encode(1, false);
    cr_expect_eq(decode(NULL, id, &found), 1);
    cr_assert_eq(found.count, 1, "a reader that lost the value has it again");
    cr_expect(!found.same[0] && found.values[0] == 3);
}

Test(resource_log, the_log_is_bounded)
{
    uint32_t id = resource_log_add(the_log, RESOURCE_PROCESS_RSS, NULL, 0);
    cr_expect_not(resource_log_is_full(the_log));
    for (uint64_t i = 1; i < 100000; i++) {
        resource_log_moment(the_log, i * MS);
        resource_log_put(the_log, id, (int64_t)i);
    }
    cr_expect(resource_log_is_full(the_log));
    cr_expect_gt(resource_log_lost(the_log), 90000);
    uint32_t ids = 0;
    for (int tid = 1; tid < 100000; tid++)
        ids += resource_log_add(the_log, RESOURCE_THREAD_CPU, NULL, tid) != 0;
    cr_expect_lt(ids, 20000);
    resource_log_put(the_log, 0, 1);
    encode(1, true);
    cr_expect_not(to.full);
}

Test(resource_log, threads_that_come_and_go_never_use_it_up)
{
    struct definition found;
    for (int tid = 1; tid < 100000; tid++) {
        uint32_t id = resource_log_add(the_log, RESOURCE_THREAD_CPU, NULL, tid);
        cr_assert_neq(id, 0);
        resource_log_moment(the_log, (uint64_t)tid * MS);
        resource_log_put(the_log, id, tid);
        resource_log_end(the_log, id);
        if (tid % 100 == 0) {
            encode(1, false);
            cr_assert_eq(decode(&found, 0, NULL), 100);
            cr_assert(found.tid > (uint64_t)tid - 100 && found.tid <= (uint64_t)tid);
            resource_log_written(the_log);
        }
    }
    cr_expect_eq(resource_log_lost(the_log), 0);
}

Test(resource_log, a_reason_is_told_once_and_taken_back)
{
    struct definition found;
    char reason[200];
    uint32_t id = resource_log_add(the_log, RESOURCE_PROCESS_READ, NULL, 0);
    resource_log_unavailable(the_log, id, "no permission");
    cr_expect_eq(encode(1, false), 1);
    decode(&found, 0, NULL);
    cr_expect_str_eq(found.reason, "no permission");
    resource_log_written(the_log);
    resource_log_unavailable(the_log, id, "no permission");
    cr_expect_eq(encode(1, false), 0);
    resource_log_unavailable(the_log, id, NULL);
    cr_expect_eq(encode(1, false), 1);
    decode(&found, 0, NULL);
    cr_expect_str_eq(found.reason, "");
    resource_log_written(the_log);
    memset(reason, 'x', sizeof reason - 1);
    reason[sizeof reason - 1] = '\0';
    resource_log_unavailable(the_log, id, reason);
    encode(1, false);
    decode(&found, 0, NULL);
    cr_expect_eq(strlen(found.reason), 95);
}

/* 1500 threads have more series than there is room for, and ask for theirs again at each look. */
Test(resource_log, who_finds_no_room_searches_for_none)
{
    uint32_t id, last = 0, count = 0;
    resource_log_moment(the_log, 1 * MS);
    while ((id = resource_log_add(the_log, RESOURCE_THREAD_CPU, NULL, (int)++count)) != 0)
        last = id;
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(resource_log_add(the_log, RESOURCE_THREAD_CPU, NULL, 1), 0);
    resource_log_end(the_log, last);
    id = resource_log_add(the_log, RESOURCE_THREAD_CPU, NULL, 1);
    cr_expect_neq(id, 0, "a place is free");
    cr_expect_leq(id, 3 * count, "each search takes all numbers of a round");
}
