/*
 * The options of reading commands: one table, and how it is parsed. Its own file because --help
 * and shell completion are made from the same table, and because what is asked for is one
 * thing and the course of a command another.
 */
#include "analyzer/commands/reading_options.h"

#include "analyzer/commands/command.h"
#include "analyzer/commands/help.h"
#include "analyzer/commands/reading.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What getopt returns for a row: beyond characters. */
#define FIRST_VALUE 256

/* A name that is no metric may be a counter's: the recording will tell. */
static int take_metric(struct reading_options *options, const struct reading_command *command,
                       const char *value, struct problem *problem)
{
    (void)command;
    (void)problem;
    options->report.metric = metric_by_name(value);
    options->load.counter = NULL;
    if (options->report.metric != METRIC_COUNT)
        return 0;
    options->report.metric = METRIC_COUNTER;
    options->load.counter = value;
    metric_use_counter(value);
    return 0;
}

static int take_top(struct reading_options *options, const struct reading_command *command,
                    const char *value, struct problem *problem)
{
    char *end;

    (void)command;
    errno = 0;
    unsigned long top = strtoul(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || top == 0)
        return problem_set(problem, PROBLEM_USAGE, "--top '%s': allowed: a number from 1", value);
    options->report.top = top;
    return 0;
}

static int take_format(struct reading_options *options, const struct reading_command *command,
                       const char *value, struct problem *problem)
{
    for (const struct report *const *one = command->reports; *one != NULL; one++)
        if (strcmp(value, (*one)->name) == 0) {
            options->format = *one;
            return 0;
        }
    return problem_set(problem, PROBLEM_USAGE, "--format '%s': allowed: %s", value,
                       command->formats);
}

static int take_time(struct reading_options *options, const struct reading_command *command,
                     const char *value, struct problem *problem)
{
    (void)command;
    return time_span_parse(&options->load.time, value, problem);
}

/* Means --leaks. */
static int take_suppressions(struct reading_options *options, const struct reading_command *command,
                             const char *value, struct problem *problem)
{
    (void)command;
    (void)problem;
    options->report.leaks = true;
    options->suppressions = value;
    return 0;
}

static int take_min_width(struct reading_options *options, const struct reading_command *command,
                          const char *value, struct problem *problem)
{
    char *end;
    double width = strtod(value, &end);

    (void)command;
    if (end == value || *end != '\0' || !(width > 0 && width <= FLAME_WIDTH))
        return problem_set(problem, PROBLEM_USAGE,
                           "--min-width '%s': allowed: pixels above 0, up to %d", value,
                           FLAME_WIDTH);
    options->report.min_width = width;
    return 0;
}

static int take_color(struct reading_options *options, const struct reading_command *command,
                      const char *value, struct problem *problem)
{
    static const char *const names[] = {
        [FLAME_BY_MODULE] = "module", [FLAME_BY_LANGUAGE] = "language"};

    (void)command;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(value, names[i]) == 0) {
            options->report.color_by = (enum flame_color)i;
            return 0;
        }
    return problem_set(problem, PROBLEM_USAGE, "--color '%s': allowed: module, language", value);
}

static int take_fail_above(struct reading_options *options, const struct reading_command *command,
                           const char *value, struct problem *problem)
{
    char *end;
    double percent = strtod(value, &end);
    bool is_number = value[0] >= '0' && value[0] <= '9' && isfinite(percent);

    (void)command;
    if (!is_number || (*end != '\0' && strcmp(end, "%") != 0))
        return problem_set(problem, PROBLEM_USAGE, "--fail-above '%s': allowed: percent from 0",
                           value);
    options->fails = true;
    options->fail_above = percent;
    return 0;
}

/* Where what a row sets lies. */
#define AT(member) .at = offsetof(struct reading_options, member)

