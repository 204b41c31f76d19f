/* The walk with all registers, against glibc's backtrace() at the same place. */
#include "tests/unit/walks.h"

#include "preload/unwind_registers.h"

#include <criterion/criterion.h>

static unsigned compared, wrong;
static bool ended;

/* Asks for the frame above 1, 2, 3... frames, until there is none. */
static void climb(int signal, siginfo_t *info, void *context)
{
    take_walk(signal, info, context);
    ended = false;
    for (uint32_t n = 1; n <= walk.depth && !ended; n++) {
        struct stack_memory memory;
        struct registers registers;
        stack_memory_enter_sigsafe(&memory, &bounds, platform_registers_sigsafe(context).sp);
        compared++;
        if (!unwind_registers_sigsafe(context, n, &memory, &registers, &ended))
            wrong++;
        else if (n < walk.depth && (ended || registers.pc != pc_of(n)))
            wrong++;
    }
}

TestSuite(unwind_registers, .init = walks_init);

Test(unwind_registers, climbs_to_the_outermost_frame)
{
    on(SIGUSR1, climb, 0);
    recurse(50, raise_it);
    cr_assert(same_as_backtrace());
    cr_assert_gt(compared, 50);
    cr_assert_eq(wrong, 0, "%u of %u frames differ", wrong, compared);
    cr_assert(ended);
}

Test(unwind_registers, stops_where_memory_cannot_be_read)
{
    ucontext_t context;
    struct registers registers;
    struct stack_memory memory = {0, 0};
    bool end;

    memset(&context, 0, sizeof(context));
    context.uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)recurse;
    context.uc_mcontext.gregs[REG_RSP] = 8; /* the page at 0 is nobody's */
    cr_assert_not(unwind_registers_sigsafe(&context, 1, &memory, &registers, &end));
}

Test(unwind_registers, stops_outside_code)
{
    ucontext_t context;
    struct registers registers;
    struct stack_memory memory = {0, 0};
    bool end;

    memset(&context, 0, sizeof(context));
    context.uc_mcontext.gregs[REG_RSP] = (greg_t)(uintptr_t)&context;
    cr_assert_not(unwind_registers_sigsafe(&context, 1, &memory, &registers, &end));
}
