/*
 * `profinject export`: profiles for other programs.
 */
#include "analyzer/commands/reading.h"

static int run(int argc, char **argv)
{
    static const struct reading_command reading = {
        .command = &command_export,
        .options = READING_FORMAT,
        .report = &report_json,
        .format = "json",
    };

    return reading_run(&reading, argc, argv);
}

const struct command command_export = {
    .name = "export",
    .summary = "The profile in another format: json (schema profinject-1).",
    .run = run,
};
