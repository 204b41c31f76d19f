/* Rows of the table set what they say; words behind "--" are told apart from those before. */
#include "analyzer/commands/reading_options.h"

#include "analyzer/commands/reading.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct reading_command all = {.command = &command_report, .options = ~READING_FORMAT};
static struct problem problem;

/* Words as a shell gives them, put apart at spaces. */
static struct reading_options parse(const struct reading_command *command, const char *words)
{
    static char line[256];
    static char *argv[16];
    struct reading_options options = {0};
    int argc = 1;

    argv[0] = "x";
    strncpy(line, words, sizeof(line) - 1);
    for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    problem = (struct problem){0};
    reading_options_parse(&options, command, argc, argv, &problem);
    return options;
}

Test(reading_options, flags_texts_and_numbers)
{
    struct reading_options options = parse(
        &all, "--all a --thread=io --no-inlines --min-width 2.5 -o out --top 7 --color language b");

    cr_assert_eq(problem.code, 0, "%s", problem.text);
    cr_assert(options.report.all && options.load.no_inlines && !options.report.json);
    cr_assert_str_eq(options.load.choice.thread, "io");
    cr_assert_str_eq(options.output, "out");
    cr_assert_eq(options.report.min_width, 2.5);
    cr_assert_eq(options.report.top, 7);
    cr_assert_eq(options.report.color_by, FLAME_BY_LANGUAGE);
    cr_assert_eq(options.path_count, 2);
    cr_assert_str_eq(options.paths[0], "a");
    cr_assert_str_eq(options.paths[1], "b");
}

/* A flag's member of another type would be overwritten in part. */
Test(reading_options, every_flag_is_accepted_and_sets_one_byte)
{
    const struct option_row *rows;
    size_t count = option_rows(&rows);

    for (size_t i = 0; i < count; i++) {
        char word[64];
        if (rows[i].metavar != NULL || rows[i].take != NULL)
            continue;
        snprintf(word, sizeof(word), "--%s", rows[i].name);
        struct reading_options options = parse(&all, word);
        cr_assert_eq(problem.code, 0, "%s", word);
        cr_assert_eq(((const char *)&options)[rows[i].at], 1, "%s", word);
    }
}

Test(reading_options, a_command_has_the_rows_of_its_set)
{
    static const struct reading_command few = {.command = &command_info, .options = READING_TOP};

    parse(&few, "--top 3 --focus x");
    cr_assert_eq(problem.code, 0);
    parse(&few, "--icicle");
    cr_assert_eq(problem.code, PROBLEM_USAGE);
    cr_assert_str_eq(problem.text, "unknown option '--icicle': see 'profinject info --help'");
}

Test(reading_options, what_is_no_option_is_a_path)
{
    static const struct {
        const char *words;
        size_t count;
    } cases[] = {
        {"a b", 2}, {"a b --all c", 3}, {"--all -- a b", 2}, {"--title -- a b", 2}, {"a --", 1},
        {"", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cr_assert_eq(parse(&all, cases[i].words).path_count, cases[i].count, "%s", cases[i].words);
}