static const struct option_row rows[] = {
    {"metric", 0, "M", READING_METRIC,
     "what to count: cpu (default), samples, memory-delta, wall, offcpu, runnable, "
     "lock-wait, io-wait, alloc-bytes, alloc-count, live-bytes, live-count, peak-bytes, "
     "temporary-count, mapped-bytes, throttled-cpu, or a counter of the program's",
     .take = take_metric},
    {"format", 0, "F", READING_FORMAT, "output format", .take = take_format},
    {"all", 0, NULL, READING_ALL, "every section", AT(report.all)},
    {"top", 0, "N", READING_TOP, "rows of the tables", .take = take_top},
    {"by-thread", 0, NULL, READING_BY, "put 'name (tid)' first", AT(report.by_thread)},
    {"by-process", 0, NULL, READING_BY, "put 'comm (pid)' first", AT(report.by_process)},
    {"leaks", 0, NULL, READING_LEAKS, "what was not freed, by stack, and nothing else",
     AT(report.leaks)},
    {"suppressions", 0, "FILE", READING_LEAKS,
     "--leaks without those known: lines leak:PATTERN, as LeakSanitizer reads them",
     .take = take_suppressions},
    {"function", 0, "NAME", READING_FUNCTION, "who calls this function, and whom it calls",
     AT(report.function)},
    {"source", 0, "FILE|FUNCTION", READING_FUNCTION, "its source text, with the cost of each line",
     AT(report.source)},
    {"source-dir", 0, "DIR", READING_FUNCTION,
     "look for source text here first, then where it was compiled, then in the current directory",
     AT(report.source_dir)},
    {"icicle", 0, NULL, READING_FLAMEGRAPH, "root at the top", AT(report.icicle)},
    {"title", 0, "T", READING_FLAMEGRAPH, "title instead of the command", AT(report.title)},
    {"reverse", 0, NULL, READING_FLAMEGRAPH, "leaves at the root, their callers above them",
     AT(report.reverse)},
    {"min-width", 0, "PIXELS", READING_FLAMEGRAPH,
     "leave out frames narrower than this, of 1200 (default 0.1)", .take = take_min_width},
    {"color", 0, "BY", READING_FLAMEGRAPH, "what colours tell apart: module (default) or language",
     .values = "module|language", .take = take_color},
    {"absolute", 0, NULL, READING_DIFF, "values per recording, not shares of their totals",
     AT(absolute)},
    {"fail-above", 0, "PERCENT", READING_DIFF,
     "exit status 3 when the total, or a function that matters, grew by more",
     .take = take_fail_above},
    {"before", 0, NULL, READING_DIFF,
     "widths of the SVG are those before: what has vanished since is drawn",
     AT(report.widths_before)},
    {"open", 0, NULL, READING_OPEN,
     "show the page in a browser: $BROWSER, else xdg-open; without -o it is report.html in the "
     "recording (of a trace: the one it lies in), else a file in TMPDIR",
     AT(open)},
    {"json", 0, NULL, READING_JSON, "as JSON", AT(report.json)},
    {"time", 0, "A:B", 0, "only from A to B seconds after the start", .take = take_time},
    {"thread", 0, "NAME|TID", 0, "only what these threads did", AT(load.choice.thread)},
    {"process", 0, "NAME|PID", 0, "only what these processes did", AT(load.choice.process)},
    {"region", 0, "NAME", 0, "only what was sampled inside the region", AT(load.region)},
    {"focus", 0, "ERE", 0, "only stacks with a function whose name matches", AT(load.choice.focus)},
    {"ignore", 0, "ERE", 0, "no stacks with a function whose name matches", AT(load.choice.ignore)},
    {"no-inlines", 0, NULL, 0, "leave inlined functions out", AT(load.no_inlines)},
    {"fold-recursion", 0, NULL, 0, "a function that calls itself directly is one frame",
     AT(load.fold_recursion)},
    {"shorten", 0, NULL, READING_SHORTEN,
     "function names without template arguments: functions that differ in them alone are one",
     AT(load.shorten)},
    {"debug-dir", 0, "DIRS", 0,
     "look for separate debug information here first; ':' between directories, then "
     "/usr/lib/debug",
     AT(load.debug_dirs)},
    {"debuginfod", 0, NULL, 0,
     "ask the servers of DEBUGINFOD_URLS for debug information that is not on this machine",
     AT(load.debuginfod)},
    {"no-cache", 0, NULL, 0, "neither use nor keep what symbolisation found in ~/.cache/profinject",
     AT(load.no_cache)},
    {"output", 'o', "FILE", 0, "write to FILE ('-': standard output)", AT(output)},
    {"help", 'h', NULL, 0, "this text", AT(help)},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

size_t option_rows(const struct option_row **first)
{
    *first = rows;
    return ROW_COUNT;
}

bool option_row_is_of(const struct option_row *row, unsigned set)
{
    return row->needs == 0 || (set & row->needs) != 0;
}

/* "a|b|c" of "a, b, c", or of all metrics. */
static const char *join_values(const struct option_row *row, const char *formats)
{
    static char metrics[512], words[512];
    size_t size = 0;

    if (row->take == take_metric) {
        for (int i = 0; i < METRIC_COUNT && i != METRIC_COUNTER; i++)
            size += (size_t)snprintf(metrics + size, sizeof(metrics) - size, "%s%s",
                                     i > 0 ? "|" : "", metric_info((enum metric)i)->name);
        return metrics;
    }
    if (row->take != take_format || formats == NULL)
        return row->values;
    for (const char *at = formats; *at != '\0' && size + 1 < sizeof(words); at++)
        if (*at != ' ')
            words[size++] = *at == ',' ? '|' : *at;
    words[size] = '\0';
    return words;
}

const struct option_text *reading_options_texts(const struct reading_command *command)
{
    static struct option_text texts[ROW_COUNT + 1];
    size_t count = 0;

    for (const struct option_row *row = rows; row < rows + ROW_COUNT; row++)
        if (option_row_is_of(row, command->options))
            texts[count++] =
                (struct option_text){row->letter,
                                     row->name,
                                     row->metavar,
                                     row->meaning,
                                     row->take == take_format ? command->formats : NULL,
                                     join_values(row, command->formats)};
    texts[count] = (struct option_text){0};
    return texts;
}

void reading_options_help(const struct reading_command *command)
{
    printf("usage: profinject %s [OPTIONS] %s\n%s\n%s\n", command->command->name,
           command->arguments != NULL ? command->arguments : "[TRACE|RECORDING]...",
           command->command->summary,
           command->arguments != NULL
               ? ""
               : "Without a path it reads the newest recording in the current directory.\n");
    help_options(reading_options_texts(command));
}

static int take(struct reading_options *options, const struct reading_command *command,
                const struct option_row *row, const char *value, struct problem *problem)
{
    void *place = (char *)options + row->at;

    if (row->take != NULL)
        return row->take(options, command, value, problem);
    if (row->metavar == NULL)
        *(bool *)place = true;
    else
        *(const char **)place = value;
    return 0;
}

static const struct option_row *row_of(int value)
{
    if (value >= FIRST_VALUE)
        return &rows[value - FIRST_VALUE];
    for (const struct option_row *row = rows;; row++)
        if (row->letter == value)
            return row;
}

/* For getopt: its long options, and in `letters` the short ones. */
static void list_options(unsigned set, struct option *options, char *letters)
{
    *letters++ = ':';
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const struct option_row *row = &rows[i];
        if (!option_row_is_of(row, set))
            continue;
        *options++ =
            (struct option){row->name, row->metavar != NULL ? required_argument : no_argument, NULL,
                            FIRST_VALUE + (int)i};
        if (row->letter != '\0')
            *letters++ = row->letter;
        if (row->letter != '\0' && row->metavar != NULL)
            *letters++ = ':';
    }
    *options = (struct option){0};
    *letters = '\0';
}

static int take_all(struct reading_options *options, const struct reading_command *command,
                    int argc, char **argv, struct problem *problem)
{
    struct option table[ROW_COUNT + 1];
    char letters[2 * ROW_COUNT + 2];
    int status = 0;
    int value;

    list_options(command->options, table, letters);
    optind = 0;
    opterr = 0;
    while (status == 0 && !options->help &&
           (value = getopt_long(argc, argv, letters, table, NULL)) != -1) {
        if (value == '?' || value == ':') {
            command_bad_option(command->command->name, value, argv, problem);
            status = problem->code;
            break;
        }
        status = take(options, command, row_of(value), optarg, problem);
    }
    options->paths = (const char *const *)(argv + optind);
    options->path_count = (size_t)(argc - optind);
    return status;
}

int reading_options_parse(struct reading_options *options, const struct reading_command *command,
                          int argc, char **argv, struct problem *problem)
{
    int status = take_all(options, command, argc, argv, problem);

    if (status == 0 && !options->help && command->reports != NULL && options->format == NULL)
        return problem_set(problem, PROBLEM_USAGE, "--format is missing: allowed: %s",
                           command->formats);
    return status;
}
