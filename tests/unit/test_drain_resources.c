/* Resources in the drain: when they are written, what becomes of them where there is no room. */
#include "preload/contract/drain_resources.h"

#include "preload/contract/drain_due.h"
#include "preload/contract/libc_clock.h"
#include "tests/unit/drain_fixture.h"

#include <criterion/criterion.h>
#include <errno.h>

#define MS 1000000ull

static struct resource_log *the_log;
static uint32_t id;
static int64_t value;

static void start(void)
{
    drain_start();
    the_log = drain.resources = resource_log_new();
    id = resource_log_add(the_log, RESOURCE_PROCESS_RSS, NULL, 0);
}

static void stop(void)
{
    drain_stop();
    resource_log_free(the_log);
}

TestSuite(drain_resources, .init = start, .fini = stop);

static void look(uint64_t ago_ms)
{
    resource_log_moment(the_log, libc_clock_now_sigsafe() - ago_ms * MS);
    resource_log_put(the_log, id, ++value);
}

static uint64_t take_varint(const uint8_t **at)
{
    uint64_t number = 0;
    unsigned shift = 0;
    do
        number |= (uint64_t)(**at & 0x7f) << shift;
    while (shift += 7, *(*at)++ & 0x80);
    return number;
}

/* Records of the kind in the chunk made last; the property's text in `text`. */
static unsigned records_of(enum trace_tag tag, const char *property)
{
    unsigned count = 0;
    for (const uint8_t *at = drain.payload.bytes; at < drain.payload.bytes + drain.payload.size;) {
        uint64_t its = take_varint(&at), size = take_varint(&at);
        bool same = !property || (size > strlen(property) + 1 &&
                                  memcmp(at + 1, property, strlen(property)) == 0);
        count += its == tag && same;
        at += size;
    }
    return count;
}

static bool is_due(void)
{
    return drain_is_due(&drain, 60000 * MS, 100 * MS, 0);
}

Test(drain_resources, they_wait_for_a_pass_and_at_last_ask_for_one)
{
    look(9000);
    cr_expect_not(is_due());
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_expect_eq(records_of(TRACE_RESOURCES, NULL), 1, "the first soon");
    look(2000);
    look(1000);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_expect_eq(records_of(TRACE_RESOURCES, NULL), 0, "not with every one");
    resource_log_want(the_log);
    cr_expect(is_due());
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_expect_eq(records_of(TRACE_RESOURCES, NULL), 1);
    cr_expect_eq(records_of(TRACE_RESOURCE, NULL), 0, "defined in this epoch");
    cr_expect_not(is_due());
}

Test(drain_resources, what_waited_for_long_makes_a_chunk_of_its_own)
{
    look(11000);
    cr_expect(is_due());
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_expect_eq(drain.chunks_written, 1);
    cr_expect(drain.time_first && drain.time_first <= libc_clock_now_sigsafe() - 10900 * MS);
    cr_expect_not(is_due());
}

Test(drain_resources, the_end_has_what_waited)
{
    look(1);
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXIT, 0, 1), 0);
    cr_expect_eq(records_of(TRACE_RESOURCES, NULL), 1);
    cr_expect_eq(records_of(TRACE_END, NULL), 1);
}

Test(drain_resources, a_write_that_fails_loses_nothing)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    look(11000);
    cr_expect_eq(drain_pass(&drain, full, 1), -ENOSPC);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_expect_eq(records_of(TRACE_RESOURCES, NULL), 1);
    cr_expect_eq(records_of(TRACE_RESOURCE, NULL), 1);
    cr_expect_eq(resource_log_lost(the_log), 0);
    close(full);
}

Test(drain_resources, where_the_trace_is_full_they_are_counted)
{
    ring->max_size = 64u << 10;
    for (unsigned i = 0; i < 2000 && !drain.full; i++) {
        for (unsigned j = 0; j < 1000; j++) {
            value += (int64_t)(i * 2654435761u + j * 40503u) >> 3;
            look(0);
        }
        resource_log_want(the_log);
        cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    }
    cr_assert(drain.full);
    look(0);
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXIT, 0, 1), 0);
    cr_expect_gt(resource_log_lost(the_log), 1);
    cr_expect_eq(records_of(TRACE_PROPERTY, "resources_lost"), 1);
    cr_expect_eq(records_of(TRACE_END, NULL), 1);
    cr_assert(read_whole("trace.pinj"));
    cr_expect_eq(found.end, TRACE_END_EXIT);
}

Test(drain_resources, an_epoch_defines_them_again)
{
    unsigned defined = 0;
    for (unsigned i = 0; i < 70; i++) {
        look(1);
        resource_log_want(the_log);
        cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
        defined += records_of(TRACE_RESOURCE, NULL);
    }
    cr_expect_eq(defined, 3);
}
