/*
 * `profinject export`: profiles for other programs.
 */
#include "analyzer/commands/clean_export.h"
#include "analyzer/commands/reading.h"

static const struct report *const reports[] = {
    &report_json, &report_pprof, &report_speedscope, &report_firefox, &report_callgrind, NULL};

static const struct reading_command reading = {
    .command = &command_export,
    .options = READING_FORMAT,
    .reports = reports,
    .formats = "json, pprof, speedscope, firefox, callgrind, " CLEAN_EXPORT_FORMAT,
};

static int run(int argc, char **argv)
{
    if (clean_export_is_asked(argc, argv))
        return clean_export_run(argc, argv);
    return reading_run(&reading, argc, argv);
}

const struct command command_export = {
    .reading = &reading,
    .name = "export",
    .summary = "The profile for other programs: pprof, speedscope, Firefox, ...",
    .run = run,
};
