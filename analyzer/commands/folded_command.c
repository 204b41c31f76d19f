/*
 * `profinject folded`: the format other flame graph tools read.
 */
#include "analyzer/commands/reading.h"

static int run(int argc, char **argv)
{
    static const struct reading_command reading = {
        .command = &command_folded,
        .options = READING_METRIC | READING_BY | READING_SHORTEN,
        .report = &report_folded,
        .needs_samples = true,
    };

    return reading_run(&reading, argc, argv);
}

const struct command command_folded = {
    .name = "folded",
    .summary = "Folded stacks: 'root;...;leaf VALUE' lines for other tools.",
    .run = run,
};
