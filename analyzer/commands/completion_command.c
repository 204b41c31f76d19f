/*
 * `profinject completion SHELL`: a script that completes its command line. Here is what the
 * shells have in common; each has a file of its own.
 */
#include "analyzer/commands/completion.h"
#include "analyzer/commands/reading_options.h"

#include <string.h>

static const struct {
    const char *name;
    void (*write)(FILE *out);
} shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};

const struct option_text *completion_options(const struct command *command)
{
    static const struct option_text help[] = {{'h', "help", NULL, "this text", NULL, NULL}, {0}};

    if (command->reading != NULL)
        return reading_options_texts(command->reading);
    return command->options != NULL ? command->options : help;
}

enum completion_value completion_value_of(const struct option_text *option)
{
    if (option->values != NULL)
        return COMPLETE_WORDS;
    if (option->metavar == NULL)
        return COMPLETE_NOTHING;
    if (strncmp(option->metavar, "FILE", 4) == 0)
        return COMPLETE_FILES;
    return strncmp(option->metavar, "DIR", 3) == 0 ? COMPLETE_DIRECTORIES : COMPLETE_NOTHING;
}

void completion_words(FILE *out, const char *values)
{
    for (; *values != '\0'; values++)
        fputc(*values == '|' ? ' ' : *values, out);
}

static void print_help(void)
{
    printf("usage: profinject completion bash|zsh|fish\n%s\n"
           "`make install` puts it where the shells look for it. To try it:\n\n"
           "  bash  source <(profinject completion bash)\n"
           "  zsh   source <(profinject completion zsh)      after compinit\n"
           "  fish  profinject completion fish | source\n",
           command_completion.summary);
}

static int run(int argc, char **argv)
{
    struct problem problem = {0};

    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_help();
        return 0;
    }
    for (size_t i = 0; argc == 2 && i < sizeof(shells) / sizeof(shells[0]); i++)
        if (strcmp(argv[1], shells[i].name) == 0) {
            shells[i].write(stdout);
            return 0;
        }
    if (argc == 2)
        problem_set(&problem, PROBLEM_USAGE, "shell '%s': allowed: bash, zsh, fish", argv[1]);
    else
        problem_set(&problem, PROBLEM_USAGE, "%s: bash, zsh or fish",
                    argc < 2 ? "SHELL is missing" : "one SHELL only");
    return command_failed(command_completion.name, &problem);
}

const struct command command_completion = {
    .operand = OPERAND_SHELL,
    .name = "completion",
    .summary = "A script for bash, zsh or fish that completes commands and options.",
    .run = run,
};
