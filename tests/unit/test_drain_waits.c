/* Waits, scheduling and objects, from rings and slots to what a reader finds. */
#include "preload/contract/scheduling.h"
#include "preload/contract/ticks.h"
#include "tests/unit/drain_fixture.h"

#include <criterion/criterion.h>
#include <unistd.h>

static struct trace_waits waits[512];
static struct trace_scheduling times[16];
static struct trace_waited_object objects[16];
static char names[16][RING_OBJECT_NAME];
static size_t wait_count, time_count, object_count;
static char lost[32];

static void on_waits(void *context, const struct trace_waits *found_waits)
{
    (void)context;
    waits[wait_count++] = *found_waits;
}

static void on_scheduling(void *context, const struct trace_scheduling *scheduling)
{
    (void)context;
    times[time_count++] = *scheduling;
}

static void on_object(void *context, const struct trace_waited_object *object)
{
    (void)context;
    snprintf(names[object_count], sizeof(names[0]), "%s", object->name);
    objects[object_count++] = *object;
}

static void on_lost(void *context, const char *name, const char *value, size_t size)
{
    (void)context;
    if (strcmp(name, "waits_lost") == 0)
        snprintf(lost, sizeof(lost), "%.*s", (int)size, value);
}

static void read_waits(void)
{
    const struct trace_visitor visitor = {.epoch = on_epoch,
                                          .property = on_lost,
                                          .stack = on_stack,
                                          .waits = on_waits,
                                          .scheduling = on_scheduling,
                                          .object = on_object};
    struct trace_summary summary;
    struct problem problem;

    memset(&found, 0, sizeof(found));
    wait_count = time_count = object_count = 0;
    cr_assert_eq(trace_read("trace.pinj", &visitor, &summary, &problem), 0);
    cr_assert_eq(summary.records_dropped, 0);
    cr_assert_eq(summary.samples_dropped, 0);
}

static void put_wait(struct ring_slot *slot, struct ring_wait wait)
{
    const size_t word = sizeof(wait.commit);
    struct ring_wait *record = ring_reserve_sigsafe(slot, sizeof(*record));

    cr_assert_not_null(record);
    memcpy((char *)record + word, (char *)&wait + word, sizeof(wait) - word);
    ring_commit_sigsafe(record, sizeof(*record), RING_WAIT);
}

static void start(void)
{
    drain_start();
    ring->wait_clock = TICKS_MONOTONIC;
    ring->wait_ns = libc_clock_now_sigsafe();
    ring->wait_ticks = ticks_now_sigsafe(TICKS_MONOTONIC);
    ring->wait_threshold_ns = 50000;
}

TestSuite(drain_waits, .init = start, .fini = drain_stop);

static const struct ring_wait one = {.kind = TRACE_WAIT_MUTEX,
                                     .peer = 77,
                                     .count = 1,
                                     .object = 0x7fffdeadbeef,
                                     .begin_ns = 7000000000,
                                     .end_ns = 7000200000,
                                     .total_ns = 200000,
                                     .longest_ns = 200000};
static const struct ring_wait many = {.region = 3,
                                      .kind = TRACE_WAIT_READ,
                                      .peer = 78,
                                      .count = 5,
                                      .object = 4,
                                      .begin_ns = 6000000000,
                                      .end_ns = 6900000000,
                                      .total_ns = 800000000,
                                      .longest_ns = 300000000,
                                      .bytes = 4096};

static void check(const struct trace_waits *is, const struct ring_wait *was)
{
    cr_expect_eq(is->kind, was->kind);
    cr_expect_eq(is->peer, was->peer);
    cr_expect_eq(is->region, was->region);
    cr_expect_eq(is->count, was->count);
    cr_expect_eq(is->object, was->object);
    cr_expect_eq(is->begin_ns, was->begin_ns);
    cr_expect_eq(is->end_ns, was->end_ns);
    cr_expect_eq(is->total_ns, was->total_ns);
    cr_expect_eq(is->longest_ns, was->longest_ns);
    cr_expect_eq(is->bytes, was->bytes);
}

