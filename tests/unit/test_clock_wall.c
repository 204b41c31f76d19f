/* What threads do not run is put into their rings, to the nanosecond of their clocks. */
#include "preload/clock_wall.h"
#include "preload/contract/ticks.h"
#include "preload/modules.h"
#include "preload/platform.h"
#include "preload/stack_table.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

static struct ring_slot *slot;
static pthread_t thread;
static volatile int tid;
static int ends[2];

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now = {0, 0};

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void *wait_for_byte(void *unused)
{
    char byte;
    (void)unused;
    tid = (int)syscall(SYS_gettid);
    while (read(ends[0], &byte, 1) == 1 && byte != 'x')
        ;
    return NULL;
}

/* A thread that waits, its slot, and the clock, which looks for the first time. */
static void start(void)
{
    const struct clock_wall_options options = {.max_depth = 100, .frequency = 1000};

    ring_start();
    modules_init();
    cr_assert(stack_table_init() == 0 && pipe(ends) == 0);
    if (clock_wall_init(ring, &options) != 0)
        cr_skip_test("the kernel does not tell where threads wait");
    pthread_create(&thread, NULL, wait_for_byte, NULL);
    while (!tid)
        usleep(1000);
    usleep(10000);
    clock_wall_look(clock_ns(CLOCK_MONOTONIC));
    slot = ring_claim_slot(ring);
    slot->tid = tid;
    slot->start_ns = clock_ns(CLOCK_MONOTONIC);
    slot->cpu_start_ns = clock_ns(platform_thread_clock(tid));
    __atomic_store_n(&slot->state, RING_SLOT_LIVE, __ATOMIC_RELEASE);
}

static void stop(void)
{
    cr_assert_eq(write(ends[1], "x", 1), 1);
    pthread_join(thread, NULL);
    clock_wall_release();
    ring_stop();
}

struct sums {
    uint64_t all_ns, with_stack_ns, runnable_ns, last_ns;
    uint64_t on_ns, wall_ns; /* of the thread since its slot's start */
    unsigned count, stacks;
};

static struct sums sum_up(void)
{
    struct sums sums = {0};
    uint32_t stack = 0;

    for (uint64_t at = slot->consumed; at < slot->reserved;) {
        const struct ring_offcpu *record = (const void *)(slot->data + at % RING_DATA_SIZE);
        if ((record->commit & 0xff) == RING_OFFCPU) {
            sums.count++;
            sums.all_ns += record->length_ns;
            sums.last_ns = record->time_ns;
            if (record->state == TRACE_OFFCPU_RUNNABLE)
                sums.runnable_ns += record->length_ns;
            else if (record->stack >= TRACE_STACK_FIRST)
                sums.with_stack_ns += record->length_ns;
            if (record->stack >= TRACE_STACK_FIRST)
                sums.stacks += record->stack != stack;
            stack = record->stack;
        }
        at += record->commit >> 8;
    }
    sums.on_ns = clock_ns(platform_thread_clock(tid)) - slot->cpu_start_ns;
    sums.wall_ns = sums.last_ns - slot->start_ns;
    return sums;
}

static void look_for(unsigned ms, int poke)
{
    for (unsigned i = 0; i < ms; i++) {
        usleep(1000);
        if (poke && i % 20 == 0)
            cr_assert_eq(write(ends[1], "-", 1), 1);
        clock_wall_look(1); /* is on already */
    }
}

TestSuite(clock_wall, .init = start, .fini = stop, .timeout = 30);

Test(clock_wall, one_block_is_one_stack_and_all_of_the_time)
{
    look_for(300, 0);
    clock_wall_settle(true);
    struct sums sums = sum_up();
    cr_assert_eq(sums.stacks, 1);
    cr_assert_leq(sums.all_ns + sums.on_ns, sums.wall_ns + 1000000);
    cr_assert_geq((sums.all_ns + sums.on_ns) * 100, sums.wall_ns * 99);
    cr_assert_geq(sums.with_stack_ns * 100, sums.wall_ns * 99);
    cr_assert_leq(sums.count, 2, "periods of one block are one record");
}

Test(clock_wall, sums_hold_while_the_thread_runs_now_and_then)
{
    look_for(400, 1);
    clock_wall_settle(true);
    struct sums sums = sum_up();
    cr_assert_gt(sums.count, 3);
    cr_assert_eq(sums.stacks, 1);
    cr_assert_leq(sums.all_ns, sums.wall_ns);
    cr_assert_geq((sums.all_ns + sums.on_ns) * 100, sums.wall_ns * 99);
}

/* The thread is in a hook's wait that began so long ago. */
static void begin_wait(uint64_t ago_ns)
{
    ring->wait_threshold_ns = 50000;
    ring->wait_clock = TICKS_MONOTONIC;
    ring->wait_ns = clock_ns(CLOCK_MONOTONIC);
    ring->wait_ticks = ring->wait_ns >> 3;
    slot->waiting.ticks = (ring->wait_ns - ago_ns) >> 3;
    ring->wait_ns -= 1000000000, ring->wait_ticks -= 125000000;
    slot->waiting.kind = TRACE_WAIT_READ;
}

