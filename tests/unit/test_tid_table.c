/* Unit tests of preload/tid_table.c. */
#include "preload/tid_table.h"

#include <criterion/criterion.h>

/* A struct thread is large; only its first fields are used here. */
static struct thread threads[3];

Test(tid_table, threads_are_found_by_their_tids_until_they_are_removed)
{
    /* Two that look alike, and one of its own. */
    const int tids[] = {5, 5 + 1024, 6};
    for (int i = 0; i < 3; i++) {
        cr_assert_null(tid_table_find(tids[i]));
        threads[i].tid = tids[i];
        tid_table_add(&threads[i]);
    }
    for (int i = 0; i < 3; i++)
        cr_expect_eq(tid_table_find(tids[i]), &threads[i]);
    cr_expect_eq(tid_table_count(), 3);
    tid_table_remove(&threads[0]);
    tid_table_remove(&threads[0]);
    cr_expect_eq(tid_table_count(), 2);
    cr_expect_null(tid_table_find(5));
    cr_expect_eq(tid_table_find(5 + 1024), &threads[1]);
    tid_table_add(&threads[0]);
    tid_table_remove(&threads[1]);
    cr_expect_eq(tid_table_find(5), &threads[0]);
    tid_table_clear();
    cr_expect_eq(tid_table_count(), 0);
    for (int i = 0; i < 3; i++)
        cr_expect_null(tid_table_find(tids[i]));
}
