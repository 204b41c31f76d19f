/* Unit tests of analyzer/heat/crew.c and worker.c: real processes, for moments. */
#include "analyzer/heat/crew.h"
#include "analyzer/heat/matrix.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct crew crew;
static struct problem problem;

static void begin(unsigned size, unsigned duty)
{
    cr_assert_eq(crew_init(&crew, &problem), 0);
    crew.page->period_ns = 20000000;
    crew.page->split = 100;
    crew.page->size = size;
    crew.page->duty = duty;
    crew_beat(&crew);
}

static void wait_ms(unsigned milliseconds)
{
    struct timespec nap = {0, 1000000L * milliseconds};

    nanosleep(&nap, NULL);
}

/* Until `what` of the sums is at least `enough`; the deadline is for broken ones. */
#define until(what, enough)                                                \
    for (int i_ = 0; i_ < 2000 && crew_sum(&crew).what < (enough); i_++) { \
        crew_beat(&crew);                                                  \
        wait_ms(5);                                                        \
    }                                                                      \
    cr_assert_geq(crew_sum(&crew).what, enough)

static void check_gone(const pid_t *pids, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        cr_assert(kill(pids[i], 0) < 0 && errno == ESRCH, "%d is still there", pids[i]);
    cr_assert(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD, "no child, no zombie");
}

Test(crew, works_and_is_gone_after)
{
    pid_t pids[3];

    begin(64, WORKER_WHOLE);
    cr_assert_eq(crew_keep(&crew, 3, 1, &problem), 0);
    cr_assert_eq(crew_living(&crew), 3);
    memcpy(pids, crew.pids, sizeof(pids));
    until(products, 30);
    crew_stop(&crew);
    check_gone(pids, 3);
    struct crew_sums sums = crew_sum(&crew);
    cr_assert_geq(sums.operations, sums.products * 2 * 64 * 64 * 64);
    cr_assert_eq(sums.wrong, 0);
    uint64_t checksum = 0;
    for (unsigned i = 0; i < 3; i++)
        checksum |= crew.page->slots[i].checksum;
    cr_assert_neq(checksum, 0);
    crew_release(&crew);
}

Test(crew, grows_and_shrinks_to_nobody)
{
    begin(64, WORKER_WHOLE / 2);
    cr_assert_eq(crew_keep(&crew, 4, 1, &problem), 0);
    for (unsigned wanted = 4; wanted-- > 0;) {
        for (int i = 0; i < 400 && crew_living(&crew) > wanted; i++) {
            crew_beat(&crew);
            cr_assert_eq(crew_keep(&crew, wanted, 1, &problem), 0);
            wait_ms(5);
        }
        cr_assert_eq(crew_living(&crew), wanted, "the last one, too");
    }
    cr_assert_eq(crew_keep(&crew, 2, 1, &problem), 0);
    cr_assert_eq(crew_living(&crew), 2);
    crew_release(&crew);
    cr_assert(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

Test(crew, one_that_dies_is_replaced)
{
    begin(64, WORKER_WHOLE / 10);
    cr_assert_eq(crew_keep(&crew, 2, 1, &problem), 0);
    pid_t dead = crew.pids[1];
    kill(dead, SIGKILL);
    for (int i = 0; i < 400 && crew.pids[1] == dead; i++) {
        wait_ms(5);
        cr_assert_eq(crew_keep(&crew, 2, 1, &problem), 0);
    }
    cr_assert_neq(crew.pids[1], dead);
    cr_assert_eq(crew_living(&crew), 2);
    cr_assert_eq(crew.died, 1);
    crew_release(&crew);
}

Test(crew, those_that_die_and_die_are_given_up)
{
    int status = 0;

    begin(64, WORKER_WHOLE / 10);
    for (int i = 0; i < 1000 && status == 0; i++) {
        status = crew_keep(&crew, 1, 1, &problem);
        if (crew.pids[0] != 0)
            kill(crew.pids[0], SIGKILL);
        wait_ms(2);
    }
    cr_assert_lt(status, 0);
    cr_assert_not_null(strstr(problem.text, "workers died"), "%s", problem.text);
    crew_release(&crew);
}

Test(crew, a_worker_that_is_stopped_is_killed)
{
    begin(64, WORKER_WHOLE);
    cr_assert_eq(crew_keep(&crew, 2, 1, &problem), 0);
    pid_t pids[2] = {crew.pids[0], crew.pids[1]};
    kill(pids[0], SIGSTOP);
    crew_stop(&crew);
    check_gone(pids, 2);
    crew_release(&crew);
}

Test(crew, as_many_products_as_asked_whoever_dies)
{
    begin(120, WORKER_WHOLE);
    crew.page->counted = true;
    crew.page->tickets = 60;
    for (int i = 0; i < 4000; i++) {
        crew_beat(&crew);
        cr_assert_eq(crew_keep(&crew, 2, i * 0.1, &problem), 0);
        if ((i == 1 || i == 10) && crew.pids[0] != 0)
            kill(crew.pids[0], SIGKILL);
        if (crew.page->tickets <= 0 && crew_living(&crew) == 0)
            break;
        wait_ms(2);
    }
    cr_assert_eq(crew_living(&crew), 0);
    cr_assert_eq(crew_sum(&crew).products, 60);
    crew_release(&crew);
}

Test(crew, without_a_beat_there_is_no_load)
{
    begin(64, WORKER_WHOLE);
    cr_assert_eq(crew_keep(&crew, 1, 1, &problem), 0);
    until(products, 5);
    wait_ms(990); /* nanosleep() takes less than a second each */
    wait_ms(300);
    uint64_t before = crew_sum(&crew).operations;
    wait_ms(200);
    cr_assert_eq(crew_sum(&crew).operations, before);
    crew_beat(&crew);
    until(operations, before + 1);
    crew_release(&crew);
}

Test(crew, duty_nothing_is_nothing)
{
    begin(64, 0);
    cr_assert_eq(crew_keep(&crew, 2, 1, &problem), 0);
    wait_ms(100);
    cr_assert_eq(crew_sum(&crew).operations, 0);
    crew_release(&crew);
}

Test(crew, a_size_without_memory_is_counted)
{
    begin(4000000, WORKER_WHOLE); /* 384 TB */
    cr_assert_eq(crew_keep(&crew, 1, 1, &problem), 0);
    until(no_memory, 1);
    atomic_store(&crew.page->size, 64);
    until(products, 1);
    crew_release(&crew);
}

Test(crew, a_lock_whose_holder_is_killed_is_no_end)
{
    begin(64, WORKER_WHOLE);
    crew.page->contend = 100;
    cr_assert_eq(crew_keep(&crew, 3, 1, &problem), 0);
    until(products, 20);
    for (int round = 0; round < 5; round++) {
        kill(crew.pids[round % 3], SIGKILL);
        wait_ms(10);
        cr_assert_eq(crew_keep(&crew, 3, 100.0 * round, &problem), 0);
        uint64_t before = crew_sum(&crew).products;
        until(products, before + 20);
    }
    crew_release(&crew);
}
