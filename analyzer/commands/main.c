/*
 * `profinject`: finds the subcommand and runs it. Its own file as what unit tests leave
 * out.
 */
#include "analyzer/commands/command_list.h"
#include "analyzer/util/lost_pages.h"
#include "preload/contract/identity.h"
#include "preload/contract/libc_clock.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void print_help(FILE *out)
{
    fputs("usage: profinject COMMAND [OPTIONS] [ARGUMENTS]\n"
          "A profiler that is injected into the program it watches.\n\n",
          out);
    for (size_t i = 0; command_list[i] != NULL; i++)
        fprintf(out, "  %-12s %s\n", command_list[i]->name, command_list[i]->summary);
    fputs("\n'profinject COMMAND --help' tells the rest. Begin with:\n"
          "  profinject record -- PROGRAM [ARGUMENTS]\n"
          "  profinject report\n",
          out);
}

/* Buffered help or version must not be lost without a word. */
static int flush_stdout(int status)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    perror("profinject: cannot write to standard output");
    return 1;
}

static bool is_word(const char *word, const char *name, const char *option, const char *letter)
{
    return strcmp(word, name) == 0 || strcmp(word, option) == 0 || strcmp(word, letter) == 0;
}

int main(int argc, char **argv)
{
    libc_clock_init();
    lost_pages_init();
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    const char *word = argv[1];
    for (size_t i = 0; command_list[i] != NULL; i++) {
        if (strcmp(word, command_list[i]->name) == 0)
            return flush_stdout(command_list[i]->run(argc - 1, argv + 1));
    }
    if (is_word(word, "help", "--help", "-h")) {
        print_help(stdout);
        return flush_stdout(0);
    }
    if (is_word(word, "version", "--version", "-V")) {
        puts("profinject " PROFINJECT_VERSION);
        return flush_stdout(0);
    }
    fprintf(stderr, "profinject: unknown %s '%s': see 'profinject --help'\n",
            word[0] == '-' ? "option" : "command", word);
    return 2;
}
