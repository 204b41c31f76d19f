/*
 * Options and the course of a reading command. Its own file because every such
 * command takes the same paths and options and fails in the same way.
 */
#include "analyzer/commands/reading.h"

#include "analyzer/commands/command.h"
#include "analyzer/commands/help.h"
#include "analyzer/commands/output.h"
#include "analyzer/commands/recovery.h"
#include "analyzer/model/suppressions.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/utf8.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_COLUMNS 80

/* Values beyond characters: options without a short form. */
enum option_value {
    OPTION_NO_INLINES = 256,
    OPTION_METRIC,
    OPTION_BY_THREAD,
    OPTION_BY_PROCESS,
    OPTION_ALL,
    OPTION_TOP,
    OPTION_JSON,
    OPTION_ICICLE,
    OPTION_TITLE,
    OPTION_FORMAT,
    OPTION_REGION,
    OPTION_TIME,
    OPTION_THREAD,
    OPTION_PROCESS,
    OPTION_FOCUS,
    OPTION_IGNORE,
    OPTION_LEAKS,
    OPTION_SUPPRESSIONS,
    OPTION_SHORTEN,
    OPTION_DEBUG_DIR,
    OPTION_DEBUGINFOD,
    OPTION_NO_CACHE,
    OPTION_FOLD_RECURSION,
    OPTION_FUNCTION,
    OPTION_SOURCE,
    OPTION_SOURCE_DIR,
    OPTION_REVERSE,
    OPTION_MIN_WIDTH,
    OPTION_COLOR,
};

struct option_row {
    const char *name;
    int value;           /* enum option_value, or the short option */
    const char *metavar; /* NULL: a flag */
    unsigned needs;      /* enum reading_option, 0: every command has it */
    const char *meaning;
};

