/* Turns: one at a time, and giving up. */
#include "preload/turn.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <time.h>

#define ROUNDS 20000

static uint32_t turn;
static long sum;

static void *add(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        cr_assert(turn_take(&turn, 60000000000u));
        long before = sum;
        if (i % 64 == 0)
            nanosleep(&(struct timespec){0, 1000}, NULL);
        sum = before + 1;
        turn_leave(&turn);
    }
    return unused;
}

Test(turn, is_one_at_a_time)
{
    pthread_t threads[3];
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, add, NULL);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    cr_assert_eq(sum, 3 * ROUNDS);
}

Test(turn, is_not_waited_for_longer_than_asked)
{
    cr_assert(turn_take(&turn, 0));
    cr_assert_not(turn_take(&turn, 0));
    cr_assert_not(turn_take(&turn, 2000000));
    turn_leave(&turn);
    cr_assert(turn_take(&turn, 0));
}
