/* Waits, from hooks to entries and records. */
#include "preload/main_stack.h"
#include "preload/sampler.h"
#include "preload/stack_table.h"
#include "preload/threads.h"
#include "preload/unwind_rules.h"
#include "preload/waits.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000ull
#define RECORD ((uint32_t)sizeof(struct ring_wait))

static struct ring_slot *slot;

static void start(void)
{
    const struct sampler_options options = {.max_depth = 64};
    const struct stack_bounds bounds = main_stack_bounds();

    ring_start();
    cr_assert_eq(sampler_init(&options), 0);
    cr_assert_eq(threads_init(ring, &clock_cpu, 1000000), 0);
    cr_assert_eq(stack_table_init(), 0);
    sampler_use_ring(ring);
    waits_init(1000000);
    waits_use_ring(ring);
    threads_attach_self(&bounds);
    sampler_enable(true);
    slot = threads_current_sigsafe()->slot;
}

static void stop(void)
{
    threads_disarm_all();
    ring_stop();
}

TestSuite(waits, .init = start, .fini = stop);

static const struct ring_wait *entry_of(uint64_t object)
{
    for (uint32_t i = 0; i < RING_WAITS; i++)
        if (slot->waits[i].commit && slot->waits[i].object == object)
            return &slot->waits[i];
    return NULL;
}

static uint32_t entries(void)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < RING_WAITS; i++)
        count += slot->waits[i].commit != 0;
    return count;
}

/* Records of waits in the ring, and the last one for `object`. */
static uint32_t records_of(uint64_t object, const struct ring_wait **last)
{
    uint32_t count = 0;
    for (uint64_t at = slot->consumed; at < slot->reserved;) {
        uint32_t word = *(uint32_t *)(slot->data + at % RING_DATA_SIZE);
        cr_assert(word, "committed");
        const struct ring_wait *wait = (const void *)(slot->data + at % RING_DATA_SIZE);
        if ((word & 0xff) == RING_WAIT) {
            count++;
            *last = wait->object == object ? wait : *last;
        }
        at += word >> 8;
    }
    return count;
}

static uint32_t records(void)
{
    const struct ring_wait *none = NULL;
    return records_of(0, &none);
}

/* The wait for `object`: an entry, or a record where it took so long that it was told at once, as a
 * sleep of 3 ms may on a busy machine. */
static const struct ring_wait *told_of(uint64_t object)
{
    const struct ring_wait *wait = entry_of(object);
    if (!wait)
        records_of(object, &wait);
    return wait;
}

static struct ring_wait wait_of(uint64_t object, uint64_t begin_ns, uint64_t length_ns)
{
    return (struct ring_wait){.stack = TRACE_STACK_FIRST,
                              .kind = TRACE_WAIT_MUTEX,
                              .object = object,
                              .count = 1,
                              .begin_ns = begin_ns,
                              .end_ns = begin_ns + length_ns,
                              .total_ns = length_ns,
                              .longest_ns = length_ns,
                              .bytes = 3};
}

static void add(uint64_t object, uint64_t begin_ns, uint64_t length_ns)
{
    const struct ring_wait wait = wait_of(object, begin_ns, length_ns);

    waits_add(slot, &wait);
}

static void fill_ring(uint64_t left)
{
    while (slot->reserved - slot->consumed + left < RING_DATA_SIZE)
        ring_commit_sigsafe(ring_reserve_sigsafe(slot, 8), 8, RING_PAD);
}

Test(waits, what_is_alike_is_one)
{
    add(1, 1000, MS);
    add(1, 1000 + 2 * MS, 3 * MS);
    add(1, 1000 + 6 * MS, 2 * MS);
    add(2, 1000 + 8 * MS, MS);
    const struct ring_wait *entry = entry_of(1);
    cr_assert(entry && entries() == 2 && records() == 0);
    cr_assert_eq(entry->commit % 2, 0);
    cr_assert_eq(entry->count, 3);
    cr_assert_eq(entry->total_ns, 6 * MS);
    cr_assert_eq(entry->longest_ns, 3 * MS);
    cr_assert_eq(entry->begin_ns, 1000);
    cr_assert_eq(entry->end_ns, 1000 + 8 * MS);
    cr_assert_eq(entry->bytes, 9);
}

