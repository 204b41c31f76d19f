/*
 * `profinject flamegraph`: the picture.
 */
#include "analyzer/commands/reading.h"

static const struct reading_command reading = {
    .command = &command_flamegraph,
    .options = READING_METRIC | READING_BY | READING_FLAMEGRAPH | READING_SHORTEN,
    .report = &report_flamegraph,
    .needs_samples = true,
};

static int run(int argc, char **argv)
{
    return reading_run(&reading, argc, argv);
}

const struct command command_flamegraph = {
    .reading = &reading,
    .name = "flamegraph",
    .summary = "One self-contained interactive SVG.",
    .run = run,
};
