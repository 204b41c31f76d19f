/*
 * `profinject correlate`: what resources have to do with functions and with each other. Its own file
 * as every subcommand.
 */
#include "analyzer/commands/reading.h"

static const struct reading_command reading = {
    .command = &command_correlate,
    .options = READING_JSON | READING_TOP | READING_SHORTEN,
    .report = &report_correlate,
    .has_messages = true,
};

static int run(int argc, char **argv)
{
    return reading_run(&reading, argc, argv);
}

const struct command command_correlate = {
    .reading = &reading,
    .name = "correlate",
    .summary = "What resources have to do with functions, and with each other.",
    .run = run,
};
