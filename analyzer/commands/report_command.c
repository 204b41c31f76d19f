/*
 * `profinject report`: one screen for a person. Its own file as every subcommand.
 */
#include "analyzer/commands/reading.h"

static const struct reading_command reading = {
    .command = &command_report,
    .options = READING_ALL | READING_TOP | READING_JSON | READING_LEAKS | READING_SHORTEN |
               READING_FUNCTION | READING_METRIC,
    .report = &report_text,
    .has_messages = true,
};

static int run(int argc, char **argv)
{
    return reading_run(&reading, argc, argv);
}

const struct command command_report = {
    .reading = &reading,
    .name = "report",
    .summary = "One screen: where the time went, function by function.",
    .run = run,
};
