/* Unit tests of analyzer/model/functions.c. */
#include "analyzer/model/functions.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static const struct function *find(const struct functions *functions, const char *name)
{
    for (size_t i = 0; i < functions->count; i++) {
        if (strcmp(functions->labels.items[functions->items[i].label].name, name) == 0)
            return &functions->items[i];
    }
    cr_assert(false, "no function '%s'", name);
    return NULL;
}

Test(functions, recursion_counts_once_per_stack)
{
    struct profile *profile = profile_new();
    struct functions functions;
    uint32_t thread = fixture_thread(profile, fixture_process(profile, "p", 1, 0), "t", 1);

    fixture_entry(profile, thread, fixture_stack(profile, "main;f;g;f;g;f"), 100, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main;f"), 20, 0);
    fixture_entry(profile, thread, fixture_stack(profile, "main"), 3, 0);
    functions_init(&functions, profile);

    cr_assert_eq(functions.count, 3);
    cr_assert_eq(find(&functions, "f")->self[METRIC_CPU], 120);
    cr_assert_eq(find(&functions, "f")->total[METRIC_CPU], 120);
    cr_assert_eq(find(&functions, "f")->total[METRIC_SAMPLES], 2);
    cr_assert_eq(find(&functions, "g")->self[METRIC_CPU], 0);
    cr_assert_eq(find(&functions, "g")->total[METRIC_CPU], 100);
    cr_assert_eq(find(&functions, "main")->self[METRIC_CPU], 3);
    cr_assert_eq(find(&functions, "main")->total[METRIC_CPU], 123);
    functions_release(&functions);
    profile_free(profile);
}

Test(functions, memory_is_charged_to_the_leaf)
{
    struct profile *profile = profile_new();
    struct functions functions;
    uint32_t thread = fixture_thread(profile, fixture_process(profile, "p", 1, 0), "t", 1);

    fixture_entry(profile, thread, fixture_stack(profile, "main;f"), 1, 4096);
    fixture_entry(profile, thread, fixture_stack(profile, "main;f"), 1, -96);
    functions_init(&functions, profile);
    cr_assert_eq(find(&functions, "f")->memory.alloc_bytes, 4096);
    cr_assert_eq(find(&functions, "f")->memory.free_bytes, 96);
    cr_assert_eq(find(&functions, "f")->self[METRIC_MEMORY_DELTA], 4000);
    cr_assert_eq(find(&functions, "main")->memory.alloc_bytes, 0);
    cr_assert_eq(find(&functions, "main")->total[METRIC_MEMORY_DELTA], 4000);
    functions_release(&functions);
    profile_free(profile);
}

Test(functions, empty_stacks_belong_to_nobody)
{
    struct profile *profile = profile_new();
    struct functions functions;
    uint32_t thread = fixture_thread(profile, fixture_process(profile, "p", 1, 0), "t", 1);

    fixture_entry(profile, thread, STACK_NONE, 7, 0);
    functions_init(&functions, profile);
    cr_assert_eq(functions.count, 0);
    functions_release(&functions);
    profile_free(profile);
}
