/* Unit tests of analyzer/model/mapped_replay.c. */
#include "analyzer/model/mapped_replay.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define PAGES 256 /* of the simulated address space */
#define SITES 7

static struct mapped_replay replay;

static void start(void)
{
    mapped_replay_init(&replay);
    for (int i = 0; i < SITES; i++)
        mapped_replay_add_site(&replay);
}

static void stop(void)
{
    mapped_replay_release(&replay);
}

TestSuite(mapped_replay, .init = start, .fini = stop);

Test(mapped_replay, what_is_unmapped_in_part_is_there_in_part)
{
    mapped_replay_map(&replay, 0, 1, 1000, 100);
    mapped_replay_map(&replay, 1, 2, 2000, 100);
    mapped_replay_unmap(&replay, 1040, 20);
    mapped_replay_unmap(&replay, 2050, 1000);
    mapped_replay_settle(&replay);
    cr_expect_eq(replay.live, 130);
    cr_expect_eq(replay.peak, 200);
    cr_expect_eq(replay.peak_ns, 2);
    cr_expect_eq(replay.sites[0].live, 80);
    cr_expect_eq(replay.sites[1].live, 50);
    cr_expect_eq(replay.sites[0].peak, 100);
    cr_expect_eq(replay.sites[1].peak, 100);
    cr_expect_eq(replay.sites[0].count, 1);
    cr_expect_eq(replay.sites[0].mapped, 100);
}

Test(mapped_replay, a_mapping_takes_the_place_of_what_was_there)
{
    mapped_replay_map(&replay, 0, 1, 1000, 100);
    mapped_replay_map(&replay, 1, 2, 1050, 100);
    cr_expect_eq(replay.live, 150);
    cr_expect_eq(replay.sites[0].live, 50);
    cr_expect_eq(replay.sites[1].live, 100);
}

Test(mapped_replay, what_moves_stays_whose_it_was_and_growth_is_the_movers)
{
    mapped_replay_map(&replay, 0, 1, 1000, 100);
    mapped_replay_map(&replay, 1, 2, 1100, 100);
    mapped_replay_take(&replay, 9, 1000, 200);
    cr_expect_eq(replay.live, 0);
    mapped_replay_take(&replay, 8, 5000, 200); /* another thread's, of something unknown */
    mapped_replay_put(&replay, 9, 2, 3, 9000, 300);
    cr_expect_eq(replay.live, 300);
    cr_expect_eq(replay.sites[0].live, 100);
    cr_expect_eq(replay.sites[1].live, 100);
    cr_expect_eq(replay.sites[2].live, 100);
    mapped_replay_unmap(&replay, 9000, 150);
    cr_expect_eq(replay.sites[0].live, 0);
    cr_expect_eq(replay.sites[1].live, 50);
    cr_expect_eq(replay.moving_count, 0);
}

Test(mapped_replay, unmapping_what_is_not_known_changes_nothing)
{
    mapped_replay_map(&replay, 0, 1, 1000, 100);
    mapped_replay_unmap(&replay, 0, 1000);
    mapped_replay_unmap(&replay, 1100, 1000);
    cr_expect_eq(replay.live, 100);
}

/* The same by a byte per page. */
static struct {
    uint8_t owner[PAGES]; /* site + 1 */
    uint64_t mapped[SITES];
    uint64_t peak, peak_live[SITES];
} truth;

static void true_live(uint64_t *live)
{
    memset(live, 0, SITES * sizeof(*live));
    for (int i = 0; i < PAGES; i++)
        if (truth.owner[i])
            live[truth.owner[i] - 1]++;
}

static void note_true_peak(void)
{
    uint64_t live[SITES], all = 0;

    true_live(live);
    for (int i = 0; i < SITES; i++)
        all += live[i];
    if (all <= truth.peak)
        return;
    truth.peak = all;
    memcpy(truth.peak_live, live, sizeof(live));
}

static void random_event(unsigned *seed, uint64_t time)
{
    unsigned kind = (unsigned)rand_r(seed) % 5, site = (unsigned)rand_r(seed) % SITES;
    unsigned from = (unsigned)rand_r(seed) % PAGES, to = (unsigned)rand_r(seed) % PAGES;
    unsigned length = 1 + (unsigned)rand_r(seed) % (PAGES - (from > to ? from : to));
    uint8_t moved[PAGES];

    if (kind < 2) {
        mapped_replay_map(&replay, site, time, from, length);
        memset(truth.owner + from, (int)site + 1, length);
        truth.mapped[site] += length;
    } else if (kind < 4) {
        mapped_replay_unmap(&replay, from, length);
        memset(truth.owner + from, 0, length);
    } else {
        unsigned kept = 1 + (unsigned)rand_r(seed) % length; /* it grows from that */
        unsigned known = 0;
        memcpy(moved, truth.owner + from, kept);
        memset(truth.owner + from, 0, kept);
        memset(truth.owner + to, 0, length);
        memcpy(truth.owner + to, moved, kept);
        for (unsigned i = 0; i < kept; i++)
            known = moved[i] ? i + 1 : known;
        memset(truth.owner + to + known, (int)site + 1, length - known);
        truth.mapped[site] += length - known;
        mapped_replay_take(&replay, 1, from, kept);
        mapped_replay_put(&replay, 1, site, time, to, length);
    }
    note_true_peak();
}

Test(mapped_replay, random_events_agree_with_a_map_of_every_page)
{
    for (unsigned run = 0; run < 200; run++) {
        unsigned seed = run;
        uint64_t live[SITES];
        memset(&truth, 0, sizeof(truth));
        stop();
        start();
        for (uint64_t time = 1; time <= 100; time++)
            random_event(&seed, time);
        mapped_replay_settle(&replay);
        true_live(live);
        cr_assert_eq(replay.peak, truth.peak);
        for (int i = 0; i < SITES; i++) {
            cr_assert_eq(replay.sites[i].live, live[i], "run %u", run);
            cr_assert_eq(replay.sites[i].peak, truth.peak_live[i], "run %u", run);
            cr_assert_eq(replay.sites[i].mapped, truth.mapped[i], "run %u", run);
        }
    }
}
