/* What collectors of one thread have in common: the machine's lock, and descriptors. */
#include "preload/resources/election.h"

#include "preload/resources/kept_file.h"

#include <criterion/criterion.h>
#include <sys/resource.h>

static struct election election;

/* Of 200 above those that stay free half is for collectors. */
static void start(void)
{
    const struct rlimit limit = {KEPT_FILE_LOW + 200, KEPT_FILE_LOW + 200};
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    election_init(&election);
}

TestSuite(election, .init = start);

Test(election, a_collector_gets_part_of_what_is_left)
{
    cr_expect_eq(election_lend(&election, 1024), 25);
    cr_expect_eq(election_lend(&election, 17), 17, "no more than it wants");
}

Test(election, half_of_the_limit_stays_for_rings_and_traces)
{
    int lent = 0, more;
    unsigned count = 0;
    for (; count < 1000 && (more = election_lend(&election, 1024)) > 0; count++)
        lent += more;
    cr_expect_leq(lent, 100);
    cr_expect_gt(count, 3u);
    cr_expect_eq(election_lend(&election, 1024), 0, "others keep none");
    election_give_back(&election, 100);
    cr_expect_gt(election_lend(&election, 1024), 0, "who ends gives his back");
}
