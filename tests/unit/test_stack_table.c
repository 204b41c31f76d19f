/* Stack nodes: same question, same number; and what holds when the index overflows. */
#include "preload/contract/node_room.h"
#include "preload/contract/trace_format.h"
#include "preload/modules.h"
#include "preload/stack_table.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>

#define THREADS 8
#define INSERTS 1500000u /* eleven times what the index holds, more than there are nodes at once */

static void start(void)
{
    ring_start();
    cr_assert_eq(stack_table_init(), 0);
}

static bool says(uint32_t number, uint32_t parent, uint64_t code, uint32_t generation)
{
    const struct ring_node *node = ring_node_at(ring, number);

    return node->parent == parent && node->code == code && node->generation == generation;
}

static void extend(void)
{
    node_room_recycle(ring, node_room_era_start_sigsafe(ring)); /* as if all were drained */
    ring_extend_nodes(ring);
    stack_table_extend(ring);
}

TestSuite(stack_table, .init = start, .fini = ring_stop);

Test(stack_table, same_question_same_number)
{
    uint32_t root = stack_table_intern_sigsafe(ring, TRACE_STACK_COMPLETE, 0x1000, 1);

    cr_assert_eq(root, TRACE_STACK_FIRST);
    uint32_t leaf = stack_table_intern_sigsafe(ring, root, 0x2000, 1);
    cr_assert_eq(leaf, TRACE_STACK_FIRST + 1);
    for (int i = 0; i < 100; i++) {
        cr_assert_eq(stack_table_intern_sigsafe(ring, TRACE_STACK_COMPLETE, 0x1000, 1), root);
        cr_assert_eq(stack_table_intern_sigsafe(ring, root, 0x2000, 1), leaf);
    }
    cr_assert(says(root, TRACE_STACK_COMPLETE, 0x1000, 1));
    cr_assert(says(leaf, root, 0x2000, 1));
    cr_assert_eq(ring->node_next, TRACE_STACK_FIRST + 2);
}

Test(stack_table, every_part_of_the_question_counts)
{
    static const struct {
        uint32_t parent;
        uint64_t code;
        uint32_t generation;
    } keys[] = {{0, 0x1000, 1}, {1, 0x1000, 1}, {2, 0x1000, 1},
                {0, 0x1001, 1}, {0, 0x1002, 1}, {0, 0x1000, 2},
                {0, 0, 0},      {0, 0, 1},      {0, UINT64_MAX, UINT32_MAX}};
    uint32_t numbers[sizeof(keys) / sizeof(keys[0])];

    for (int round = 0; round < 2; round++)
        for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
            uint32_t number =
                stack_table_intern_sigsafe(ring, keys[i].parent, keys[i].code, keys[i].generation);
            cr_assert(says(number, keys[i].parent, keys[i].code, keys[i].generation));
            cr_assert_eq(number, TRACE_STACK_FIRST + i);
            numbers[i] = number;
        }
    cr_assert_eq(numbers[0], TRACE_STACK_FIRST);
}

Test(stack_table, numbers_may_change_but_never_lie)
{
    unsigned wrong = 0;

    for (uint32_t round = 0; round < 2; round++)
        for (uint32_t i = 0; i < INSERTS; i++) {
            uint32_t parent = TRACE_STACK_FIRST + i % 1000;
            uint64_t code = (uint64_t)(i / 1000) << 4;
            if (i % 4096 == 0)
                extend();
            uint32_t generation = modules_generation_sigsafe();
            uint32_t number = stack_table_intern_sigsafe(ring, parent, code, generation);
            wrong += !number || !says(number, parent, code, generation);
        }
    cr_assert_eq(wrong, 0);
    cr_assert_leq(ring->node_next, 2 * INSERTS + TRACE_STACK_FIRST);
}

