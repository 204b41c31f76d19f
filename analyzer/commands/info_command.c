/*
 * `profinject info`: facts about a recording; it needs no symbols.
 */
#include "analyzer/commands/reading.h"

static const struct reading_command reading = {
    .command = &command_info,
    .options = READING_JSON | READING_TOP,
    .report = &report_info,
    .counts_only = true,
    .has_messages = true,
};

static int run(int argc, char **argv)
{
    return reading_run(&reading, argc, argv);
}

const struct command command_info = {
    .reading = &reading,
    .name = "info",
    .summary = "What is inside: settings, clock, counts, losses, damage.",
    .run = run,
};
