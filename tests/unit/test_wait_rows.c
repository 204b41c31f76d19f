/* Waits in groups, and objects of input and output. */
#include "analyzer/model/io_table.h"
#include "analyzer/model/wait_rows.h"
#include "tests/unit/waits_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static uint32_t one, other, file;

static void start(void)
{
    profile = waits_profile(3);
    one = waits_lock(profile, "one", 0x10);
    other = waits_lock(profile, "other", 0x20);
    file = waits_file(profile, "/data", (struct object_io){8, 4096, 8, 4});
    waits_add(profile, (struct made_wait){0, TRACE_WAIT_MUTEX, one, 2, "main;a", 3, 30});
    waits_add(profile, (struct made_wait){1, TRACE_WAIT_MUTEX, one, 2, "main;a", 2, 20});
    waits_add(profile, (struct made_wait){1, TRACE_WAIT_MUTEX, one, 0, "main;b", 1, 10});
    waits_add(profile, (struct made_wait){1, TRACE_WAIT_MUTEX, other, 0, "main;b", 1, 90});
    waits_add(profile, (struct made_wait){0, TRACE_WAIT_READ, file, 1, "main;c", 4, 5});
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(wait_rows, .init = start, .fini = stop);

Test(wait_rows, by_kind_most_blocked_first)
{
    struct wait_rows rows;

    wait_rows_init(&rows, profile, WAIT_BY_KIND, NULL, NULL);
    cr_assert_eq(rows.count, 2);
    cr_expect_eq(rows.rows[0].one->kind, TRACE_WAIT_MUTEX);
    cr_expect_eq(rows.rows[0].sums.blocked_ns, 150 * FIXTURE_MS);
    cr_expect_eq(rows.rows[0].sums.count, 7);
    cr_expect_eq(rows.rows[0].sums.longest_ns, 45 * FIXTURE_MS);
    wait_rows_release(&rows);
}

Test(wait_rows, locks_their_holders_and_stacks)
{
    const enum wait_group locks = WAIT_GROUP_LOCK;
    struct wait_rows rows, holders, stacks;

    wait_rows_init(&rows, profile, WAIT_BY_OBJECT | WAIT_BY_KIND, wait_is_of_group, &locks);
    cr_assert_eq(rows.count, 2);
    cr_expect_eq(rows.rows[0].one->object, other);
    wait_rows_init(&holders, profile, WAIT_BY_PEER, wait_is_alike, rows.rows[1].one);
    wait_rows_init(&stacks, profile, WAIT_BY_STACK, wait_is_alike, rows.rows[1].one);
    cr_assert(holders.count == 2 && stacks.count == 2);
    cr_expect_eq(holders.rows[0].one->peer_thread, 2);
    cr_expect_eq(holders.rows[0].sums.blocked_ns, 50 * FIXTURE_MS);
    cr_expect_eq(stacks.rows[1].sums.blocked_ns, 10 * FIXTURE_MS);
    wait_rows_release(&stacks);
    wait_rows_release(&holders);
    wait_rows_release(&rows);
}

Test(wait_rows, who_had_a_lock_woke_nobody)
{
    struct wait_rows rows;

    wait_rows_init(&rows, profile, WAIT_BY_THREAD | WAIT_BY_PEER, wait_is_woken, NULL);
    cr_assert_eq(rows.count, 1);
    cr_expect_eq(rows.rows[0].one->kind, TRACE_WAIT_READ);
    wait_rows_release(&rows);
}

/* Of two threads that wait for each other to end, say. */
Test(wait_rows, a_wait_that_was_never_over_was_nobodys_wake_up)
{
    struct wait_rows rows;

    waits_add(profile, (struct made_wait){2, TRACE_WAIT_JOIN, WAIT_OBJECT_NONE, 0, "main;d", 0, 7});
    profile->waits[profile->wait_count - 1].sums.open = 1;
    wait_rows_init(&rows, profile, WAIT_BY_THREAD | WAIT_BY_PEER, wait_is_woken, NULL);
    cr_assert_eq(rows.count, 1);
    cr_expect_eq(rows.rows[0].one->kind, TRACE_WAIT_READ);
    wait_rows_release(&rows);
}

Test(wait_rows, files_also_where_nobody_waited)
{
    struct io_table table;

    waits_file(profile, "/never", (struct object_io){0, 0, 0, 0});
    waits_file(profile, "/cached", (struct object_io){1, 1 << 20, 0, 1});
    io_table_init(&table, profile);
    cr_assert_eq(table.count, 2);
    cr_expect_eq(table.rows[0].object, file);
    cr_expect_eq(table.rows[0].blocked_ns, 5 * FIXTURE_MS);
    cr_expect_str_eq(profile->objects[table.rows[1].object].name, "/cached");
    io_table_release(&table);
    profile->part = "thread 't0'";
    io_table_init(&table, profile);
    cr_assert_eq(table.count, 1, "calls are of all threads");
    cr_expect_eq(table.rows[0].object, file);
    io_table_release(&table);
}
