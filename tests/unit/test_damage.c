/*
 * What is said of damage: when what is missing was.
 */
#include "analyzer/load/damage.h"

#include <criterion/criterion.h>

#include <stdio.h>

static const char *told(struct trace_gap gap)
{
    static char text[400];
    struct profile *profile = profile_new();
    const struct profile_process process = {.start_ns = 1000000000};
    const struct trace_summary summary = {
        .chunks = 3, .chunks_damaged = 1, .gaps = {gap}, .gap_count = 1};

    damage_tell(profile, "t", &process, &summary);
    snprintf(text, sizeof(text), "%s", profile->messages[0]);
    profile_free(profile);
    return text;
}

Test(damage, is_told_with_its_time)
{
    cr_assert_str_eq(told((struct trace_gap){.from_ns = 2000000000, .to_ns = 3500000000}),
                     "trace 't': 1 of 4 chunks damaged, missing from 1.000 to 2.500 s");
    cr_assert_str_eq(told((struct trace_gap){.from_ns = 2000000000}),
                     "trace 't': 1 of 4 chunks damaged, missing from 1.000 s on");
}

Test(damage, before_a_chunk_that_reaches_back_does_not_end_before_it_begins)
{
    cr_assert_str_eq(told((struct trace_gap){.from_ns = 2000000000, .to_ns = 1000000}),
                     "trace 't': 1 of 4 chunks damaged, missing from 1.000 to 1.000 s");
}
