/* Frames of stacks that are referred to keep their names, others have none. */
#include "analyzer/model/unused_frames.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static bool is_named(const struct profile *profile, const char *name)
{
    for (size_t i = 0; i < profile->frame_count; i++)
        if (strcmp(profile->frames[i].function, name) == 0)
            return true;
    return false;
}

Test(unused_frames, only_what_is_referred_to_keeps_its_name)
{
    struct profile *profile = profile_new();
    uint32_t thread = fixture_thread(profile, fixture_process(profile, "p", 1, 0), "t", 1);

    fixture_entry(profile, thread, fixture_stack(profile, "main;kept"), 5, 0);
    fixture_stack(profile, "main;gone;below");
    profile->threads[thread].last =
        (struct profile_last){.time_ns = 1, .stack = fixture_stack(profile, "at_the_end")};
    size_t count = profile->frame_count;
    unused_frames_hide(profile);
    cr_expect(is_named(profile, "main") && is_named(profile, "kept"));
    cr_expect(is_named(profile, "at_the_end"));
    cr_expect(!is_named(profile, "gone") && !is_named(profile, "below"));
    cr_expect(is_named(profile, UNUSED_FRAME));
    cr_expect_eq(profile->frame_count, count);
    profile_free(profile);
}