Test(clock_wall, waits_that_hooks_tell_of_are_theirs)
{
    begin_wait(0);
    look_for(200, 0);
    slot->waiting.hooked_ns = clock_ns(CLOCK_MONOTONIC) - slot->start_ns;
    slot->waiting.kind = 0; /* as it ends: the thread still sleeps, where no hook sees it */
    uint64_t hooked = slot->waiting.hooked_ns;
    look_for(200, 0);
    clock_wall_settle(true);
    struct sums sums = sum_up();
    cr_assert_leq(sums.all_ns + hooked, sums.wall_ns + 2000000);
    cr_assert_geq((sums.all_ns + hooked) * 100, sums.wall_ns * 98);
    cr_assert_eq(sums.stacks, 1);
}

Test(clock_wall, a_long_wait_of_a_hook_has_a_stack_before_it_is_over)
{
    begin_wait(0);
    look_for(10, 0);
    cr_assert_neq(slot->waiting.stack_ticks, slot->waiting.ticks, "not yet");
    look_for(100, 0);
    cr_assert_eq(slot->waiting.stack_ticks, slot->waiting.ticks);
    cr_assert_geq(slot->waiting.stack, TRACE_STACK_FIRST);
}

Test(clock_wall, waits_too_short_to_be_told_of_are_looked_at)
{
    begin_wait(0);
    ring->wait_threshold_ns = 3600000000000;
    look_for(200, 0);
    clock_wall_settle(true);
    struct sums sums = sum_up();
    cr_assert_geq(sums.with_stack_ns * 100, sums.wall_ns * 98);
}

Test(clock_wall, a_thread_that_left_is_handed_over_with_its_last_time)
{
    look_for(50, 0);
    slot->cpu_end_ns = clock_ns(platform_thread_clock(tid));
    slot->end_ns = clock_ns(CLOCK_MONOTONIC);
    slot->state = RING_SLOT_LEAVING;
    clock_wall_settle(false);
    cr_assert_eq(slot->state, RING_SLOT_ENDED);
    struct sums sums = sum_up();
    cr_assert_eq(sums.last_ns, slot->end_ns);
    cr_assert_eq(sums.all_ns + slot->cpu_end_ns - slot->cpu_start_ns, slot->end_ns - slot->start_ns,
                 "to the nanosecond");
}

Test(clock_wall, a_thread_nobody_looked_at_is_accounted_for)
{
    slot->cpu_end_ns = slot->cpu_start_ns + 400;
    slot->end_ns = slot->start_ns + 1000;
    slot->state = RING_SLOT_LEAVING;
    clock_wall_settle(false);
    cr_assert_eq(slot->state, RING_SLOT_ENDED);
    cr_assert_eq(sum_up().all_ns, 600);
    cr_assert_eq(sum_up().with_stack_ns, 0);
}

Test(clock_wall, a_full_ring_keeps_the_thread_until_there_is_room)
{
    struct ring_slot *full = slot;

    look_for(30, 0);
    while (ring_reserve_sigsafe(full, 8) != NULL)
        ;
    full->cpu_end_ns = clock_ns(platform_thread_clock(tid));
    full->end_ns = clock_ns(CLOCK_MONOTONIC);
    full->state = RING_SLOT_LEAVING;
    clock_wall_settle(false);
    cr_assert_eq(full->state, RING_SLOT_LEAVING);
    memset(full->data, 0, sizeof(full->data));
    full->consumed = full->reserved;
    clock_wall_settle(false);
    cr_assert_eq(full->state, RING_SLOT_ENDED);
    cr_assert_eq(sum_up().all_ns + full->cpu_end_ns - full->cpu_start_ns,
                 full->end_ns - full->start_ns);
}

Test(clock_wall, what_passes_while_sampling_is_off_does_not_count)
{
    look_for(50, 0);
    clock_wall_look(0);
    struct sums before = sum_up();
    usleep(200000);
    uint64_t resumed = clock_ns(CLOCK_MONOTONIC);
    clock_wall_look(resumed);
    look_for(50, 0);
    clock_wall_settle(true);
    struct sums after = sum_up();
    cr_assert_leq(after.all_ns - before.all_ns, after.last_ns - resumed + 1000000);
    cr_assert_gt(after.all_ns, before.all_ns);
}

/* The servant may first run long after the library's constructor. */
Test(clock_wall, a_thread_that_began_before_the_first_look_counts_from_its_start)
{
    clock_wall_look(0);
    struct sums before = sum_up();
    uint64_t enabled = clock_ns(CLOCK_MONOTONIC);
    slot->start_ns = enabled + 1000;
    slot->cpu_start_ns = clock_ns(platform_thread_clock(tid));
    usleep(100000);
    clock_wall_look(enabled);
    look_for(50, 0);
    clock_wall_settle(true);
    struct sums sums = sum_up();
    uint64_t off_ns = sums.all_ns - before.all_ns;
    cr_assert_leq(off_ns, sums.wall_ns);
    cr_assert_geq((off_ns + sums.on_ns) * 100, sums.wall_ns * 99);
}