static const struct option_row rows[] = {
    {"metric", OPTION_METRIC, "M", READING_METRIC,
     "what to count: cpu (default), samples, memory-delta, wall, offcpu, runnable, "
     "lock-wait, io-wait, alloc-bytes, alloc-count, live-bytes, live-count, peak-bytes, "
     "temporary-count, mapped-bytes, or a counter of the program's"},
    {"format", OPTION_FORMAT, "F", READING_FORMAT, "output format"},
    {"all", OPTION_ALL, NULL, READING_ALL, "every section"},
    {"top", OPTION_TOP, "N", READING_TOP, "rows of the tables"},
    {"by-thread", OPTION_BY_THREAD, NULL, READING_BY, "put 'name (tid)' first"},
    {"by-process", OPTION_BY_PROCESS, NULL, READING_BY, "put 'comm (pid)' first"},
    {"leaks", OPTION_LEAKS, NULL, READING_LEAKS, "what was not freed, by stack, and nothing else"},
    {"suppressions", OPTION_SUPPRESSIONS, "FILE", READING_LEAKS,
     "--leaks without those known: lines leak:PATTERN, as LeakSanitizer reads them"},
    {"function", OPTION_FUNCTION, "NAME", READING_FUNCTION,
     "who calls this function, and whom it calls"},
    {"source", OPTION_SOURCE, "FILE|FUNCTION", READING_FUNCTION,
     "its source text, with the cost of each line"},
    {"source-dir", OPTION_SOURCE_DIR, "DIR", READING_FUNCTION,
     "look for source text here first, then where it was compiled, then in the current directory"},
    {"icicle", OPTION_ICICLE, NULL, READING_FLAMEGRAPH, "root at the top"},
    {"title", OPTION_TITLE, "T", READING_FLAMEGRAPH, "title instead of the command"},
    {"reverse", OPTION_REVERSE, NULL, READING_FLAMEGRAPH,
     "leaves at the root, their callers above them"},
    {"min-width", OPTION_MIN_WIDTH, "PIXELS", READING_FLAMEGRAPH,
     "leave out frames narrower than this, of 1200 (default 0.1)"},
    {"color", OPTION_COLOR, "BY", READING_FLAMEGRAPH,
     "what colours tell apart: module (default) or language"},
    {"json", OPTION_JSON, NULL, READING_JSON, "as JSON"},
    {"time", OPTION_TIME, "A:B", 0, "only from A to B seconds after the start"},
    {"thread", OPTION_THREAD, "NAME|TID", 0, "only what these threads did"},
    {"process", OPTION_PROCESS, "NAME|PID", 0, "only what these processes did"},
    {"region", OPTION_REGION, "NAME", 0, "only what was sampled inside the region"},
    {"focus", OPTION_FOCUS, "ERE", 0, "only stacks with a function whose name matches"},
    {"ignore", OPTION_IGNORE, "ERE", 0, "no stacks with a function whose name matches"},
    {"no-inlines", OPTION_NO_INLINES, NULL, 0, "leave inlined functions out"},
    {"fold-recursion", OPTION_FOLD_RECURSION, NULL, 0,
     "a function that calls itself directly is one frame"},
    {"shorten", OPTION_SHORTEN, NULL, READING_SHORTEN,
     "function names without template arguments: functions that differ in them alone are one"},
    {"debug-dir", OPTION_DEBUG_DIR, "DIRS", 0,
     "look for separate debug information here first; ':' between directories, then "
     "/usr/lib/debug"},
    {"debuginfod", OPTION_DEBUGINFOD, NULL, 0,
     "ask the servers of DEBUGINFOD_URLS for debug information that is not on this machine"},
    {"no-cache", OPTION_NO_CACHE, NULL, 0,
     "neither use nor keep what symbolisation found in ~/.cache/profinject"},
    {"output", 'o', "FILE", 0, "write to FILE ('-': standard output)"},
    {"help", 'h', NULL, 0, "this text"},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

struct reading {
    struct report_options report;
    struct load_options load;
    const char *output; /* NULL: stdout */
    const char *suppressions_path;
    struct suppressions suppressions;
    struct recovery recovery;
    const struct report *format; /* as asked for; NULL: not yet */
    bool help;
    bool told; /* messages were shown, where stderr would have shown them too */
    const char *const *paths;
    size_t path_count;
};

static bool has_row(const struct reading_command *command, const struct option_row *row)
{
    return row->needs == 0 || (command->options & row->needs) != 0;
}

static void print_help(const struct reading_command *command)
{
    printf("usage: profinject %s [OPTIONS] [TRACE|RECORDING]...\n%s\n"
           "Without a path it reads the newest recording in the current directory.\n\n",
           command->command->name, command->command->summary);
    for (const struct option_row *row = rows; row < rows + ROW_COUNT; row++) {
        char letter = row->value < OPTION_NO_INLINES ? (char)row->value : '\0';
        if (has_row(command, row))
            help_option(letter, row->name, row->metavar, row->meaning, NULL);
    }
}

/* A name that is no metric may be a counter's: the recording will tell. */
static void set_metric(struct reading *reading, const char *value)
{
    reading->report.metric = metric_by_name(value);
    reading->load.counter = NULL;
    if (reading->report.metric != METRIC_COUNT)
        return;
    reading->report.metric = METRIC_COUNTER;
    reading->load.counter = value;
    metric_use_counter(value);
}

static int set_top(struct reading *reading, const char *value, struct problem *problem)
{
    char *end;

    errno = 0;
    unsigned long top = strtoul(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 || top == 0)
        return problem_set(problem, PROBLEM_USAGE, "--top '%s': allowed: a number from 1", value);
    reading->report.top = top;
    return 0;
}

static int set_format(struct reading *reading, const struct reading_command *command,
                      const char *value, struct problem *problem)
{
    for (const struct report *const *one = command->reports; *one != NULL; one++)
        if (strcmp(value, (*one)->name) == 0) {
            reading->format = *one;
            return 0;
        }
    return problem_set(problem, PROBLEM_USAGE, "--format '%s': allowed: %s", value,
                       command->formats);
}

/* Which part of the recording is looked at. */
static int set_part(struct reading *reading, int value, struct problem *problem)
{
    struct profile_choice *choice = &reading->load.choice;
    const char **name = value == OPTION_REGION    ? &reading->load.region
                        : value == OPTION_THREAD  ? &choice->thread
                        : value == OPTION_PROCESS ? &choice->process
                        : value == OPTION_FOCUS   ? &choice->focus
                                                  : &choice->ignore;

    if (value == OPTION_TIME)
        return time_span_parse(&reading->load.time, optarg, problem);
    *name = optarg;
    return 0;
}

/* What an option without an argument sets; NULL for others. */
static bool *flag_of(struct reading *reading, int value)
{
    switch (value) {
    case OPTION_NO_INLINES:
        return &reading->load.no_inlines;
    case OPTION_SHORTEN:
        return &reading->load.shorten;
    case OPTION_NO_CACHE:
        return &reading->load.no_cache;
    case OPTION_DEBUGINFOD:
        return &reading->load.debuginfod;
    case OPTION_BY_THREAD:
        return &reading->report.by_thread;
    case OPTION_BY_PROCESS:
        return &reading->report.by_process;
    case OPTION_ALL:
        return &reading->report.all;
    case OPTION_JSON:
        return &reading->report.json;
    case OPTION_LEAKS:
        return &reading->report.leaks;
    case OPTION_ICICLE:
        return &reading->report.icicle;
    case OPTION_REVERSE:
        return &reading->report.reverse;
    case OPTION_FOLD_RECURSION:
        return &reading->load.fold_recursion;
    case 'h':
        return &reading->help;
    default:
        return NULL;
    }
}

static int set_min_width(struct reading *reading, const char *value, struct problem *problem)
{
    char *end;
    double width = strtod(value, &end);

    if (end == value || *end != '\0' || !(width > 0 && width <= FLAME_WIDTH))
        return problem_set(problem, PROBLEM_USAGE,
                           "--min-width '%s': allowed: pixels above 0, up to %d", value,
                           FLAME_WIDTH);
    reading->report.min_width = width;
    return 0;
}

static int set_color(struct reading *reading, const char *value, struct problem *problem)
{
    static const char *const names[] = {
        [FLAME_BY_MODULE] = "module", [FLAME_BY_LANGUAGE] = "language"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(value, names[i]) == 0) {
            reading->report.color_by = (enum flame_color)i;
            return 0;
        }
    return problem_set(problem, PROBLEM_USAGE, "--color '%s': allowed: module, language", value);
}

/* Takes one option; `value` is getopt's, optarg its argument. */
static int set_option(struct reading *reading, const struct reading_command *command, int value,
                      struct problem *problem)
{
    bool *flag = flag_of(reading, value);

    if (flag != NULL) {
        *flag = true;
        return 0;
    }
    switch (value) {
    case OPTION_DEBUG_DIR:
        reading->load.debug_dirs = optarg;
        return 0;
    case OPTION_METRIC:
        set_metric(reading, optarg);
        return 0;
    case OPTION_TOP:
        return set_top(reading, optarg, problem);
    case OPTION_SUPPRESSIONS: /* means --leaks */
        reading->report.leaks = true;
        reading->suppressions_path = optarg;
        return 0;
    case OPTION_TITLE:
        reading->report.title = optarg;
        return 0;
    case OPTION_FUNCTION:
        reading->report.function = optarg;
        return 0;
    case OPTION_SOURCE:
        reading->report.source = optarg;
        return 0;
    case OPTION_SOURCE_DIR:
        reading->report.source_dir = optarg;
        return 0;
    case OPTION_MIN_WIDTH:
        return set_min_width(reading, optarg, problem);
    case OPTION_COLOR:
        return set_color(reading, optarg, problem);
    case OPTION_FORMAT:
        return set_format(reading, command, optarg, problem);
    case 'o':
        reading->output = optarg;
        return 0;
    default:
        return set_part(reading, value, problem);
    }
}

static void make_options(const struct reading_command *command, struct option *options)
{
    size_t count = 0;

    for (const struct option_row *row = rows; row < rows + ROW_COUNT; row++) {
        if (has_row(command, row))
            options[count++] =
                (struct option){row->name, row->metavar != NULL ? required_argument : no_argument,
                                NULL, row->value};
    }
    options[count] = (struct option){0};
}

static int parse(struct reading *reading, const struct reading_command *command, int argc,
                 char **argv, struct problem *problem)
{
    struct option options[ROW_COUNT + 1];
    int status = 0;
    int value;

    make_options(command, options);
    optind = 0;
    opterr = 0;
    while (status == 0 && !reading->help &&
           (value = getopt_long(argc, argv, ":o:h", options, NULL)) != -1) {
        if (value == '?' || value == ':') {
            command_bad_option(command->command->name, value, argv, problem);
            return problem->code;
        }
        status = set_option(reading, command, value, problem);
    }
    if (status == 0 && !reading->help && command->reports != NULL && reading->format == NULL)
        return problem_set(problem, PROBLEM_USAGE, "--format is missing: allowed: %s",
                           command->formats);
    reading->paths = (const char *const *)(argv + optind);
    reading->path_count = (size_t)(argc - optind);
    return status;
}

/* The analyzer never calls setlocale(): by the variables that it reads, in its order. */
static bool is_utf8_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *locale = NULL;

    for (size_t i = 0; i < sizeof(names) / sizeof(*names) && locale == NULL; i++) {
        locale = getenv(names[i]);
        locale = locale != NULL && *locale != '\0' ? locale : NULL;
    }
    return locale != NULL && (strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
}

/* What is only known of the stream: colour and width. */
static void look_at_terminal(struct report_options *options, const struct output *output)
{
    const char *no_color = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    struct winsize size;

    options->blocks = is_utf8_locale();
    options->columns = DEFAULT_COLUMNS;
    if (!isatty(output->fd))
        return;
    options->color = (no_color == NULL || *no_color == '\0') &&
                     (terminal == NULL || strcmp(terminal, "dumb") != 0);
    if (ioctl(output->fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        options->columns = size.ws_col;
}

static bool tells_messages(const struct reading_command *command,
                           const struct report_options *options)
{
    return command->has_messages &&
           ((command->options & READING_ALL) == 0 || options->all || options->json);
}

static const struct report *report_of(const struct reading_command *command,
                                      const struct reading *reading)
{
    return command->report != NULL ? command->report : reading->format;
}

static int write_report(const struct reading_command *command, struct reading *reading,
                        const struct profile *profile, struct problem *problem)
{
    struct output output;
    int status = output_init(&output, reading->output, problem);

    if (status != 0)
        return status;
    look_at_terminal(&reading->report, &output);
    reading->told =
        tells_messages(command, &reading->report) && isatty(output.fd) && isatty(STDERR_FILENO);
    status = report_of(command, reading)->write(profile, &reading->report, output.stream, problem);
    if (status == 0)
        status = output_commit(&output, problem);
    output_release(&output);
    return status;
}

/* What was lost or recovered: on stderr, so that it reaches the user whatever
 * becomes of the result; but not twice on one terminal. */
static void print_messages(const char *name, const struct profile *profile)
{
    for (size_t i = 0; i < profile->message_count; i++) {
        char *text = utf8_clean(profile->messages[i]);
        fprintf(stderr, "profinject %s: %s\n", name, text);
        free(text);
    }
}

/* The profile's first message is the best guess at why there is nothing. */
static int say_no_samples(const struct reading *reading, const struct profile *profile,
                          struct problem *problem)
{
    const char *path = reading->path_count > 0 ? reading->paths[0] : profile->processes[0].trace;
    const char *message = profile->message_count > 0 ? profile->messages[0] : NULL;

    return problem_set(problem, PROBLEM_NOTHING, "cannot show '%s': it holds no samples%s%s%s",
                       path, message != NULL ? " (" : "", message != NULL ? message : "",
                       message != NULL ? ")" : "");
}

/* Before the recording, which may take longer: a wrong name is told at once. */
static int read_suppressions(const char *name, struct reading *reading, struct problem *problem)
{
    struct suppressions *suppressions = &reading->suppressions;

    if (reading->suppressions_path == NULL)
        return 0;
    int status = suppressions_read(suppressions, reading->suppressions_path, problem);
    for (size_t i = 0; status == 0 && i < suppressions->complaint_count; i++)
        fprintf(stderr, "profinject %s: %s\n", name, suppressions->complaints[i]);
    reading->report.suppressions = suppressions;
    return status;
}

static int show(const struct reading_command *command, struct reading *reading,
                struct problem *problem)
{
    struct profile *profile = NULL;
    int status = read_suppressions(command->command->name, reading, problem);

    if (status != 0)
        return status;
    recovery_init(&reading->recovery, reading->paths, reading->path_count);
    if (command->counts_only)
        reading->report.rings_left = recovery_left(&reading->report.rings_left_bytes);
    reading->load.copies = &reading->recovery.copies;
    status = load_profile(reading->paths, reading->path_count, &reading->load, &profile, problem);
    if (status != 0)
        return status;
    if (command->needs_samples && profile->entries.count == 0)
        status = say_no_samples(reading, profile, problem);
    else {
        recovery_tell(&reading->recovery, profile);
        status = write_report(command, reading, profile, problem);
    }
    /* A command that failed says why, in one line, and nothing else. */
    if (status == 0 && !reading->told)
        print_messages(command->command->name, profile);
    profile_free(profile);
    return status;
}

int reading_run(const struct reading_command *command, int argc, char **argv)
{
    struct reading reading = {.load = {.no_symbols = command->counts_only}};
    struct problem problem = {0};
    int status = parse(&reading, command, argc, argv, &problem);

    if (status == 0 && reading.help) {
        print_help(command);
        return 0;
    }
    if (reading.load.choice.focus != NULL || reading.load.choice.ignore != NULL)
        reading.load.no_symbols = false;
    reading.load.leaks = reading.report.leaks;
    reading.load.samples = status == 0 && report_of(command, &reading)->over_time;
    if (status == 0)
        status = show(command, &reading, &problem);
    recovery_release(&reading.recovery);
    suppressions_release(&reading.suppressions);
    return status != 0 ? command_failed(command->command->name, &problem) : 0;
}
