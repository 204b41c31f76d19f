/* Equal places are one place, different builds of a file are two images. */
#include "analyzer/load/code_places.h"

#include <criterion/criterion.h>
#include <sys/stat.h>

static struct strings *strings;
static struct code_places code;

static void start(void)
{
    strings = strings_new();
    code_places_init(&code, strings);
}

static void stop(void)
{
    code_places_release(&code);
    strings_free(strings);
}

TestSuite(code_places, .init = start, .fini = stop);

Test(code_places, images_are_told_apart_by_path_and_build_id)
{
    /* Build-ids hold NUL bytes: everything after them counts too. */
    const uint8_t one[] = {1, 0, 1}, other[] = {1, 0, 2};
    uint32_t a = code_places_image(&code, "/lib/a", one, 3);

    cr_assert_neq(a, CODE_IMAGE_UNKNOWN);
    cr_assert_eq(code_places_image(&code, "/lib/a", one, 3), a);
    cr_assert_neq(code_places_image(&code, "/lib/a", other, 3), a);
    cr_assert_neq(code_places_image(&code, "/lib/a", NULL, 0), a);
    cr_assert_neq(code_places_image(&code, "/lib/b", one, 3), a);
    cr_assert_eq(code.image_count, 5);
    cr_assert_not(code.images[a].own);
    uint32_t own = code_places_image(&code, "/usr/lib/profinject/libprofinject.so", NULL, 0);
    cr_assert(code.images[own].own);
    own = code_places_image(&code, "libprofinject.so", NULL, 0);
    cr_assert(code.images[own].own);
    own = code_places_image(&code, "/libprofinject.so/libother.so", NULL, 0);
    cr_assert_not(code.images[own].own);
    cr_assert_str_eq(code.images[a].path, "/lib/a");
    cr_assert_arr_eq(code.images[a].build_id, one, 3);
    cr_assert_null(code.images[CODE_IMAGE_UNKNOWN].path);
}

Test(code_places, places_are_told_apart_by_image_and_address)
{
    uint32_t image = code_places_image(&code, "/lib/a", NULL, 0);
    uint32_t place = code_places_add(&code, image, 0x1234);

    cr_assert_eq(code_places_add(&code, image, 0x1234), place);
    cr_assert_neq(code_places_add(&code, image, 0x1235), place);
    cr_assert_neq(code_places_add(&code, CODE_IMAGE_UNKNOWN, 0x1234), place);
    cr_assert_eq(code.place_count, 3);
    cr_assert_eq(code.places[place].address, 0x1234);
    cr_assert_eq(code.places[place].image, image);
}

/* A file without a build-id that changed after it was mapped may be any. */
Test(code_places, a_changed_file_without_a_build_id_is_doubtful)
{
    const uint8_t id[] = {1, 2};
    struct stat status;
    cr_assert_eq(stat("/proc/self/exe", &status), 0);
    uint64_t changed =
        (uint64_t)status.st_ctim.tv_sec * 1000000000u + (uint64_t)status.st_ctim.tv_nsec;
    uint32_t plain = code_places_image(&code, "/proc/self/exe", NULL, 0);
    uint32_t known = code_places_image(&code, "/proc/self/exe", id, sizeof(id));

    cr_expect_not(code_image_is_doubtful(&code.images[plain]), "nothing is known of the time");
    code_places_mapped(&code, plain, changed + 1);
    code_places_mapped(&code, plain, 0);
    cr_expect_not(code_image_is_doubtful(&code.images[plain]));
    code_places_mapped(&code, plain, changed - 1);
    code_places_mapped(&code, plain, changed + 2);
    cr_expect(code_image_is_doubtful(&code.images[plain]), "the first time counts");
    code_places_mapped(&code, known, changed - 1);
    cr_expect_not(code_image_is_doubtful(&code.images[known]), "its build-id tells");
}
