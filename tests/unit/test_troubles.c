/* Places of trouble become one line per module, the worst first. */
#include "analyzer/load/troubles.h"

#include <criterion/criterion.h>
#include <string.h>

static void trouble_at(struct code_places *code, uint32_t image, uint64_t address, uint64_t samples)
{
    uint32_t place = code_places_add(code, image, address);
    code->places[place].trouble_samples = samples;
}

Test(troubles, by_module_most_first)
{
    struct profile *profile = profile_new();
    struct code_places code;

    code_places_init(&code, profile->strings);
    uint32_t few = code_places_image(&code, "/lib/few.so", NULL, 0);
    uint32_t many = code_places_image(&code, "/lib/many.so", NULL, 0);
    trouble_at(&code, few, 0x10, 3);
    trouble_at(&code, many, 0x20, 4);
    trouble_at(&code, many, 0x30, 5);
    trouble_at(&code, many, 0x40, 0);
    trouble_at(&code, CODE_IMAGE_UNKNOWN, 0x7f00, 1);
    troubles_tell(&code, profile);
    cr_assert_eq(profile->trouble_count, 3);
    const struct profile_trouble *first = &profile->troubles[0];
    cr_assert_str_eq(first->module, "/lib/many.so");
    cr_assert(first->samples == 9 && first->places == 2 && first->address == 0x30);
    cr_assert_str_eq(profile->troubles[1].module, "/lib/few.so");
    cr_assert_null(profile->troubles[2].module);
    code_places_release(&code);
    profile_free(profile);
}

Test(troubles, none_is_the_rule)
{
    struct profile *profile = profile_new();
    struct code_places code;

    code_places_init(&code, profile->strings);
    code_places_add(&code, CODE_IMAGE_UNKNOWN, 1);
    troubles_tell(&code, profile);
    cr_assert_eq(profile->trouble_count, 0);
    code_places_release(&code);
    profile_free(profile);
}
