/*
 * What the commands that read recordings have in common: options, loading,
 * messages, output. Such a command is one struct reading_command.
 */
#ifndef PROFINJECT_COMMANDS_READING_H
#define PROFINJECT_COMMANDS_READING_H

#include "analyzer/commands/command.h"
#include "analyzer/commands/reading_options.h"

#include <stdbool.h>

struct reading_command {
    const struct command *command; /* its name and summary */
    unsigned options;              /* enum reading_option */
    const char *arguments;         /* of --help, after [OPTIONS]; NULL: traces and recordings */
    const struct report *report;   /* NULL: one of those below, by --format */
    const struct report *const *reports; /* NULL ends them */
    const char *formats;                 /* all that --format takes, for messages */
    bool counts_only;                    /* needs no symbols */
    bool needs_samples;                  /* a recording without samples is a failure */
    bool is_part;                        /* of another command, which tells messages itself */
    bool is_quiet;                       /* neither where the page is that is opened, nor why not */
    bool has_messages; /* its result shows messages: always, or if it has --all then with that */
};

/* Runs the command; returns its exit status. */
int reading_run(const struct reading_command *command, int argc, char **argv);

/* A step of it, for commands that read in another way: writes the report to where it was asked
 * for. */
int reading_write(const struct report *report, struct reading_options *asked,
                  const struct profile *profile, struct problem *problem);

#endif
