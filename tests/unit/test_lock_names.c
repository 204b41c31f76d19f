/* Names of locks by where they lie, against a program compiled here. */
#include "analyzer/load/lock_names.h"
#include "tests/unit/compiled.h"
#include "tests/unit/waits_fixture.h"

#include <criterion/criterion.h>
#include <unistd.h>

static struct profile *profile;
static struct code_places code;
static char path[4096];

static void start(void)
{
    scratch_init();
    compiled_need("gcc");
    FILE *source = fopen("data.c", "w");
    fputs("int dict_lock[10] = {1};\nint main(void) { return dict_lock[3]; }\n", source);
    fclose(source);
    compiled_run("gcc -O0 -o data data.c && nm data | sed -n 's/ D dict_lock//p' >symbol");
    cr_assert_not_null(getcwd(path, sizeof(path) - 8));
    strcat(path, "/data");
    profile = waits_profile(1);
    profile->processes[0].exe = path;
    code_places_init(&code, profile->strings);
}

static void stop(void)
{
    code_places_release(&code);
    profile_free(profile);
    scratch_release();
}

TestSuite(lock_names, .init = start, .fini = stop);

static uint64_t dict_lock(void)
{
    unsigned long long address = 0;
    FILE *in = fopen("symbol", "r");

    cr_assert_eq(fscanf(in, "%llx", &address), 1);
    fclose(in);
    return address;
}

static struct profile_object *add(uint32_t image, uint64_t elf_address)
{
    uint32_t number = waits_lock(profile, NULL, 0x5555 + elf_address);

    profile->objects[number].image = image;
    profile->objects[number].elf_address = elf_address;
    return &profile->objects[number];
}

Test(lock_names, variables_modules_and_the_heap)
{
    uint32_t image = code_places_image(&code, path, NULL, 0);
    uint64_t lock = dict_lock();

    add(image, lock);
    add(image, lock + 8);
    add(image, lock - 8);
    add(image, lock + (1 << 24));
    add(image, lock + (1ull << 40));
    add(CODE_IMAGE_UNKNOWN, lock);
    waits_lock(profile, "named", 1);
    lock_names_find(profile, &code, NULL, NULL, NULL);
    const struct profile_object *objects = profile->objects;
    cr_expect_str_eq(objects[0].name, "dict_lock");
    cr_expect_str_eq(objects[1].name, "dict_lock+0x8");
    cr_expect(objects[2].name != NULL && strncmp(objects[2].name, "data+0x", 7) == 0, "%s",
              objects[2].name);
    cr_expect_null(objects[3].name);
    cr_expect_str_eq(objects[3].where, "in the heap");
    cr_expect(objects[4].name == NULL && objects[4].where == NULL, "too far from the program");
    cr_expect(objects[5].name == NULL && objects[5].where == NULL);
    cr_expect_str_eq(objects[6].name, "named");
}

/* Behind a library may lie anything. */
Test(lock_names, only_the_programs_heap_is_known)
{
    profile->processes[0].exe = "/bin/other";
    add(code_places_image(&code, path, NULL, 0), dict_lock() + (1 << 24));
    lock_names_find(profile, &code, NULL, NULL, NULL);
    cr_expect_null(profile->objects[0].where);
}

/* Of a file that is not the one recorded nothing is known, not even where its data end. */
Test(lock_names, another_build_of_the_program)
{
    add(code_places_image(&code, path, (const uint8_t *)"other", 5), dict_lock());
    lock_names_find(profile, &code, NULL, NULL, NULL);
    cr_expect(profile->objects[0].name == NULL && profile->objects[0].where == NULL);
}