/* As many stacks as a large program has stay known. */
Test(stack_table, what_fits_the_index_is_not_defined_again)
{
    const uint32_t count = 15000;

    for (int round = 0; round < 5; round++)
        for (uint32_t i = 0; i < count; i++) {
            stack_table_intern_sigsafe(ring, i, 0x7f0000000000u + 37u * i, 1);
            if (i % 1000 == 0)
                extend();
        }
    cr_assert_leq(ring->node_next, TRACE_STACK_FIRST + count + count / 500, "%u", ring->node_next);
}

Test(stack_table, without_memory_for_a_node_there_is_no_number)
{
    uint32_t known = 0;
    uint64_t code = 1;

    for (; ring->node_next < ring->node_limit; code++) {
        known = stack_table_intern_sigsafe(ring, 0, code, 1);
        cr_assert_neq(known, 0);
    }
    cr_assert_eq(stack_table_intern_sigsafe(ring, 0, 1u << 20, 1), 0);
    cr_assert_eq(ring->node_next, ring->node_limit);
    cr_assert_eq(stack_table_intern_sigsafe(ring, 0, code - 1, 1), known, "what is there is found");
    ring_extend_nodes(ring);
    cr_assert_neq(stack_table_intern_sigsafe(ring, 0, 1u << 20, 1), 0);
}

Test(stack_table, emptied_for_a_new_process)
{
    uint32_t before = stack_table_intern_sigsafe(ring, 0, 1, 1);

    cr_assert_eq(stack_table_init(), 0);
    cr_assert_neq(stack_table_intern_sigsafe(ring, 0, 1, 1), before);
}

/* Twice as large, the index still knows what it knew. */
Test(stack_table, extended_it_forgets_nothing)
{
    uint32_t before;

    for (uint32_t count = 4500; count <= 30000; count *= 2) {
        for (uint32_t i = 0; i < count; i++) {
            stack_table_intern_sigsafe(ring, i, 37u * i, 1);
            if (i % 1000 == 0)
                ring_extend_nodes(ring);
        }
        before = ring->node_next;
        stack_table_extend(ring);
        for (uint32_t i = 0; i < count; i++)
            stack_table_intern_sigsafe(ring, i, 37u * i, 1);
        /* A line of the smaller table may have been full: 1 in 10000 is. */
        cr_assert_leq(ring->node_next - before, count / 1000, "of %u", count);
    }
}

/* What is looked at first in a handler has its memory before. */
Test(stack_table, needs_no_page_fault_at_first)
{
    struct rusage before, after;

    for (int i = 0; i < 2; i++) { /* the functions called have theirs, then */
        getrusage(RUSAGE_THREAD, &before);
        for (uint32_t node = 0; node < 4000; node++)
            stack_table_intern_sigsafe(ring, node, 0x1000 * (i + 1), 1);
        getrusage(RUSAGE_THREAD, &after);
    }
    cr_assert_leq(after.ru_minflt - before.ru_minflt, 4, "%ld faults",
                  after.ru_minflt - before.ru_minflt);
}

/* All threads ask the same questions, each beginning somewhere else. */
static void *ask(void *argument)
{
    const uintptr_t first = (uintptr_t)argument;
    uintptr_t wrong = 0;

    for (uint32_t i = 0; i < 40000; i++) {
        uint32_t key = (uint32_t)(first * 1250 + i) % 10000;
        uint32_t number = stack_table_intern_sigsafe(ring, key, (uint64_t)key << 12, 1);
        wrong += !number || !says(number, key, (uint64_t)key << 12, 1);
    }
    return (void *)wrong;
}

Test(stack_table, threads_ask_at_once)
{
    pthread_t threads[THREADS];
    void *wrong;

    for (int i = 0; i < 10; i++) {
        ring->node_next = ring->node_limit - 1;
        ring_extend_nodes(ring);
    }
    ring->node_next /= 2;
    for (uintptr_t i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, ask, (void *)i), 0);
    for (int i = 0; i < 4; i++)
        stack_table_extend(ring);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &wrong);
        cr_assert_null(wrong);
    }
}
