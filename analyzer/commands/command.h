/*
 * The subcommands of `profinject`: one file each, dispatched by main.c.
 */
#ifndef PROFINJECT_COMMANDS_COMMAND_H
#define PROFINJECT_COMMANDS_COMMAND_H

#include "analyzer/util/problem.h"

struct option_text;
struct reading_command;

/* What stands behind the options, for completion. */
enum command_operand {
    OPERAND_RECORDINGS,
    OPERAND_PROGRAM, /* and its arguments */
    OPERAND_PID,
    OPERAND_FILE,
    OPERAND_SHELL, /* of `completion` */
    OPERAND_NOTHING,
};

struct command {
    const char *name;
    const char *summary; /* one line for `profinject --help` */
    enum command_operand operand;
    const struct reading_command *reading; /* its options are those of reading_options.h */
    const struct option_text *options;     /* others' options, see help.h; NULL: --help alone */
    /* argv[0] is the command's name. Returns the exit status. */
    int (*run)(int argc, char **argv);
};

extern const struct command command_record;
extern const struct command command_report;
extern const struct command command_folded;
extern const struct command command_flamegraph;
extern const struct command command_html;
extern const struct command command_export;
extern const struct command command_diff;
extern const struct command command_archive;
extern const struct command command_correlate;
extern const struct command command_info;
extern const struct command command_pause;
extern const struct command command_resume;
extern const struct command command_toggle;
extern const struct command command_snapshot;
extern const struct command command_symbolize;
extern const struct command command_heat;
extern const struct command command_completion;

/* Prints `profinject NAME: TEXT` on stderr, as one line that no terminal obeys. */
void command_tell(const char *name, const char *text);

/* The same of a problem's text; returns the exit status for it. */
int command_failed(const char *name, const struct problem *problem);

/*
 * Says what was wrong with the option getopt_long() has just refused, by
 * returning '?' or ':' with opterr = 0 and an option string that starts with ':'
 * or "+:". The text names the option and where to read on.
 */
void command_bad_option(const char *name, int result, char **argv, struct problem *problem);

#endif
