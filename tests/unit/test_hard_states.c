/* libunwind's states: made when asked for, shared, gone with a generation. */
#include "preload/hard_states.h"

#include "preload/modules.h"
#include "preload/unwind_libunwind.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void start(void)
{
    modules_init();
    if (!libunwind_init())
        cr_skip_test("libunwind.so.8 is not here");
}

static const struct hard_state *find(const void *pc)
{
    hard_states_enter_sigsafe();
    const struct hard_state *state = hard_states_find_sigsafe((uint64_t)pc);
    hard_states_leave_sigsafe();
    return state;
}

TestSuite(hard_states, .init = start);

Test(hard_states, are_there_once_asked_for_and_made)
{
    cr_assert_null(find(&qsort));
    hard_states_make();
    cr_assert_not_null(find(&qsort));
    cr_assert_null(find(&strtol), "nobody asked for it before");
    hard_states_make();
    cr_assert_not_null(find(&strtol));
    cr_assert_not_null(find(&qsort));
}

Test(hard_states, rows_that_say_the_same_share_one)
{
    find(&qsort);
    find(&strtol);
    hard_states_make();
    cr_assert_eq(find(&qsort), find(&strtol), "CFA = rsp + 8 at every function's first byte");
    cr_assert_eq(find(&qsort)->row.cfa_offset, 8);
    cr_assert_eq(find(&qsort)->row.cfa_register, CFI_REG_RSP);
}

Test(hard_states, do_not_outlive_their_modules_generation)
{
    find(&qsort);
    hard_states_make();
    cr_assert_not_null(find(&qsort));
    modules_advance_generation();
    cr_assert_null(find(&qsort));
    hard_states_make();
    cr_assert_not_null(find(&qsort));
}

Test(hard_states, are_not_made_while_a_library_goes)
{
    find(&qsort);
    modules_begin_closing();
    hard_states_make();
    cr_assert_null(find(&qsort));
    modules_end_closing();
    hard_states_make();
    cr_assert_not_null(find(&qsort));
}

/* What a reader holds stays while it reads, whatever is made meanwhile. */
Test(hard_states, stay_while_they_are_read)
{
    find(&qsort);
    hard_states_make();
    hard_states_enter_sigsafe();
    const struct hard_state *state = hard_states_find_sigsafe((uint64_t)&qsort);
    for (int i = 0; i < 10; i++) {
        modules_advance_generation();
        find(&strtol);
        hard_states_make();
        cr_assert_eq(state->row.cfa_offset, 8);
    }
    hard_states_leave_sigsafe();
}

Test(hard_states, outside_code_there_are_none)
{
    static int data;
    for (int i = 0; i < 3; i++) {
        cr_assert_null(find(&data));
        hard_states_make();
    }
}
