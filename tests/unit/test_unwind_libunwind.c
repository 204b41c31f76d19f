/* Walks by libunwind's states against glibc's backtrace() at the same place. */
#include "tests/unit/walks.h"

#include "preload/hard_states.h"
#include "preload/unwind_libunwind.h"

#include <criterion/criterion.h>

#define PASSES 20

static struct state_climb scratch;

static bool step(const ucontext_t *context, uint32_t frames, struct stack_memory *memory,
                 struct registers *registers, bool *end)
{
    return unwind_libunwind_sigsafe(&scratch, context, frames, memory, registers, end);
}

static void climb_by_states(int signal, siginfo_t *info, void *context)
{
    scratch.climb.context = NULL;
    climb(signal, info, context, step);
}

static void start(void)
{
    walks_init();
    if (!libunwind_init())
        cr_skip_test("libunwind.so.8 is not here");
    on(SIGUSR1, climb_by_states, 0);
}

TestSuite(unwind_libunwind, .init = start);

Test(unwind_libunwind, climbs_to_the_outermost_frame_once_states_are_there)
{
    unsigned passes = 0;

    do {
        recurse(50, raise_it);
        hard_states_make();
    } while (climbed.missing && ++passes < PASSES);
    cr_assert(same_as_backtrace());
    cr_assert_eq(climbed.missing, 0);
    cr_assert_gt(climbed.compared, 50);
    cr_assert_eq(climbed.wrong, 0, "%u of %u frames differ", climbed.wrong, climbed.compared);
    cr_assert(climbed.ended);
}

Test(unwind_libunwind, does_not_go_on_from_a_frame_it_did_not_find)
{
    ucontext_t context;
    struct stack_memory memory = {0, 0};
    bool end;

    getcontext(&context);
    struct registers registers = platform_registers_sigsafe(&context);
    unwind_libunwind_sigsafe(&scratch, &context, 1, &memory, &registers, &end);
    hard_states_make();
    registers.sp += 8;
    cr_assert_not(unwind_libunwind_sigsafe(&scratch, &context, 1, &memory, &registers, &end));
    registers.sp -= 8;
    cr_assert(unwind_libunwind_sigsafe(&scratch, &context, 1, &memory, &registers, &end));
}