Test(waits, every_part_of_the_key_counts)
{
    struct ring_wait wait = wait_of(1, 1000, MS);

    waits_add(slot, &wait);
    wait.stack++;
    waits_add(slot, &wait);
    wait.kind++;
    waits_add(slot, &wait);
    wait.peer++;
    waits_add(slot, &wait);
    wait.region++;
    waits_add(slot, &wait);
    cr_assert_eq(entries(), 5);
}

Test(waits, a_long_one_is_told_at_once_until_the_ring_is_half_full)
{
    add(1, 1000, 10 * MS);
    cr_assert(records() == 1 && entries() == 0);
    fill_ring(RING_DATA_SIZE / 2);
    add(1, 2000, 10 * MS);
    cr_assert(records() == 1 && entries() == 1);
}

Test(waits, an_old_entry_leaves_with_the_next_wait)
{
    add(1, 1000, MS);
    add(2, 1000 + 900 * MS, MS);
    cr_assert(records() == 0 && entries() == 2);
    add(3, 1000 + 1100 * MS, MS);
    cr_assert(records() == 1 && entries() == 2 && !entry_of(1));
}

Test(waits, where_no_entry_is_left_the_one_longest_unused_goes)
{
    for (uint64_t i = 0; i < RING_WAITS; i++)
        add(i + 1, 1000 + i, MS);
    add(1, 5000, MS);
    add(100, 6000, MS);
    cr_assert(records() == 1 && entries() == RING_WAITS);
    cr_assert(entry_of(1) && entry_of(100) && !entry_of(2));
}

Test(waits, in_a_full_ring_what_is_alike_still_adds_up_and_the_rest_is_counted)
{
    fill_ring(0);
    for (uint64_t i = 0; i < RING_WAITS; i++)
        add(i + 1, 1000 + i, MS);
    add(1, 5000, 20 * MS);
    cr_assert_eq(entry_of(1)->total_ns, 21 * MS);
    cr_assert_eq(ring->waits_lost, 0);
    add(100, 6000, MS);
    cr_assert_eq(ring->waits_lost, 1);
    cr_assert_eq(entries(), RING_WAITS);
    for (uint32_t i = 0; i < RING_WAITS; i++)
        cr_assert_eq(slot->waits[i].commit % 2, 0, "as it was");
}

/* An entry used again has other numbers: who read half of it before is not deceived. */
Test(waits, an_entry_used_again_is_not_mistaken_for_the_one_before)
{
    add(1, 1000, MS);
    const struct ring_wait *entry = entry_of(1);
    uint32_t number = entry->commit;
    add(1, 1001, MS);
    cr_assert_neq(entry->commit, number);
    add(2, 1000 + 1100 * MS, MS);
    cr_assert(entry->commit != number && entry->commit != 0 && entry->object == 2);
}

/* --- from a hook ------------------------------------------------------------------ */

