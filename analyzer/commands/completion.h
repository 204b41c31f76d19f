/*
 * Scripts that complete `profinject` in shells, made of the list of commands and their tables
 * of options: commands, options, the values they allow, files and directories, recordings,
 * numbers of profiled processes, and behind `record` what the shell completes for any command.
 *
 * Writes to a stream; no state.
 */
#ifndef PROFINJECT_COMMANDS_COMPLETION_H
#define PROFINJECT_COMMANDS_COMPLETION_H

#include "analyzer/commands/command.h"
#include "analyzer/commands/help.h"

#include <stdio.h>

void completion_bash(FILE *out);
void completion_zsh(FILE *out);
void completion_fish(FILE *out);

/* What an option's value is completed with. */
enum completion_value {
    COMPLETE_NOTHING, /* a number, a name, a pattern */
    COMPLETE_WORDS,   /* those of `values` */
    COMPLETE_FILES,
    COMPLETE_DIRECTORIES,
};

/* By what --help calls it: FILE, DIR. */
enum completion_value completion_value_of(const struct option_text *option);

/* The command's options; the table is good until the next call. */
const struct option_text *completion_options(const struct command *command);

/* Words of "a|b|c", blanks between. */
void completion_words(FILE *out, const char *values);

#endif
