/* Events that interrupt each other, and those that were left by longjmp. */
#include "preload/nesting.h"

#include <criterion/criterion.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>

#define NOINLINE __attribute__((noinline))
#define TRAP_FLAG 0x100

static struct nesting nesting;
static const struct stack_bounds bounds = {0x1000, 0x9000}, all = {0, UINT64_MAX};

static void begin(void)
{
    nesting = (struct nesting){0};
}

TestSuite(nesting, .init = begin, .timeout = 30);

Test(nesting, depths_are_counted)
{
    cr_assert_eq(nesting_depth(&nesting), 0);
    uint64_t first = nesting_begin(&nesting, 0x5000);
    cr_assert_eq(first, 0);
    cr_assert_eq(nesting_depth(&nesting), 1);
    uint64_t second = nesting_begin(&nesting, 0x4000);
    cr_assert_neq(second, 0);
    cr_assert_eq(nesting_depth(&nesting), 2);
    nesting_end(&nesting, second);
    cr_assert_eq(nesting_depth(&nesting), 1);
    nesting_end(&nesting, first);
    cr_assert_eq(nesting_depth(&nesting), 0);
}

Test(nesting, as_deep_as_can_be)
{
    uint64_t before[NESTING_MOST];
    for (uint32_t i = 0; i < NESTING_MOST; i++)
        before[i] = nesting_begin(&nesting, 0x8000 - i * 0x100);
    cr_assert_eq(nesting_depth(&nesting), NESTING_MOST);
    for (uint32_t i = NESTING_MOST; i-- > 0;)
        nesting_end(&nesting, before[i]);
    cr_assert_eq(nesting.innermost, 0);
}

Test(nesting, a_frame_above_the_events_own_sees_that_it_was_abandoned)
{
    cr_assert_not(nesting_is_abandoned(&nesting, &bounds, 0x5000));
    nesting_begin(&nesting, 0x5008); /* a stack that is not aligned */
    cr_assert_not(nesting_is_abandoned(&nesting, &bounds, 0x4ff0));
    cr_assert(nesting_is_abandoned(&nesting, &bounds, 0x5008));
    cr_assert(nesting_is_abandoned(&nesting, &bounds, 0x8000));
    cr_assert_not(nesting_is_abandoned(&nesting, &bounds, 0x9000)); /* of another stack */
}

Test(nesting, of_other_stacks_nothing_is_known)
{
    nesting_begin(&nesting, 0x500);
    cr_assert_not(nesting_is_abandoned(&nesting, &bounds, 0x5000));
}

Test(nesting, what_is_forgotten_uncovers_what_it_interrupted)
{
    nesting_begin(&nesting, 0x5000);
    nesting_begin(&nesting, 0x4000);
    nesting_begin(&nesting, 0x3000);
    for (; nesting_is_abandoned(&nesting, &bounds, 0x4800); nesting_forget(&nesting))
        ;
    cr_assert_eq(nesting_depth(&nesting), 1);
    cr_assert(nesting_is_abandoned(&nesting, &bounds, 0x5000));
    nesting_forget(&nesting);
    nesting_forget(&nesting);
    cr_assert_eq(nesting.innermost, 0);
}

static bool seen_there;

static void look(int number)
{
    (void)number;
    seen_there = nesting_is_abandoned(&nesting, &all, (uint64_t)__builtin_frame_address(0));
}

/* Part of the ordinary stack, above all that is called from here. */
Test(nesting, a_signal_stack_tells_nothing)
{
    static char outside[1 << 16];
    char inside[1 << 16];
    stack_t stack = {.ss_sp = inside, .ss_size = sizeof inside};
    struct sigaction action = {.sa_handler = look, .sa_flags = SA_ONSTACK};
    cr_assert_eq(sigaltstack(&stack, NULL), 0);
    sigaction(SIGUSR1, &action, NULL);
    nesting_begin(&nesting, (uint64_t)inside - 0x1000);
    raise(SIGUSR1);
    cr_assert_not(seen_there);
    cr_assert(nesting_is_abandoned(&nesting, &all, (uint64_t)inside - 0x800));
    stack.ss_sp = outside; /* else it goes with this frame */
    sigaltstack(&stack, NULL);
}

/* --- a handler at every instruction -------------------------------------------- */

static volatile unsigned steps, wrong;
static unsigned depths_seen;
static sigjmp_buf back;
static volatile unsigned jump_at; /* 0: never */

/* An event of its own leaves everything as it was. */
static void step(int number)
{
    (void)number;
    uint64_t innermost = nesting.innermost;
    uint64_t before = nesting_begin(&nesting, (uint64_t)__builtin_frame_address(0));
    depths_seen |= 1u << nesting_depth(&nesting);
    wrong += before != innermost || nesting_depth(&nesting) != (before & 15) + 1;
    nesting_end(&nesting, before);
    wrong += nesting.innermost != innermost;
    if (++steps == jump_at)
        siglongjmp(back, 1);
}

static void handle_steps(void)
{
    struct sigaction action = {.sa_handler = step};
    sigaction(SIGTRAP, &action, NULL);
}

static inline __attribute__((always_inline)) void set_trap_flag(uint64_t flag)
{
    __asm__ volatile("pushfq\n andq $~0x100, (%%rsp)\n orq %0, (%%rsp)\n popfq"
                     :
                     : "r"(flag)
                     : "memory", "cc");
}

/* With two in it, one inside the other. */
NOINLINE static void two_events(void)
{
    uint64_t sp = (uint64_t)__builtin_frame_address(0);
    uint64_t outer = nesting_begin(&nesting, sp), inner = nesting_begin(&nesting, sp - 0x100);
    wrong += nesting_depth(&nesting) != 2;
    nesting_end(&nesting, inner);
    wrong += nesting_depth(&nesting) != 1;
    nesting_end(&nesting, outer);
}

Test(nesting, whole_at_every_instruction)
{
    handle_steps();
    set_trap_flag(TRAP_FLAG);
    two_events();
    set_trap_flag(0);
    cr_assert_gt(steps, 20);
    cr_assert_eq(wrong, 0);
    cr_assert_eq(depths_seen, 1u << 1 | 1u << 2 | 1u << 3);
    cr_assert_eq(nesting.innermost, 0);
}

Test(nesting, abandoned_at_any_instruction)
{
    struct stack_bounds here = {(uint64_t)__builtin_frame_address(0) - 0x10000,
                                (uint64_t)__builtin_frame_address(0) + 0x1000};
    handle_steps();
    static volatile bool reached;
    for (jump_at = 1; !reached; jump_at++) {
        steps = 0;
        if (sigsetjmp(back, 1) == 0) {
            set_trap_flag(TRAP_FLAG);
            two_events();
            set_trap_flag(0);
            reached = true; /* there is no such instruction */
        }
        while (nesting_is_abandoned(&nesting, &here, (uint64_t)__builtin_frame_address(0)))
            nesting_forget(&nesting);
        cr_assert_eq(nesting.innermost, 0, "step %u", jump_at);
    }
    cr_assert_gt(jump_at, 20);
    cr_assert_eq(wrong, 0);
}
