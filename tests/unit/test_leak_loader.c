/* Unit tests of analyzer/load/leak_loader.c, by whole traces made by hand. */
#include "analyzer/load/leak_loader.h"
#include "analyzer/load/load.h"
#include "tests/unit/scratch.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>

#define BREAK 0x555500000000ull
#define BLOCKS 4 /* of 64 bytes, 0x100 apart, at microseconds 10, 20, ... */

static struct profile *profile;

static void make_allocations(struct bytes *payload)
{
    struct bytes body = {0};

    put_varint(&body, 1);
    put_varint(&body, 10000);
    put_varint(&body, BLOCKS);
    for (int i = 0; i < BLOCKS; i++)
        put_varint(&body, i == 0 ? 0 : 10000);
    for (int i = 0; i < BLOCKS; i++)
        put_varint(&body, 3);
    for (int i = 0; i < BLOCKS; i++)
        put_svarint(&body, i == 0 ? (int64_t)BREAK : 0x100);
    for (int i = 0; i < BLOCKS; i++)
        put_varint(&body, 8);
    for (int i = 0; i < BLOCKS; i++)
        put_varint(&body, 64);
    for (int i = 0; i < BLOCKS; i++)
        put_varint(&body, 0);
    put_record(payload, 20, &body);
    put_varint(&body, 90000);
    put_varint(&body, 0);
    put_record(payload, 21, &body);
}

/* One word. */
static void make_word(struct bytes *payload, unsigned kind, uint64_t address, uint64_t value)
{
    struct bytes body = {0};

    put_varint(&body, kind);
    put_varint(&body, 0);
    put_varint(&body, address);
    put_varint(&body, 8);
    put_varint(&body, 0);
    put_string(&body, "", 0);
    put_varint(&body, 0);
    put_svarint(&body, (int64_t)value);
    put_record(payload, 28, &body);
}

static void make_scan(struct bytes *payload, uint64_t begin)
{
    const uint64_t values[] = {begin, 5, 4096, 0, 1, 0, 0, 1};
    struct bytes body = {0};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        put_varint(&body, values[i]);
    put_record(payload, 29, &body);
}

/* The scan begins at `begin`, 0: there is none. */
static void load(uint64_t begin)
{
    const struct made_node node = {8, 0, 0x11001, 0};
    const struct load_options options = {.no_symbols = true, .leaks = true};
    const char *path = "made.pinj";
    struct bytes payload = {0}, file = {0};
    struct problem problem;

    make_property(&payload, "comm", "made");
    make_property(&payload, "pid", "100");
    make_property(&payload, "heap", "sampled");
    make_property(&payload, "heap_interval", "1");
    make_property(&payload, "start_monotonic_ns", "1000");
    make_thread(&payload, 1, 100, 1000, "main");
    make_stacks(&payload, 0, &node, 1);
    make_allocations(&payload);
    if (begin > 0) {
        make_word(&payload, 1, 0x400000, BREAK);
        make_word(&payload, 2, BREAK + 0x100, BREAK + 0x200);
        make_scan(&payload, begin);
    }
    make_end(&payload, 1, 0, 100000, 1);
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 0});
    make_file(path, &file);
    bytes_free(&file);
    cr_assert_eq(load_profile(&path, 1, &options, &profile, &problem), 0, "%s", problem.text);
}

static void stop(void)
{
    profile_free(profile);
    scratch_release();
}

static long blocks_of(enum leak_kind kind)
{
    double count = 0;

    for (size_t i = 0; i < profile->leak_count; i++)
        if (profile->leaks[i].kind == kind)
            count += profile->leaks[i].amount.count.total;
    return (long)(count + 0.5);
}

TestSuite(leak_loader, .init = scratch_init, .fini = stop);

Test(leak_loader, without_a_scan_nothing_is_said_of_what_is_not_freed)
{
    load(0);
    cr_assert_eq(profile->leak_count, 1);
    cr_expect_eq(blocks_of(LEAK_UNKNOWN), BLOCKS);
    cr_expect_eq(profile->leaks[0].first_ns, 10000);
    cr_expect_eq(profile->leaks[0].last_ns, 40000);
    cr_expect_not(profile->processes[0].heap.scan.done);
}

Test(leak_loader, a_scan_divides_them)
{
    load(95000);
    cr_expect_eq(blocks_of(LEAK_UNKNOWN), 0);
    cr_expect_eq(blocks_of(LEAK_REACHABLE), 1);
    cr_expect_eq(blocks_of(LEAK_INDIRECT), 1);
    cr_expect_eq(blocks_of(LEAK_DIRECT), 2);
    const struct profile_leak_scan *scan = &profile->processes[0].heap.scan;
    cr_expect(scan->done && scan->complete && scan->whole && scan->bytes == 4096);
}

Test(leak_loader, what_came_after_the_scan_began_is_not_judged)
{
    load(35000);
    cr_expect_eq(blocks_of(LEAK_REACHABLE), 2);
    cr_expect_eq(blocks_of(LEAK_DIRECT), 1);
}
