/* Offering a ring and taking it back. The test is both sides; nobody keeps. */
#include "preload/outside.h"

#include "preload/bell.h"
#include "preload/contract/office.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <sys/mman.h>
#include <unistd.h>

static struct recording recording;
static struct office *office;
static int fd;

static bool offer(void)
{
    bool there = outside_is_there(ring, &recording);

    if (there)
        outside_offer(ring);
    return there;
}

static void start(void)
{
    ring_start();
    office = office_make(&fd);
    cr_assert_not_null(office);
    snprintf(recording.servant, sizeof(recording.servant), "/proc/self/fd/%d", fd);
    bell_use(&ring->bell);
}

static void stop(void)
{
    outside_forget();
    close(fd);
    ring_stop();
}

TestSuite(outside, .init = start, .fini = stop);

Test(outside, nobody_there_takes_nothing)
{
    office->closed = 1;
    cr_assert_not(offer());
    recording.servant[0] = '\0';
    cr_assert_not(offer());
    cr_assert_not(outside_is_on_sigsafe());
    cr_assert_eq(ring->keeper, RING_KEEPER_SELF);
}

Test(outside, what_is_offered_can_be_taken_back_until_it_is_taken)
{
    cr_assert(offer());
    cr_assert_eq(ring->keeper, RING_KEEPER_OFFERED);
    cr_assert(office->offered == 1 && office->bell == 0);
    bell_ring_sigsafe();
    cr_assert_eq(office->bell, 1);
    cr_assert(outside_take_back());
    cr_assert_not(outside_is_on_sigsafe());
    bell_ring_sigsafe();
    cr_assert(office->bell == 1 && ring->bell == 1);
    cr_assert(offer());
    ring->keeper = RING_KEEPER_OUTSIDE;
    cr_assert_not(outside_take_back());
    cr_assert(outside_is_on_sigsafe());
}

Test(outside, an_answer_is_not_waited_for_where_none_can_come)
{
    cr_assert(offer());
    ring->keeper = RING_KEEPER_OUTSIDE;
    cr_assert_not(outside_ask(RING_ASK_FLUSH, 20), "in time");
    cr_assert(ring->asked == 1 && ring->requests == RING_ASK_FLUSH);
    office->closed = 1;
    cr_assert(outside_is_deserted());
    cr_assert_not(outside_end(TRACE_END_EXIT, 3, 44, 3600000));
    cr_assert(ring->end_kind == TRACE_END_EXIT && ring->end_status == 3 && ring->end_cpu_ns == 44);
    cr_assert_not(outside_leave(3600000));
}

Test(outside, another_namespace_or_user_is_not_kept)
{
    ring->pid_namespace++;
    cr_assert_not(offer());
    ring->pid_namespace--;
    office->uid++;
    cr_assert_not(offer());
    office->uid--;
    cr_assert(offer());
}
