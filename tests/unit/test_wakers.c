/* Who wakes whom: notes, who finds them, and who reads what was written. */
#include "preload/wakers.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

TestSuite(wakers);

Test(wakers, who_noted_while_one_waited_woke_it)
{
    wakers_note(0x1000, 5, 100, WAKERS_ONE);
    cr_assert_eq(wakers_find(0x1000, 6, 110, 200), 0, "before it");
    cr_assert_eq(wakers_find(0x1000, 6, 10, 90), 0, "after it");
    cr_assert_eq(wakers_find(0x1008, 6, 10, 200), 0, "something else");
    cr_assert_eq(wakers_find(0x1000, 5, 10, 200), 0, "nobody wakes itself");
    cr_assert_eq(wakers_find(0x1000, 6, 10, 200), 5);
    cr_assert_eq(wakers_find(0x1000, 7, 10, 200), 0, "it woke one");
}

Test(wakers, several_who_wake_one_each_are_found_in_turn)
{
    for (int i = 0; i < 4; i++)
        wakers_note(0x1000, 50 + i, 100 + (uint64_t)i, WAKERS_ONE);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(wakers_find(0x1000, 6, 10, 200), 50 + i);
    cr_assert_eq(wakers_find(0x1000, 6, 10, 200), 0);
}

Test(wakers, who_wakes_all_is_found_by_all)
{
    wakers_note(0x1000, 5, 100, WAKERS_ALL);
    wakers_note(0x1000, 7, 120, WAKERS_ALL);
    for (int i = 0; i < 10; i++)
        cr_assert_eq(wakers_find(0x1000, 10 + i, 10, 200), 7, "the last");
    cr_assert_eq(wakers_find(0x1000, 10, 10, 110), 5);
}

Test(wakers, many_notes_take_the_place_of_old_ones)
{
    for (uint64_t i = 0; i < 1000; i++)
        wakers_note(0x1000, 5, 100 + i, WAKERS_ONE);
    cr_assert_eq(wakers_find(0x1000, 6, 1099, 2000), 5);
    for (uint64_t i = 0; i < 100000; i++)
        wakers_note(0x2000 + 8 * i, 7, 2000 + i, WAKERS_ONE);
    cr_assert_eq(wakers_find(0x2000 + 8 * 99999, 6, 2000, 200000), 7);
}

Test(wakers, numbers_and_ticks_may_be_large)
{
    const int largest = (1 << 22) - 1;
    const uint64_t late = ~0ull >> WAKERS_TID_BITS;

    wakers_note(0x7fffdeadbee0, largest, late + 10, WAKERS_ONE);
    cr_assert_eq(wakers_find(0x7fffdeadbee0, 6, late - 10, late + 20), largest);
}

Test(wakers, who_noted_last_whenever_that_was)
{
    wakers_note(0x1000, 5, 100, WAKERS_ALL);
    cr_assert_eq(wakers_find_last(0x1000, 6), 5);
    cr_assert_eq(wakers_find_last(0x1008, 6), 0);
}

/* Halves of two notes are none. */
static void *note_on(void *argument)
{
    const int tid = *(const int *)argument;

    for (uint64_t i = 1; i < 300000; i++)
        wakers_note(0x100000ull * (uint64_t)tid, tid, i, WAKERS_ONE);
    return NULL;
}

Test(wakers, notes_at_the_same_time_are_not_mixed_up)
{
    /* Objects of one set: their numbers are alike but for what the hash does not see. */
    int tids[] = {3, 4};
    pthread_t threads[2];

    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, note_on, &tids[i]), 0);
    for (int i = 0; i < 100000; i++) {
        int found = wakers_find(0x300000, 9, 0, 1000000);
        cr_assert(found == 0 || found == 3);
        found = wakers_find(0x400000, 9, 0, 1000000);
        cr_assert(found == 0 || found == 4);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

Test(wakers, who_wrote_to_the_other_end_of_a_pipe)
{
    int ends[2], others[2];

    cr_assert(pipe(ends) == 0 && pipe(others) == 0);
    wakers_note_write(others[1], 8, 150);
    cr_assert_eq(wakers_find_writer(ends[0], 6, 10, 200), 0, "another pipe");
    wakers_note_write(ends[1], 5, 100);
    errno = ENOTTY;
    cr_assert_eq(wakers_find_writer(ends[0], 6, 10, 200), 5);
    cr_assert_eq(wakers_find_writer(ends[0], 6, 110, 200), 0, "before");
    cr_assert_eq(wakers_find_writer(ends[0], 5, 10, 200), 0, "itself");
    int copy = dup(ends[1]);
    wakers_note_write(copy, 7, 120);
    cr_assert_eq(wakers_find_writer(ends[0], 6, 10, 200), 7, "the last");
    cr_assert_eq(wakers_find_writer(-1, 6, 10, 200), 0);
    cr_assert_eq(errno, ENOTTY);
    wakers_note_write(100000, 7, 120);
    wakers_note_write(-1, 7, 120);
}
