/*
 * The options of the commands that read recordings: what was asked for, parsed from one
 * table of rows, which --help and shell completion show as well. A command has the rows of
 * its set, enum reading_option. Single-threaded: getopt keeps state. Strings are argv's.
 */
#ifndef PROFINJECT_COMMANDS_READING_OPTIONS_H
#define PROFINJECT_COMMANDS_READING_OPTIONS_H

#include "analyzer/load/load.h"
#include "analyzer/reports/report.h"

#include <stdbool.h>
#include <stddef.h>

struct option_text;
struct reading_command;

/* Options beyond those that every reading command has. */
enum reading_option {
    READING_METRIC = 1u << 0,
    READING_BY = 1u << 1, /* --by-thread, --by-process */
    READING_ALL = 1u << 2,
    READING_TOP = 1u << 3,
    READING_JSON = 1u << 4,
    READING_FLAMEGRAPH = 1u << 5, /* --icicle, --title and others of the picture */
    READING_FORMAT = 1u << 6,     /* required, see reading_command.formats */
    READING_LEAKS = 1u << 7,      /* --leaks, --suppressions */
    READING_SHORTEN = 1u << 8,    /* --shorten: what a person reads, not exports */
    READING_FUNCTION = 1u << 9,   /* --function, --source */
    READING_DIFF = 1u << 10,      /* --absolute, --fail-above, --before */
    READING_OPEN = 1u << 11,      /* --open: the result is a page */
};

/* All zero: nothing was asked for. */
struct reading_options {
    struct report_options report;
    struct load_options load;
    const char *output;          /* NULL: stdout */
    const char *suppressions;    /* path; NULL: none */
    const struct report *format; /* as asked for; NULL: not */
    bool absolute;               /* of `diff`: values, not shares */
    bool fails;                  /* status 3 for growth above so much: */
    double fail_above;           /* percent */
    bool is_terminal;            /* the result went to one; known once it is written */
    bool open;                   /* show it in a browser */
    bool help;
    const char *const *paths; /* in argv, which is put into order */
    size_t path_count;
};

struct option_row {
    const char *name;
    char letter;         /* '\0': no short form */
    const char *metavar; /* NULL: a flag */
    unsigned needs;      /* enum reading_option, any of them; 0: every command has it */
    const char *meaning;
    const char *values; /* all it takes, "a|b|c"; NULL: anything, or the command says */
    /* What it sets: the bool or string at this offset in struct reading_options, */
    size_t at;
    /* or, not NULL, what this makes of the value. Returns 0 or PROBLEM_USAGE. */
    int (*take)(struct reading_options *options, const struct reading_command *command,
                const char *value, struct problem *problem);
};

/* The whole table, in the order of --help; returns the number of rows. */
size_t option_rows(const struct option_row **rows);

/* Whether commands with `set`, enum reading_option, have the row. */
bool option_row_is_of(const struct option_row *row, unsigned set);

/* Fills in *options, which may hold presets, from argv. Returns 0 or PROBLEM_USAGE. When
 * options->help is set afterwards nothing else was looked at. */
int reading_options_parse(struct reading_options *options, const struct reading_command *command,
                          int argc, char **argv, struct problem *problem);

/* The command's rows as a table of texts, in static memory until the next call. */
const struct option_text *reading_options_texts(const struct reading_command *command);

/* Prints what --help gives. */
void reading_options_help(const struct reading_command *command);

#endif
