/*
 * What the commands that read recordings have in common: options, loading,
 * messages, output. Such a command is one struct reading_command.
 */
#ifndef PROFINJECT_COMMANDS_READING_H
#define PROFINJECT_COMMANDS_READING_H

#include "analyzer/commands/command.h"
#include "analyzer/load/load.h"
#include "analyzer/reports/report.h"

#include <stdbool.h>

/* Options beyond those that every reading command has. */
enum reading_option {
    READING_METRIC = 1u << 0,
    READING_BY = 1u << 1, /* --by-thread, --by-process */
    READING_ALL = 1u << 2,
    READING_TOP = 1u << 3,
    READING_JSON = 1u << 4,
    READING_FLAMEGRAPH = 1u << 5, /* --icicle, --title and others of the picture */
    READING_FORMAT = 1u << 6,     /* required, see `format` */
    READING_LEAKS = 1u << 7,      /* --leaks, --suppressions */
    READING_SHORTEN = 1u << 8,    /* --shorten: what a person reads, not exports */
    READING_FUNCTION = 1u << 9,   /* --function, --source */
};

struct reading_command {
    const struct command *command; /* its name and summary */
    unsigned options;              /* enum reading_option */
    const struct report *report;          /* NULL: one of those below, by --format */
    const struct report *const *reports; /* NULL ends them */
    const char *formats;                 /* all that --format takes, for messages */
    bool counts_only;    /* needs no symbols */
    bool needs_samples;  /* a recording without samples is a failure */
    bool has_messages;   /* its result shows messages: always, or if it has --all then with that */
};

/* Runs the command; returns its exit status. */
int reading_run(const struct reading_command *command, int argc, char **argv);

#endif
