/* Walks that reuse the one before, against glibc's backtrace() at the same place. */
#include "tests/unit/walks.h"

#include <criterion/criterion.h>
#include <setjmp.h>
#include <stdio.h>

#define TRAP_FLAG 0x100

static int steps_left, step_every;
static unsigned compared, wrong;

static void remember_init(void)
{
    walks_init();
    walk.remember = true;
}

TestSuite(remembered_walk, .init = remember_init);

static void on_step(int signal, siginfo_t *info, void *context)
{
    ucontext_t *interrupted = context;

    if (steps_left % step_every == 0) {
        take_walk(signal, info, context);
        compared++;
        wrong += walk.root != TRACE_STACK_COMPLETE || any_guess() || !same_as_backtrace();
    }
    if (--steps_left <= 0)
        interrupted->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

static int ascending(const void *left, const void *right)
{
    return *(const int *)left - *(const int *)right;
}

/* Calls, returns, jumps out of frames; dynamic frames that need rbp. */
NOINLINE static int wander(unsigned depth, unsigned seed)
{
    volatile char dynamic[16 + seed % 7 * 16];
    int numbers[8];

    dynamic[0] = (char)seed;
    for (unsigned i = 0; i < 8; i++)
        numbers[i] = (int)(seed * (i + 3) * 2654435761u >> 20);
    qsort(numbers, 8, sizeof(numbers[0]), ascending);
    if (depth == 0)
        return dynamic[0];
    int sum = wander(depth - 1, seed * 3 + 1);
    if (seed % 3 == 0)
        sum += wander(depth - 1, seed + 5);
    return sum + numbers[seed % 8] + dynamic[0];
}

static jmp_buf way_out;

NOINLINE static void jump_out(void)
{
    wander(1, 2);
    longjmp(way_out, 1);
}

static void wander_about(void)
{
    on(SIGTRAP, on_step, 0);
    __asm__ volatile("pushf\n orq %0, (%%rsp)\n popf" : : "i"(TRAP_FLAG) : "memory", "cc");
    for (volatile unsigned i = 0; i < 20; i++) {
        wander((unsigned)i % 5, i);
        if (setjmp(way_out) == 0)
            recurse(i % 7 + 1, jump_out);
    }
    __asm__ volatile("pushf\n andq %0, (%%rsp)\n popf" : : "i"(~TRAP_FLAG) : "memory", "cc");
}

static void check_wandering(int every)
{
    step_every = every;
    steps_left = 40000;
    compared = wrong = 0;
    reused_sum = 0;
    recurse(20, wander_about);
    cr_assert_gt(compared, 30000u / (unsigned)every);
    cr_assert_eq(wrong, 0, "%u of %u walks differ", wrong, compared);
    cr_assert_gt(reused_sum, compared * 20, "%lu frames in %u walks", (unsigned long)reused_sum,
                 compared);
}

Test(remembered_walk, agrees_with_backtrace_at_every_instruction)
{
    check_wandering(1);
}

Test(remembered_walk, agrees_with_backtrace_when_much_has_changed_in_between)
{
    check_wandering(37);
    check_wandering(411);
}

Test(remembered_walk, an_unchanged_stack_is_taken_as_it_is)
{
    for (int i = 0; i < 5; i++) {
        reused_sum = 0;
        recurse(500, raise_it);
        cr_assert(same_as_backtrace());
    }
    cr_assert_geq(reused_sum, 500);
    cr_assert_leq(walk.depth - walk.reused, 10);
}

Test(remembered_walk, the_leaf_side_of_deep_stacks_is_kept)
{
    recurse(100, raise_it);
    for (uint32_t depth = 1; depth < 40; depth++)
        cr_assert(keeps_leaf_side(depth), "%u", depth);
    recurse(REMEMBERED_MAX + 100, raise_it);
    cr_assert(same_as_backtrace());
    recurse(REMEMBERED_MAX - 20, raise_it);
    cr_assert(same_as_backtrace());
}

/* A changed return address must be noticed, wherever it is. */
static uint64_t *slots[64];
static unsigned slot_count;

NOINLINE static void overwrite_each(unsigned depth)
{
    slots[slot_count++] = (uint64_t *)__builtin_frame_address(0) + 1;
    if (depth > 1) {
        overwrite_each(depth - 1);
        return;
    }
    for (unsigned i = 0; i < slot_count; i++) {
        const uint64_t kept = *slots[i];
        raise_it();
        cr_assert(same_as_backtrace());
        *(volatile uint64_t *)slots[i] = (uint64_t)raise_it + 1;
        raise_it();
        *(volatile uint64_t *)slots[i] = kept;
        unsigned found = 0;
        for (uint32_t frame = 0; frame < walk.depth; frame++)
            found += pc_of(frame) == (uint64_t)raise_it + 1;
        cr_assert_eq(found, 1, "slot %u", i);
    }
}

Test(remembered_walk, notices_any_return_address_that_changed)
{
    overwrite_each(40);
}

Test(remembered_walk, nothing_of_an_earlier_generation_or_thread_is_reused)
{
    struct remembered_walk *memory = &walk.memory;

    recurse(50, raise_it);
    cr_assert_gt(memory->count, 50);
    remembered_walk_begin_sigsafe(memory, 0, 0);
    cr_assert_gt(memory->count, 50, "the same owner and generation");
    remembered_walk_begin_sigsafe(memory, 0, 1);
    cr_assert_eq(memory->count, 0, "modules went away");
    recurse(50, raise_it);
    remembered_walk_begin_sigsafe(memory, 1, 1);
    cr_assert_eq(memory->count, 0, "another thread");
}

/* Through signal frames: the interrupted side is reused, the handler's is walked. */
Test(remembered_walk, only_up_to_a_signal_frame)
{
    on(SIGUSR2, on_outer, 0);
    for (int i = 0; i < 5; i++) {
        recurse(30, raise_outer);
        cr_assert_eq(walk.root, TRACE_STACK_COMPLETE);
        cr_assert(same_as_backtrace());
    }
    cr_assert_geq(walk.reused, 30);
    cr_assert_leq(walk.reused, 30 + 20);
}