Test(drain_waits, every_field_comes_back)
{
    struct ring_slot *slot = invent_thread(1);
    struct ring_wait first = one, second = many;

    first.stack = invent_stack(10, 3, 1);
    second.stack = invent_stack(10, 4, 1);
    put_wait(slot, first);
    put_wait(slot, second); /* ended before the first: entries are written when they are old */
    put_wait(slot, first);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_waits();
    cr_assert_eq(wait_count, 3);
    check(&waits[0], &first);
    check(&waits[1], &second);
    check(&waits[2], &first);
    cr_assert(is_stack(waits[0].stack, 10, 3, 1));
    cr_assert(is_stack(waits[1].stack, 10, 4, 1));
    cr_assert_not(waits[0].held);
}

Test(drain_waits, a_full_ring_is_one_batch)
{
    struct ring_slot *slot = invent_thread(1);
    size_t put = 0;

    for (; slot->reserved - slot->consumed + sizeof(one) < RING_DATA_SIZE; put++)
        put_wait(slot, one);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_waits();
    cr_assert_eq(wait_count, put);
    cr_assert_eq(slot->consumed, slot->reserved);
}

Test(drain_waits, entries_of_a_thread_that_ended_are_read_once)
{
    struct ring_slot *slot = invent_thread(1);

    slot->waits[0] = one;
    slot->waits[5] = many;
    slot->waits[6] = many;
    slot->waits[0].commit = slot->waits[5].commit = 2;
    slot->waits[6].commit = 3; /* its thread was in the middle of it */
    slot->waits[0].stack = invent_stack(10, 3, 1);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_waits();
    cr_assert_eq(wait_count, 0, "it lives");
    slot->end_ns = 8000000000;
    slot->ended.known = TRACE_SCHEDULING_RUNNABLE;
    slot->begun.runnable_ns = 100;
    slot->ended.runnable_ns = 350;
    slot->ended.cpu_ns = 1000;
    slot->ended.paused_ns = 12;
    __atomic_store_n(&slot->state, RING_SLOT_ENDED, __ATOMIC_RELEASE);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_waits();
    cr_assert_eq(wait_count, 2);
    check(&waits[0], &one);
    check(&waits[1], &many);
    cr_assert(is_stack(waits[0].stack, 10, 3, 1));
    cr_assert_not(waits[0].held);
    cr_assert_eq(time_count, 1);
    cr_assert_eq(times[0].when_ns, 8000000000);
    cr_assert_eq(times[0].runnable_ns, 250);
    cr_assert_eq(times[0].cpu_ns, 1000);
    cr_assert_eq(times[0].paused_ns, 12);
}

Test(drain_waits, at_the_end_entries_of_threads_that_live_are_held)
{
    struct ring_slot *slot = invent_thread(1);

    slot->waits[0] = one;
    slot->waits[0].commit = 4;
    slot->waiting.object = 0x1234;
    slot->waiting.peer = 5;
    slot->waiting.ticks = ticks_now_sigsafe(TICKS_MONOTONIC);
    slot->waiting.kind = TRACE_WAIT_READ_LOCK;
    uint64_t began = libc_clock_now_sigsafe();
    usleep(20000);
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXIT, 0, 0), 0);
    read_waits();
    cr_assert_eq(wait_count, 2);
    check(&waits[0], &one);
    cr_assert(waits[0].held && waits[1].held);
    cr_assert_eq(waits[1].count, 0, "it is not over");
    cr_assert_eq(waits[1].kind, TRACE_WAIT_READ_LOCK);
    cr_assert_eq(waits[1].object, 0x1234);
    cr_assert_eq(waits[1].peer, 5);
    cr_assert_geq(waits[1].total_ns, 20000000);
    cr_assert_lt(waits[1].begin_ns, began + 1000000);
    cr_assert_gt(waits[1].begin_ns + 1000000, began);
}