static void sleep_ms(long ms)
{
    const struct timespec time = {.tv_nsec = ms * (long)MS};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

static void end(struct wait *wait, uint64_t object, const void *caller)
{
    const struct waits_facts facts = {
        .kind = TRACE_WAIT_SLEEP, .peer = 7, .object = object, .bytes = 5, .caller = caller};
    uint64_t ended;

    if (waits_end(wait, &ended))
        waits_record(wait, ended, &facts);
}

#define ELSEWHERE ((const void *)16) /* outside this program */

Test(waits, a_hook_tells_how_long_it_took_and_where)
{
    struct wait wait;

    waits_begin(&wait, TRACE_WAIT_SLEEP, 9, 7);
    cr_assert(slot->waiting.kind == TRACE_WAIT_SLEEP && slot->waiting.object == 9 &&
              slot->waiting.peer == 7 && slot->waiting.ticks);
    sleep_ms(3);
    errno = ENOTTY;
    end(&wait, 9, ELSEWHERE);
    cr_assert_eq(errno, ENOTTY);
    cr_assert_eq(slot->waiting.kind, 0);
    const struct ring_wait *entry = told_of(9);
    cr_assert(entry && entry->kind == TRACE_WAIT_SLEEP && entry->peer == 7 && entry->bytes == 5);
    cr_assert_geq(entry->stack, TRACE_STACK_FIRST);
    cr_assert_geq(entry->total_ns, 29 * MS / 10);
    cr_assert_eq(entry->end_ns - entry->begin_ns, entry->total_ns);
    cr_assert_eq(slot->waiting.hooked_ns, entry->total_ns);
}

Test(waits, what_is_short_or_our_own_or_not_wanted_is_not_told)
{
    struct wait wait;

    waits_begin(&wait, TRACE_WAIT_SLEEP, 9, 0);
    end(&wait, 9, ELSEWHERE);
    waits_begin(&wait, TRACE_WAIT_SLEEP, 9, 0);
    sleep_ms(2);
    end(&wait, 9, (const void *)&start); /* the test and the library are one program */
    sampler_enable(false);
    waits_begin(&wait, TRACE_WAIT_SLEEP, 9, 0);
    sleep_ms(2);
    end(&wait, 9, ELSEWHERE);
    cr_assert(entries() == 0 && records() == 0 && slot->waiting.hooked_ns == 0);
}

static __attribute__((noinline)) void wait_within(void)
{
    struct wait inner;

    waits_begin(&inner, TRACE_WAIT_SLEEP, 2, 0);
    sleep_ms(3);
    end(&inner, 2, ELSEWHERE);
}

Test(waits, a_wait_within_a_wait_is_told_once)
{
    struct wait outer;

    waits_begin(&outer, TRACE_WAIT_SLEEP, 1, 0);
    uint64_t ticks = slot->waiting.ticks;
    sleep_ms(2);
    wait_within();
    cr_assert(slot->waiting.kind == TRACE_WAIT_SLEEP && slot->waiting.object == 1 &&
                  slot->waiting.ticks == ticks,
              "it is in the outer one again");
    end(&outer, 1, ELSEWHERE);
    const struct ring_wait *inner = told_of(2), *around = told_of(1);
    cr_assert(inner && around);
    uint64_t span = around->end_ns - around->begin_ns;
    cr_assert_eq(around->total_ns + inner->total_ns, span);
    cr_assert_eq(slot->waiting.hooked_ns, span);
}

/* What hooks have on the stack comes below. */
static __attribute__((noinline)) void wait_and_leave(void)
{
    struct wait wait;

    waits_begin(&wait, TRACE_WAIT_SLEEP, 1, 0);
}

Test(waits, one_that_was_left_is_nobodys)
{
    struct wait wait;

    wait_and_leave();
    cr_assert_eq(slot->waiting.object, 1);
    waits_met_sigsafe(threads_current_sigsafe(), slot->waiting.sp - 64);
    cr_assert_eq(slot->waiting.kind, TRACE_WAIT_SLEEP, "met within it");
    waits_begin(&wait, TRACE_WAIT_SLEEP, 2, 0);
    sleep_ms(2);
    end(&wait, 2, ELSEWHERE);
    cr_assert(slot->waiting.kind == 0 && told_of(2));
    wait_and_leave();
    waits_met_sigsafe(threads_current_sigsafe(), (uint64_t)__builtin_frame_address(0));
    cr_assert_eq(slot->waiting.kind, 0);
}

/* As if what lies above were a handler's own stack. */
Test(waits, on_another_stack_it_is_not_known_that_one_was_left)
{
    struct stack_bounds *bounds = &threads_current_sigsafe()->bounds;
    struct wait inner;

    wait_and_leave();
    bounds->high = slot->waiting.sp + 8;
    waits_begin(&inner, TRACE_WAIT_POLL, 2, 0);
    cr_assert_eq(slot->waiting.object, 2);
    end(&inner, 2, ELSEWHERE);
    cr_assert(slot->waiting.kind == TRACE_WAIT_SLEEP && slot->waiting.object == 1,
              "it may be in that one still");
    waits_met_sigsafe(threads_current_sigsafe(), (uint64_t)__builtin_frame_address(0));
    cr_assert_eq(slot->waiting.kind, TRACE_WAIT_SLEEP);
}

Test(waits, a_thread_that_ends_in_a_wait_tells_of_it)
{
    wait_and_leave();
    sleep_ms(2);
    threads_detach_self();
    cr_assert_null(waits_place);
    const struct ring_wait *entry = told_of(1);
    cr_assert(entry && entry->stack == TRACE_STACK_COMPLETE && entry->count == 1);
    cr_assert_geq(entry->total_ns, 19 * MS / 10);
}

Test(waits, who_is_not_profiled_any_more_ends_nothing)
{
    struct wait wait;
    uint64_t ended;

    waits_begin(&wait, TRACE_WAIT_SLEEP, 1, 0);
    waits_forget();
    cr_assert_not(waits_end(&wait, &ended));
    waits_begin(&wait, TRACE_WAIT_SLEEP, 1, 0);
    cr_assert_null(wait.place);
    cr_assert_not(waits_end(&wait, &ended));
}
