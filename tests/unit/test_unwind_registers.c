/* The walk with all registers, against glibc's backtrace() at the same place. */
#include "tests/unit/walks.h"

#include "preload/unwind_registers.h"

#include <criterion/criterion.h>

static struct register_climb scratch;

static bool step(const ucontext_t *context, uint32_t frames, struct stack_memory *memory,
                 struct registers *registers, bool *end)
{
    return unwind_registers_sigsafe(&scratch, context, frames, memory, registers, end);
}

static void climb_by_registers(int signal, siginfo_t *info, void *context)
{
    scratch.climb.context = NULL;
    climb(signal, info, context, step);
}

TestSuite(unwind_registers, .init = walks_init);

Test(unwind_registers, climbs_to_the_outermost_frame)
{
    on(SIGUSR1, climb_by_registers, 0);
    recurse(50, raise_it);
    cr_assert(same_as_backtrace());
    cr_assert_eq(climbed.missing, 0);
    cr_assert_gt(climbed.compared, 50);
    cr_assert_eq(climbed.wrong, 0, "%u of %u frames differ", climbed.wrong, climbed.compared);
    cr_assert(climbed.ended);
}

Test(unwind_registers, stops_where_memory_cannot_be_read)
{
    ucontext_t context;
    struct stack_memory memory = {0, 0};
    bool end;

    memset(&context, 0, sizeof(context));
    context.uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)recurse;
    context.uc_mcontext.gregs[REG_RSP] = 8; /* the page at 0 is nobody's */
    struct registers registers = platform_registers_sigsafe(&context);
    cr_assert_not(unwind_registers_sigsafe(&scratch, &context, 1, &memory, &registers, &end));
}

Test(unwind_registers, stops_outside_code)
{
    ucontext_t context;
    struct stack_memory memory = {0, 0};
    bool end;

    memset(&context, 0, sizeof(context));
    context.uc_mcontext.gregs[REG_RSP] = (greg_t)(uintptr_t)&context;
    struct registers registers = platform_registers_sigsafe(&context);
    cr_assert_not(unwind_registers_sigsafe(&scratch, &context, 1, &memory, &registers, &end));
}

/* After a frame that was found otherwise the registers are of another way: three are
 * known. */
Test(unwind_registers, goes_on_from_a_frame_it_did_not_find_with_what_is_known)
{
    ucontext_t context;
    struct stack_memory memory = {0, 0};
    bool end;

    getcontext(&context);
    struct registers registers = platform_registers_sigsafe(&context);
    cr_assert(unwind_registers_sigsafe(&scratch, &context, 1, &memory, &registers, &end));
    const struct registers caller = registers;
    registers.sp -= 64; /* nobody's frame */
    cr_assert(unwind_registers_sigsafe(&scratch, &context, 2, &memory, &registers, &end));
    cr_assert_eq(scratch.known & 0xf, 0, "what a frame in between may have changed");
    registers = caller;
    scratch.climb.context = NULL;
    cr_assert(unwind_registers_sigsafe(&scratch, &context, 2, &memory, &registers, &end));
}
