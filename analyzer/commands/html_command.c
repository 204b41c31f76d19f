/*
 * `profinject html`: the report in a browser.
 */
#include "analyzer/commands/reading.h"

static int run(int argc, char **argv)
{
    static const struct reading_command reading = {
        .command = &command_html,
        .options = READING_BY | READING_SHORTEN,
        .report = &report_html,
        .needs_samples = true,
    };

    return reading_run(&reading, argc, argv);
}

const struct command command_html = {
    .name = "html",
    .summary = "One self-contained page: flame graph, timelines, tables.",
    .run = run,
};
