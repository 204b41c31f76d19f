/* Unit tests of analyzer/model/locations.c. */
#include "analyzer/model/locations.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static struct locations locations;

static uint32_t add(uint32_t caller, const char *name, enum frame_kind kind, uint64_t address)
{
    struct frame frame = {.function = strings_intern(profile->strings, name),
                          .module = strings_intern(profile->strings, "/bin/made-up"),
                          .kind = kind,
                          .address = address};

    return profile_add_stack(profile, caller, profile_add_frame(profile, &frame), false);
}

Test(locations, inlined_functions_share_the_place_of_their_caller)
{
    profile = profile_new();
    const uint32_t outermost = add(STACK_NONE, "main", FRAME_NATIVE, 0x10);
    const uint32_t host = add(outermost, "host", FRAME_NATIVE, 0x20);
    const uint32_t first = add(host, "first", FRAME_INLINED, 0x20);
    const uint32_t second = add(first, "second", FRAME_INLINED, 0x20);
    const uint32_t leaf = add(second, "leaf", FRAME_NATIVE, 0x30);

    locations_init(&locations, profile);
    cr_assert_eq(locations.items[locations.of_stack[second].location].depth, 2);
    cr_assert_eq(locations.items[locations.of_stack[second].location].outer,
                 locations.of_stack[first].location);
    cr_assert_eq(locations.items[locations.of_stack[host].location].outer, LOCATION_NONE);
    cr_assert_eq(locations.of_stack[leaf].caller, second);
    cr_assert_eq(locations.of_stack[second].caller, outermost);
    cr_assert_eq(locations.of_stack[first].caller, outermost);
    cr_assert_eq(locations.of_stack[outermost].caller, STACK_NONE);
    locations_release(&locations);
    profile_free(profile);
}

/* Two calls of one place are one location; one inlined function in two hosts is two. */
Test(locations, the_same_place_is_one)
{
    profile = profile_new();
    const uint32_t a = add(add(STACK_NONE, "a", FRAME_NATIVE, 0x10), "f", FRAME_INLINED, 0x10);
    const uint32_t b = add(add(STACK_NONE, "b", FRAME_NATIVE, 0x20), "f", FRAME_INLINED, 0x20);
    const uint32_t under_a = add(a, "g", FRAME_NATIVE, 0x30);
    const uint32_t under_b = add(b, "g", FRAME_NATIVE, 0x30);

    locations_init(&locations, profile);
    cr_assert_eq(locations.of_stack[under_a].location, locations.of_stack[under_b].location);
    cr_assert_neq(locations.of_stack[a].location, locations.of_stack[b].location);
    cr_assert_eq(locations.count, 5);
    locations_release(&locations);
    profile_free(profile);
}

/* Made by hand, or by a filter: an inlined function without its host is one of its own. */
Test(locations, an_inlined_function_alone_is_a_place)
{
    profile = profile_new();
    const uint32_t alone = add(STACK_NONE, "f", FRAME_INLINED, 0x10);
    const uint32_t strange =
        add(add(STACK_NONE, "a", FRAME_NATIVE, 0x20), "g", FRAME_INLINED, 0x30);

    locations_init(&locations, profile);
    cr_assert_eq(locations.items[locations.of_stack[alone].location].depth, 0);
    cr_assert_eq(locations.items[locations.of_stack[strange].location].depth, 0);
    locations_release(&locations);
    profile_free(profile);
}
