/* Unit tests of preload/next_allocator.c. */
#include "preload/modules.h"
#include "preload/next_allocator.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

Test(next_allocator, is_found_at_the_first_call)
{
    cr_assert_null(next_allocator_address());
    char *block = next_allocator.calloc(10, 10);
    cr_assert_not_null(block);
    cr_assert_not(next_allocator_is_boot(block));
    cr_assert_eq(next_allocator_address(), dlsym(RTLD_DEFAULT, "malloc"));
    cr_assert_geq(next_allocator.usable_size(block), 100);
    next_allocator.free(block);
}

Test(next_allocator, keeps_what_is_in_a_block_that_leaves)
{
    const size_t size = 6;
    memcpy(next_allocator_boot, &size, sizeof size);
    char *block = strcpy(next_allocator_boot + 16, "start");
    cr_assert(next_allocator_is_boot(block));
    char *moved = next_allocator_leave_boot(block, 1000);
    cr_assert_not(next_allocator_is_boot(moved));
    cr_assert_str_eq(moved, "start");
    next_allocator.free(moved);
}

/* A place that is neither the allocator's nor ours: as that of a handler of the program's. */
Test(next_allocator, tells_its_own_calls_while_it_works)
{
    int elsewhere;
    modules_init();
    void *block = next_allocator.malloc(1);
    const void *inside = next_allocator_address(), *outside = &elsewhere;
    next_allocator_mark();
    block = next_allocator.realloc(block, 100);
    cr_assert_not(next_allocator_works);
    cr_assert(next_allocator_may_call(inside));
    cr_assert_not(next_allocator_may_call(outside));
    cr_assert_not(next_allocator_is_inner(inside));
    next_allocator_works = true; /* in the middle of a call */
    next_allocator.free(block);
    cr_assert(next_allocator_works);
    cr_assert(next_allocator_is_inner(inside));
    cr_assert_not(next_allocator_is_inner(outside));
    cr_assert_eq(next_allocator_address(), inside);
}
