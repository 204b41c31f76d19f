/* Regions: found by content, counted, nested, and what is beyond the room. */
#include "preload/clock.h"
#include "preload/regions.h"
#include "preload/threads.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

static void start(void)
{
    const struct stack_bounds unknown = {0, 0};

    ring_start();
    cr_assert_eq(threads_init(ring, &clock_cpu, 1000000), 0);
    threads_attach_self(&unknown);
    regions_use_ring(ring);
}

TestSuite(regions, .init = start, .fini = ring_stop);

static const struct thread *self(void)
{
    return threads_current_sigsafe();
}

Test(regions, equal_names_are_one_region_whatever_memory_they_lie_in)
{
    char copy[] = "read";

    regions_push("read");
    uint32_t first = self()->region;
    regions_pop();
    regions_push(copy);
    cr_assert_eq(self()->region, first);
    regions_pop();
    cr_assert_eq(self()->region, 0);
    cr_assert_eq(ring->regions[first].count, 2);
    cr_assert_str_eq(ring->regions[first].name, "read");
    cr_assert_geq(ring->regions[first].total_ns, ring->regions[first].longest_ns);
}

Test(regions, the_same_name_inside_another_is_another)
{
    regions_push("a");
    uint32_t outer = self()->region;
    regions_push("b");
    uint32_t inner = self()->region;
    regions_push("a");
    uint32_t innermost = self()->region;
    cr_assert_neq(innermost, outer);
    cr_assert_eq(ring->regions[innermost].parent, inner);
    cr_assert_eq(ring->regions[inner].parent, outer);
    regions_leave_all();
    cr_assert_eq(self()->region, 0);
    cr_assert_eq(ring->regions[outer].count, 1);
    cr_assert_eq(ring->regions[innermost].count, 1);
}

Test(regions, pops_too_many_are_told_and_harmless)
{
    char line[200];

    cr_assert_not(regions_complaint(line, sizeof(line)));
    regions_pop();
    regions_push("a");
    regions_pop();
    regions_pop();
    cr_assert(regions_complaint(line, sizeof(line)));
    cr_assert_str_eq(line, "regions: 2 left that had not been entered");
}

Test(regions, deeper_than_kept_belongs_to_the_last_that_is)
{
    for (unsigned i = 0; i < THREAD_REGIONS; i++)
        regions_push("x");
    uint32_t last = self()->region;
    regions_push("y");
    cr_assert_eq(self()->region, last);
    regions_pop();
    cr_assert_eq(self()->region, last);
    for (unsigned i = 0; i < THREAD_REGIONS; i++)
        regions_pop();
    cr_assert_eq(self()->region, 0);
    cr_assert_eq(ring->has_region, THREAD_REGIONS + 1);
}

Test(regions, without_room_time_belongs_to_the_region_around)
{
    char name[32], line[200];

    regions_push("around");
    uint32_t around = self()->region;
    for (unsigned i = 1; i < RING_REGIONS; i++) {
        snprintf(name, sizeof(name), "%u", i);
        regions_push(name);
        cr_assert_neq(self()->region, around);
        regions_pop();
    }
    regions_push("one more");
    cr_assert_eq(self()->region, around);
    regions_pop();
    cr_assert_eq(self()->region, around);
    cr_assert(regions_complaint(line, sizeof(line)));
    cr_assert_str_eq(line, "regions: 1 entered beyond the 1023 there is room for");
}

Test(regions, long_names_are_cut)
{
    char name[100];

    memset(name, 'n', sizeof(name));
    name[99] = '\0';
    regions_push(name);
    regions_pop();
    name[60] = '\0';
    regions_push(name);
    cr_assert_eq(ring->regions[self()->region].count, 1);
    cr_assert_eq(strlen(ring->regions[self()->region].name), RING_NAME - 1);
}

Test(regions, a_fork_child_stands_where_its_parent_stood)
{
    const struct stack_bounds unknown = {0, 0};

    regions_push("a");
    regions_push("b");
    regions_fork_save(self());
    ring_close(ring);
    ring = ring_make(1);
    cr_assert_eq(threads_init(ring, &clock_cpu, 1000000), 0);
    threads_attach_self(&unknown);
    regions_use_ring(ring);
    regions_fork_restore();
    cr_assert_str_eq(ring->regions[self()->region].name, "b");
    regions_pop();
    cr_assert_str_eq(ring->regions[self()->region].name, "a");
    regions_pop();
    cr_assert_eq(self()->region, 0);
}

#define THREADS 4
#define ROUNDS 20000

static void *push_and_pop(void *argument)
{
    const struct stack_bounds unknown = {0, 0};
    char name[32];

    (void)argument;
    threads_attach_self(&unknown);
    for (unsigned i = 0; i < ROUNDS; i++) {
        snprintf(name, sizeof(name), "%u", i % 100);
        regions_push(name);
        regions_pop();
    }
    threads_detach_self();
    return NULL;
}

Test(regions, threads_that_make_the_same_at_once_make_them_once)
{
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, push_and_pop, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(ring->has_region, 101);
    for (unsigned i = 1; i <= 100; i++)
        cr_assert_eq(ring->regions[i].count, THREADS * ROUNDS / 100);
}
