/* The nap: who wakes it, once, and when a handler may. */
#include "preload/modules.h"
#include "preload/nap.h"
#include "preload/ring.h"
#include "preload/stack_memory.h"
#include "preload/unwind_libunwind.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <gnu/libc-version.h>

static struct thread thread;
static struct ring_slot slot;
static int woken, stirred;

static void wake(void)
{
    woken++;
    errno = EIO;
    nap_end();
}

static void start(void)
{
    modules_init();
    libunwind_init();
    thread.slot = &slot;
    thread.bounds = (struct stack_bounds){(uint64_t)&thread, UINT64_MAX};
    thread.bounds.low = 0;
    nap_begin(wake, 0);
}

TestSuite(nap, .init = start);

/* A walk of the test's own code, `top` the innermost, its last three frames the root's. */
static void walk_from(uint64_t top)
{
    const uint64_t own = (uint64_t)&walk_from << TRACE_NODE_BITS;
    const uint64_t libc = (uint64_t)&gnu_get_libc_version << TRACE_NODE_BITS;
    const uint64_t codes[] = {top << TRACE_NODE_BITS, own, libc, libc, own};

    thread.walk.root = TRACE_STACK_COMPLETE;
    thread.walk.reused = 0;
    thread.walk.depth = 5;
    memcpy(thread.walk.codes, codes, sizeof(codes));
}

Test(nap, ordinary_code_wakes_it_once_and_keeps_errno)
{
    errno = 0;
    cr_assert(nap_is_on_sigsafe());
    nap_wake();
    nap_wake();
    cr_assert_eq(woken, 1);
    cr_assert_eq(errno, 0);
    cr_assert_not(nap_is_on_sigsafe());
}

Test(nap, a_sample_sends_the_next_allocation_the_slow_way)
{
    static struct ring_memory memory;
    walk_from((uint64_t)&gnu_get_libc_version);
    threads_memory_pointer = &memory;
    slot.samples = 1;
    nap_note_sample_sigsafe(&thread);
    cr_assert_null(threads_memory_pointer);
    cr_assert_eq(woken, 0);
}

Test(nap, in_a_handler_it_is_woken_late_and_only_outside_the_c_library)
{
    slot.samples = 100;
    walk_from((uint64_t)&gnu_get_libc_version);
    nap_note_sample_sigsafe(&thread);
    cr_assert_eq(woken, 0, "the C library is at work");
    walk_from(16);
    nap_note_sample_sigsafe(&thread);
    cr_assert_eq(woken, 0, "nobody knows what that is");
    walk_from(modules_loader_sigsafe());
    nap_note_sample_sigsafe(&thread);
    cr_assert_eq(woken, 0, "the loader is at work");
    /* The test is linked with the library: what is ours is the whole program here. */
    thread.walk.root = TRACE_STACK_BROKEN;
    nap_note_sample_sigsafe(&thread);
    cr_assert_eq(woken, 0, "who called is not known");
}

/* Of the own code again, but for `at` in its place. */
static void replace_frame(uint32_t at, uint64_t pc)
{
    const uint64_t plugin = (uint64_t)&cr_log << TRACE_NODE_BITS; /* a module like any other */
    walk_from(0);
    for (uint32_t i = 0; i < 5; i++)
        thread.walk.codes[i] = plugin;
    thread.walk.codes[at] = pc << TRACE_NODE_BITS;
}

Test(nap, in_a_handler_it_is_woken_where_nobody_holds_a_lock_it_needs)
{
    slot.samples = 100;
    replace_frame(0, (uint64_t)&cr_log);
    thread.walk.cause = TRACE_UNWINDING_NO_TABLE;
    nap_note_sample_sigsafe(&thread);
    cr_assert_eq(woken, 0, "frames were guessed: some may be missing");
    thread.walk.cause = 0;

    replace_frame(0, (uint64_t)&gnu_get_libc_version);
    thread.walk.depth = 3;
    nap_note_sample_sigsafe(&thread);
    cr_assert_eq(woken, 0, "the C library is at work, at the root");

    if (libunwind_is_there()) {
        replace_frame(1, (uint64_t)libunwind_calls.init_local2);
        nap_note_sample_sigsafe(&thread);
        cr_assert_eq(woken, 0, "libunwind is at work for the program");
    }

    replace_frame(4, (uint64_t)&gnu_get_libc_version);
    nap_note_sample_sigsafe(&thread);
    cr_assert_eq(woken, 1, "the root's frames are let pass");
}

static void wake_and_stay(void)
{
    woken++;
    nap_end();
}

static void stir(void)
{
    stirred++;
    errno = EIO;
    nap_begin(wake_and_stay, 0);
}

Test(nap, who_sleeps_deep_stirs_once_and_naps_on)
{
    nap_begin_deep(stir);
    errno = 0;
    cr_assert(nap_is_deep_sigsafe());
    cr_assert(nap_is_on_sigsafe());
    nap_stir();
    nap_stir();
    cr_assert_eq(stirred, 1);
    cr_assert_eq(errno, 0);
    cr_assert_not(nap_is_deep_sigsafe());
    cr_assert(nap_is_on_sigsafe());
    cr_assert_eq(woken, 0);
}

Test(nap, who_is_woken_from_deep_sleep_stirs_first)
{
    nap_begin_deep(stir);
    nap_wake();
    cr_assert_eq(stirred, 1);
    cr_assert_eq(woken, 1);
    cr_assert_not(nap_is_on_sigsafe());
}

Test(nap, who_may_end_without_stirring_does_not_any_more)
{
    nap_begin_deep(stir);
    cr_assert(nap_end_deep());
    cr_assert_not(nap_end_deep());
    nap_stir_sigsafe();
    cr_assert_eq(stirred, 0);
}
