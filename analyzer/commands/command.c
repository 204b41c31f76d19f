/*
 * How subcommands speak to the user when something is wrong. Its own file so that
 * all of them say it in the same words.
 */
#include "analyzer/commands/command.h"

#include "analyzer/util/utf8.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

void command_tell(const char *name, const char *text)
{
    char *clean = utf8_clean(text); /* names of files may be anybody's */

    fprintf(stderr, "profinject %s: %s\n", name, clean);
    free(clean);
}

int command_failed(const char *name, const struct problem *problem)
{
    command_tell(name, problem->text);
    return problem_exit_status(problem->code);
}

void command_bad_option(const char *name, int result, char **argv, struct problem *problem)
{
    const char *word = argv[optind - 1];
    char letter[] = {'-', (char)optopt, '\0'};
    /* A long option leaves its whole word behind, in a cluster only the letter is known. */
    const char *option = word[0] == '-' && word[1] == '-' ? word : letter;

    if (result == ':')
        problem_set(problem, PROBLEM_USAGE, "option '%s' needs a value: see 'profinject %s --help'",
                    option, name);
    else if (option == word && optopt != 0)
        problem_set(problem, PROBLEM_USAGE,
                    "option '%s' takes no value: see 'profinject %s --help'", option, name);
    else
        problem_set(problem, PROBLEM_USAGE, "unknown option '%s': see 'profinject %s --help'",
                    option, name);
}
