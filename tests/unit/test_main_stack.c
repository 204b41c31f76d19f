/* The first thread's stack, seen from it and from another. */
#include "preload/main_stack.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/resource.h>

Test(main_stack, holds_what_lies_on_it)
{
    char local;
    struct stack_bounds bounds = main_stack_bounds();

    cr_assert((uint64_t)&local > bounds.low && (uint64_t)&local < bounds.high);
    cr_assert_eq(bounds.high % 4096, 0);
    cr_assert_leq(bounds.high - bounds.low, 1u << 30);
}

Test(main_stack, is_as_large_as_it_may_get)
{
    struct rlimit limit;

    cr_assert_eq(getrlimit(RLIMIT_STACK, &limit), 0);
    limit.rlim_cur = 1u << 20;
    cr_assert_eq(setrlimit(RLIMIT_STACK, &limit), 0);
    struct stack_bounds bounds = main_stack_bounds();
    cr_assert_eq(bounds.high - bounds.low, 1u << 20);
}

static void *ask(void *bounds)
{
    *(struct stack_bounds *)bounds = main_stack_of_caller();
    return NULL;
}

Test(main_stack, is_the_callers_where_that_is_the_first_thread)
{
    struct stack_bounds mine = main_stack_of_caller(), others = {1, 1};
    pthread_t thread;

    cr_assert_eq(mine.high, main_stack_bounds().high);
    pthread_create(&thread, NULL, ask, &others);
    pthread_join(thread, NULL);
    cr_assert(others.low == 0 && others.high == 0);
}
