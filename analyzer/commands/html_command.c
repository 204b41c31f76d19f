/*
 * `profinject html`: the report in a browser.
 */
#include "analyzer/commands/html_command.h"

#include "analyzer/commands/reading.h"

static const struct reading_command reading = {
    .command = &command_html,
    .options = READING_BY | READING_SHORTEN | READING_OPEN,
    .report = &report_html,
    .needs_samples = true,
};

static int run(int argc, char **argv)
{
    return reading_run(&reading, argc, argv);
}

void html_command_for_record(const char *recording, bool quiet)
{
    const struct reading_command opening = {
        .command = &command_record,
        .options = READING_OPEN,
        .report = &report_html,
        .needs_samples = true,
        .is_part = true,
        .is_quiet = quiet,
    };
    char *argv[] = {(char *)command_record.name, "--open", "--", (char *)recording, NULL};

    (void)reading_run(&opening, 4, argv);
}

const struct command command_html = {
    .reading = &reading,
    .name = "html",
    .summary = "One self-contained page: flame graph, timelines, tables.",
    .run = run,
};
