/* What is left of recordings that rotate, in words. */
#include "analyzer/load/kept_part.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

#define S 1000000000ull

static struct profile_process *process(struct profile *profile, int pid, uint64_t dropped)
{
    uint32_t number = fixture_process(profile, "cat", pid, 1);
    struct profile_process *made = &profile->processes[number];

    made->start_ns = 10 * S;
    made->end_ns = 70 * S;
    made->kept_from_ns = dropped > 0 ? 57 * S + S / 2 : 0;
    made->chunks_before = dropped;
    made->records_before = dropped * 100;
    return made;
}

Test(kept_part, where_nothing_was_dropped_nothing_is_said)
{
    struct profile *profile = profile_new();

    process(profile, 10, 0);
    kept_part_tell(profile);
    cr_assert_null(profile->kept);
    profile_free(profile);
}

Test(kept_part, of_one_process_its_times)
{
    struct profile *profile = profile_new();

    process(profile, 10, 7);
    process(profile, 11, 0);
    kept_part_tell(profile);
    cr_assert_str_eq(profile->kept, "the last 12.5 s of 60.0 s (--rotate; before it 7 chunks with "
                                    "700 records were dropped)");
    profile_free(profile);
}

Test(kept_part, of_several_those_of_the_largest)
{
    struct profile *profile = profile_new();

    process(profile, 10, 7);
    process(profile, 11, 9)->kept_from_ns = 60 * S;
    kept_part_tell(profile);
    cr_assert_str_eq(profile->kept,
                     "the last 10.0 s of 60.0 s of process 11, and likewise of 1 others "
                     "(--rotate; before it 16 chunks with 1600 records were dropped)");
    profile_free(profile);
}
