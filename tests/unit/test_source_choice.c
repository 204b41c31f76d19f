/* Unit tests of analyzer/model/source_choice.c. */
#include "analyzer/model/source_choice.h"

#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *profile;
static struct labels labels;
static struct source_choice choice;

static void add(const char *function, const char *file, uint32_t line, uint32_t decl_line)
{
    struct frame frame = {.function = strings_intern(profile->strings, function),
                          .file = strings_intern(profile->strings, file),
                          .line = line,
                          .decl_line = decl_line};

    profile_add_frame(profile, &frame);
}

static void start(void)
{
    profile = profile_new();
    add("main", "/src/app/main.c", 30, 20);
    add("main", "/src/app/table.def", 3, 20); /* included into it */
    add("rehash", "/src/app/dict.c", 12, 10);
    add("insert", "/src/app/dict.c", 50, 40);
    add("insert_all", "/src/lib/dict.c", 5, 4);
    add("unknown", NULL, 0, 0);
    labels_init(&labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
}

static void stop(void)
{
    source_choice_release(&choice);
    labels_release(&labels);
    profile_free(profile);
}

TestSuite(source_choice, .init = start, .fini = stop);

static size_t wanted(void)
{
    size_t count = 0;

    for (size_t i = 0; i < profile->frame_count; i++)
        count += choice.is_wanted[i];
    return count;
}

Test(source_choice, a_file_by_the_end_of_its_path)
{
    source_choice_init(&choice, profile, &labels, "app/dict.c");
    cr_assert(choice.is_file);
    cr_assert(source_choice_is_clear(&choice));
    cr_assert_eq(choice.file_count, 1);
    cr_assert_str_eq(choice.files[0], "/src/app/dict.c");
    cr_assert_eq(wanted(), 2);
    source_choice_release(&choice);
    source_choice_init(&choice, profile, &labels, "/src/app/main.c");
    cr_assert(choice.is_file && source_choice_is_clear(&choice));
    source_choice_release(&choice);
    /* Whole parts only. */
    source_choice_init(&choice, profile, &labels, "ict.c");
    cr_assert_not(choice.is_file);
    cr_assert_eq(choice.match.count, 0);
}

Test(source_choice, files_of_one_name)
{
    source_choice_init(&choice, profile, &labels, "dict.c");
    cr_assert(choice.is_file);
    cr_assert_eq(choice.file_count, 2);
    cr_assert_not(source_choice_is_clear(&choice));
}

Test(source_choice, a_function_with_all_files_its_code_is_in)
{
    source_choice_init(&choice, profile, &labels, "main");
    cr_assert_not(choice.is_file);
    cr_assert(source_choice_is_clear(&choice));
    cr_assert_eq(choice.file_count, 2);
    cr_assert_eq(wanted(), 2);
    cr_assert_str_eq(choice.decl_file, "/src/app/main.c");
    cr_assert_eq(choice.decl_line, 20);
}

Test(source_choice, several_functions_none_and_one_without_lines)
{
    source_choice_init(&choice, profile, &labels, "nser");
    cr_assert_eq(choice.match.count, 2);
    cr_assert_not(source_choice_is_clear(&choice));
    source_choice_release(&choice);
    source_choice_init(&choice, profile, &labels, "nobody");
    cr_assert_eq(choice.match.count, 0);
    source_choice_release(&choice);
    source_choice_init(&choice, profile, &labels, "unknown");
    cr_assert(source_choice_is_clear(&choice));
    cr_assert_eq(choice.file_count, 0);
}
