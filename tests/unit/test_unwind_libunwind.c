/* Walks by libunwind's states against glibc's backtrace() at the same place. */
#include "tests/unit/walks.h"

#include "preload/hard_states.h"
#include "preload/unwind_libunwind.h"

#include <criterion/criterion.h>

#define PASSES 20

static unsigned compared, wrong, missing;
static bool ended;
static struct state_climb scratch;

/* Asks for the frame above 1, 2, 3... frames, until there is none. */
static void climb(int signal, siginfo_t *info, void *context)
{
    take_walk(signal, info, context);
    struct registers registers = platform_registers_sigsafe(context);
    struct stack_memory memory;
    stack_memory_enter_sigsafe(&memory, &bounds, registers.sp);
    ended = false;
    scratch.climb.context = NULL;
    compared = wrong = missing = 0;
    for (uint32_t n = 1; n <= walk.depth && !ended && !missing; n++) {
        compared++;
        if (!unwind_libunwind_sigsafe(&scratch, context, n, &memory, &registers, &ended))
            missing++;
        else if (n < walk.depth && (ended || registers.pc != pc_of(n)))
            wrong++;
    }
}

static void start(void)
{
    walks_init();
    if (!libunwind_init())
        cr_skip_test("libunwind.so.8 is not here");
    on(SIGUSR1, climb, 0);
}

TestSuite(unwind_libunwind, .init = start);

Test(unwind_libunwind, climbs_to_the_outermost_frame_once_states_are_there)
{
    unsigned passes = 0;

    do {
        recurse(50, raise_it);
        hard_states_make();
    } while (missing && ++passes < PASSES);
    cr_assert(same_as_backtrace());
    cr_assert_eq(missing, 0);
    cr_assert_gt(compared, 50);
    cr_assert_eq(wrong, 0, "%u of %u frames differ", wrong, compared);
    cr_assert(ended);
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