Test(drain_waits, times_of_a_thread_that_lives_are_the_kernels)
{
    struct ring_slot *slot = invent_thread(1);
    struct ring_scheduling kernel;

    slot->tid = gettid();
    put_wait(slot, one);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    scheduling_read(0, gettid(), SCHEDULING_ALL, &kernel);
    read_waits();
    if (!(kernel.known & TRACE_SCHEDULING_RUNNABLE))
        cr_skip_test("the kernel does not count");
    cr_assert_eq(time_count, 1);
    cr_assert_eq(times[0].known, TRACE_SCHEDULING_RUNNABLE);
    cr_assert_gt(times[0].cpu_ns, 0);
    cr_assert_leq(times[0].cpu_ns, kernel.cpu_ns);
    cr_assert_leq(times[0].runnable_ns, kernel.runnable_ns);
}

Test(drain_waits, pauses_count_as_far_as_they_lie_in_the_threads_life)
{
    ring->paused_since_ns = 1000;
    scheduling_switch(ring, false, 1500);
    cr_assert_eq(scheduling_paused_ns(ring, 1600), 600);
    scheduling_switch(ring, true, 2000);
    cr_assert_eq(scheduling_paused_ns(ring, 9000), 1000);
    scheduling_switch(ring, true, 3000);
    scheduling_switch(ring, false, 4000);
    cr_assert_eq(scheduling_paused_ns(ring, 4100), 1100);

    struct ring_slot *slot = invent_thread(1);
    slot->start_ns = 4050;
    scheduling_begin(ring, slot);
    cr_assert_eq(slot->begun.paused_ns, 1050);
}

Test(drain_waits, objects_are_told_again_when_they_were_used)
{
    struct ring_slot *slot = invent_thread(1);
    struct ring_object *object = &ring->objects[1];

    cr_assert(ring_extend_objects_sigsafe(ring, 1));
    *object = (struct ring_object){.kind = TRACE_OBJECT_FILE, .identity = 99, .reads = 3};
    object->read_bytes = 300, object->reads_small = 2, object->reads_onward = 1;
    object->writes = 7, object->write_bytes = 700, object->writes_small = 6;
    object->writes_onward = 5;
    strcpy(object->name, "/some/file");
    object->used = 1;
    ring->has_object = 2;
    ring->waits_lost = 11;
    put_wait(slot, one);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    put_wait(slot, one);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_waits();
    cr_assert_eq(object_count, 1);
    cr_assert_eq(objects[0].id, 1);
    cr_assert_eq(objects[0].kind, TRACE_OBJECT_FILE);
    cr_assert_eq(objects[0].identity, 99);
    cr_assert_str_eq(names[0], "/some/file");
    cr_assert_eq(objects[0].reads.calls, 3);
    cr_assert_eq(objects[0].reads.bytes, 300);
    cr_assert_eq(objects[0].reads.small, 2);
    cr_assert_eq(objects[0].reads.onward, 1);
    cr_assert_eq(objects[0].writes.calls, 7);
    cr_assert_eq(objects[0].writes.bytes, 700);
    cr_assert_eq(objects[0].writes.small, 6);
    cr_assert_eq(objects[0].writes.onward, 5);
    cr_assert_str_eq(lost, "11");
    object->reads++;
    put_wait(slot, one);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    read_waits();
    cr_assert_eq(object_count, 2);
    cr_assert_eq(objects[1].reads.calls, 4);
}

Test(drain_waits, a_long_wait_is_told_once_its_stack_is_known)
{
    struct ring_slot *slot = invent_thread(1);

    slot->waiting.object = 7;
    slot->waiting.ticks = ticks_now_sigsafe(TICKS_MONOTONIC);
    slot->waiting.kind = TRACE_WAIT_CONDITION;
    usleep(1000);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    slot->waiting.stack = invent_stack(10, 3, 1);
    slot->waiting.stack_ticks = slot->waiting.ticks;
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    uint64_t written = ring->trace_written;
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(ring->trace_written, written, "nothing new is to be told");
    read_waits();
    cr_assert_eq(wait_count, 1);
    cr_assert_eq(waits[0].count, 0);
    cr_assert_eq(waits[0].kind, TRACE_WAIT_CONDITION);
    cr_assert(waits[0].held);
    cr_assert(is_stack(waits[0].stack, 10, 3, 1));
    slot->waiting.ticks += 5; /* another one */
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(ring->trace_written, written);
}
