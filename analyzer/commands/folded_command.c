/*
 * `profinject folded`: the format other flame graph tools read.
 */
#include "analyzer/commands/reading.h"

static const struct reading_command reading = {
    .command = &command_folded,
    .options = READING_METRIC | READING_BY | READING_SHORTEN,
    .report = &report_folded,
    .needs_samples = true,
};

static int run(int argc, char **argv)
{
    return reading_run(&reading, argc, argv);
}

const struct command command_folded = {
    .reading = &reading,
    .name = "folded",
    .summary = "Folded stacks: 'root;...;leaf VALUE' lines for other tools.",
    .run = run,
};
