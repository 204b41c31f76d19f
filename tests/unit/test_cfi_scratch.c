/* Taking and giving back, by one thread and by many at once. */
#include "preload/cfi_scratch.h"

#include <criterion/criterion.h>
#include <pthread.h>

#define THREADS 4
#define ROUNDS 100000
#define MANY 1000

static int clashes;

static void *use(void *argument)
{
    for (int i = 0; i < ROUNDS; i++) {
        struct cfi_scratch *scratch = cfi_scratch_take_sigsafe();
        scratch->initial.start = (uint64_t)argument;
        for (int n = 0; n < i % 8; n++)
            __asm__ volatile("" : : : "memory");
        if (scratch->initial.start != (uint64_t)argument)
            __atomic_add_fetch(&clashes, 1, __ATOMIC_RELAXED);
        cfi_scratch_give_back_sigsafe(scratch);
    }
    return NULL;
}

Test(cfi_scratch, belongs_to_one_at_a_time)
{
    pthread_t threads[THREADS];

    for (uintptr_t i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, use, (void *)(i + 1));
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(clashes, 0);
}

Test(cfi_scratch, the_first_free_one_is_taken)
{
    struct cfi_scratch *first = cfi_scratch_take_sigsafe();
    struct cfi_scratch *second = cfi_scratch_take_sigsafe();

    cr_assert_neq(first, second);
    cfi_scratch_give_back_sigsafe(first);
    cr_assert_eq(cfi_scratch_take_sigsafe(), first);
}

Test(cfi_scratch, none_is_left_and_a_child_has_them_all)
{
    int count = 0;

    while (cfi_scratch_take_sigsafe() != NULL)
        cr_assert_lt(++count, MANY);
    cr_assert_geq(count, 64);
    cfi_scratch_fork_child();
    cr_assert_not_null(cfi_scratch_take_sigsafe());
}
