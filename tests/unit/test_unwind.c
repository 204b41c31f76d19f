/* Walks taken in signal handlers, against glibc's backtrace() at the same place. */
#include "tests/unit/walks.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define TRAP_FLAG 0x100

static int steps_left;
static unsigned compared, guessed, wrong;

/* Compares at every instruction until it is enough. */
static void on_step(int signal, siginfo_t *info, void *context)
{
    ucontext_t *interrupted = context;

    take_walk(signal, info, context);
    compared++;
    if (any_guess())
        guessed++;
    else if (walk.root != TRACE_STACK_COMPLETE || !same_as_backtrace())
        wrong++;
    if (--steps_left <= 0)
        interrupted->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
}

TestSuite(unwind, .init = walks_init);

Test(unwind, agrees_with_backtrace_at_any_depth)
{
    static const unsigned depths[] = {1, 2, 10, 100, 1000, 4000};

    for (size_t i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
        recurse(depths[i], raise_it);
        cr_assert_eq(walk.root, TRACE_STACK_COMPLETE);
        cr_assert(same_as_backtrace(), "depth %u", depths[i]);
        cr_assert_geq(count_frames_of_recurse(), depths[i]);
        cr_assert_not(any_guess());
        cr_assert_eq(handler_errno, 4711);
        cr_assert(walk.codes[0] & TRACE_NODE_EXACT);
        cr_assert_not(walk.codes[1] & TRACE_NODE_EXACT);
    }
}

Test(unwind, unknown_bounds_make_no_difference)
{
    bounds = (struct stack_bounds){0, 0};
    recurse(500, raise_it);
    cr_assert_eq(walk.root, TRACE_STACK_COMPLETE);
    cr_assert(same_as_backtrace());
}

Test(unwind, the_leaf_side_of_deep_stacks_is_kept)
{
    for (uint32_t depth = 1; depth < 40; depth++)
        cr_assert(keeps_leaf_side(depth), "%u", depth);
    recurse(UNWIND_DEPTH_MAX + 100, raise_it);
    cr_assert_eq(walk.depth, UNWIND_DEPTH_MAX);
    cr_assert_eq(walk.root, TRACE_STACK_TRUNCATED);
}

static int descending(const void *left, const void *right)
{
    return *(const int *)right - *(const int *)left;
}

static void work(void)
{
    int numbers[64];
    char text[64];

    for (int i = 0; i < 64; i++)
        numbers[i] = i * 37 % 64;
    qsort(numbers, 64, sizeof(numbers[0]), descending);
    for (int i = 0; i < 4; i++)
        snprintf(text, sizeof(text), "%d %5.3f %s", numbers[i], numbers[i] / 3.0, "text");
    free(calloc(1, 3000));
}

static void step_through_work(void)
{
    on(SIGTRAP, on_step, 0);
    steps_left = 30000;
    __asm__ volatile("pushf\n orq %0, (%%rsp)\n popf" : : "i"(TRAP_FLAG) : "memory", "cc");
    work();
    __asm__ volatile("pushf\n andq %0, (%%rsp)\n popf" : : "i"(~TRAP_FLAG) : "memory", "cc");
}

/* Prologues, epilogues, the PLT, the loader's assembly that binds names at their
 * first call: every instruction is interrupted once. */
Test(unwind, agrees_with_backtrace_at_every_instruction)
{
    recurse(5, step_through_work);
    cr_assert_gt(compared, 5000);
    cr_assert_eq(wrong, 0, "%u of %u walks differ", wrong, compared);
    cr_assert_eq(guessed, 0, "%u of %u walks guessed", guessed, compared);
}

static void *run_thread(void *argument)
{
    learn_bounds();
    recurse(20, raise_it);
    return argument;
}

Test(unwind, threads_end_where_they_began)
{
    pthread_t thread;

    pthread_create(&thread, NULL, run_thread, NULL);
    pthread_join(thread, NULL);
    cr_assert_eq(walk.root, TRACE_STACK_COMPLETE);
    cr_assert(same_as_backtrace());
    cr_assert_not(any_guess());
}

/* Through the signal frame to the stack the first signal was delivered on. */
static void check_nested(int flags)
{
    on(SIGUSR2, on_outer, flags);
    recurse(30, raise_outer);
    cr_assert_eq(walk.root, TRACE_STACK_COMPLETE);
    cr_assert(same_as_backtrace());
    cr_assert_geq(count_frames_of_recurse(), 37);
    unsigned exact = 0;
    for (uint32_t i = 0; i < walk.depth; i++)
        exact += walk.codes[i] & TRACE_NODE_EXACT;
    cr_assert_eq(exact, 3, "the leaf, the trampoline, and what it interrupted");
}

Test(unwind, through_signal_frames)
{
    check_nested(0);
}

Test(unwind, from_an_alternate_stack)
{
    const stack_t alternate = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16};

    cr_assert_eq(sigaltstack(&alternate, NULL), 0);
    check_nested(SA_ONSTACK);
    bounds = (struct stack_bounds){0, 0};
    check_nested(SA_ONSTACK);
    sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    free(alternate.ss_sp);
}
