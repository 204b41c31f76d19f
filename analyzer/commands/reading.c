/*
 * The course of a reading command. Its own file because every such command loads,
 * writes and fails in the same way.
 */
#include "analyzer/commands/reading.h"

#include "analyzer/commands/browser.h"
#include "analyzer/commands/command.h"
#include "analyzer/commands/output.h"
#include "analyzer/commands/recovery.h"
#include "analyzer/insight/judge.h"
#include "analyzer/insight/recommendations.h"
#include "analyzer/insight/relating.h"
#include "analyzer/model/suppressions.h"
#include "analyzer/util/progress.h"
#include "analyzer/util/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEFAULT_COLUMNS 80

struct reading {
    struct reading_options asked;
    struct suppressions suppressions;
    struct recovery recovery;
    char *page;     /* where it goes that is to be opened, when nobody said; NULL: elsewhere */
    bool page_made; /* a file that was made for it */
    bool told;      /* messages were shown, where stderr would have shown them too */
};

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
    return command->report != NULL ? command->report : reading->asked.format;
}

/* The first screen has no room for them. */
static bool is_advised(const struct report *report, const struct report_options *options)
{
    return report->advises && (options->all || options->json || report->is_whole) &&
           !options->leaks;
}

/* Looking at every function over time takes a second or two of a long recording. */
static bool is_related(const struct report *report, const struct report_options *options)
{
    return report->relates && !options->leaks &&
           (report->is_whole || (options->all && !options->json));
}

/* What insight makes of a profile, as far as a report shows it. */
struct findings {
    struct recommendations recommendations;
    struct relations relations;
    struct judgement judgement;
};

static void findings_init(struct findings *findings, const struct report *report,
                          struct report_options *options, const struct profile *profile)
{
    memset(findings, 0, sizeof(*findings));
    if (is_related(report, options)) {
        relations_init(&findings->relations, profile);
        options->relations = &findings->relations;
    }
    if (is_advised(report, options)) {
        recommendations_init(&findings->recommendations, profile, options->relations);
        options->recommendations = &findings->recommendations;
    }
    if (report->judges && !options->leaks) {
        judge(&findings->judgement, profile);
        options->judgement = &findings->judgement;
    }
}

static void findings_release(struct findings *findings)
{
    judgement_release(&findings->judgement);
    recommendations_release(&findings->recommendations);
    relations_release(&findings->relations);
}

/* Who was slowed down when is known by samples alone. */
static bool needs_samples_in_time(const struct report *report, const struct report_options *options)
{
    return report->over_time || report->all_metrics || is_advised(report, options) ||
           is_related(report, options) || options->metric == METRIC_THROTTLED_CPU;
}

int reading_write(const struct report *report, struct reading_options *asked,
                  const struct profile *profile, struct problem *problem)
{
    struct findings findings;
    struct output output;
    int status = output_init(&output, asked->output, problem);

    if (status != 0)
        return status;
    look_at_terminal(&asked->report, &output);
    asked->is_terminal = isatty(output.fd);
    if (report->is_binary && asked->is_terminal && asked->output == NULL) {
        output_release(&output);
        return problem_set(problem, PROBLEM_USAGE,
                           "'%s' is not for a terminal: -o FILE says where it goes, '-o -' insists",
                           report->name);
    }
    /* On one terminal with the result the line would be in its way. */
    if (!asked->is_terminal) {
        progress_begin();
        progress_step("writing the output", 0, 0);
    }
    findings_init(&findings, report, &asked->report, profile);
    status = report->write(profile, &asked->report, output.stream, problem);
    findings_release(&findings);
    if (status == 0)
        status = output_commit(&output, problem);
    progress_end();
    output_release(&output);
    return status;
}

/* What is to be opened in a browser has to be a file. */
static int find_place(struct reading *reading, const struct profile *profile,
                      struct problem *problem)
{
    if (!reading->asked.open || reading->asked.output != NULL)
        return 0;
    reading->page = browser_page_path(profile->process_count > 0 ? profile->processes[0].trace : "",
                                      &reading->page_made);
    if (reading->page == NULL)
        return problem_errno(problem, "cannot create a file in TMPDIR");
    reading->asked.output = reading->page;
    return 0;
}

static int write_report(const struct reading_command *command, struct reading *reading,
                        const struct profile *profile, struct problem *problem)
{
    int status = find_place(reading, profile, problem);

    if (status == 0)
        status = reading_write(report_of(command, reading), &reading->asked, profile, problem);
    if (status != 0 && reading->page_made && reading->page != NULL)
        unlink(reading->page);
    reading->told = tells_messages(command, &reading->asked.report) && reading->asked.is_terminal &&
                    isatty(STDERR_FILENO);
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
    const char *path =
        reading->asked.path_count > 0 ? reading->asked.paths[0] : profile->processes[0].trace;
    const char *message = profile->message_count > 0 ? profile->messages[0] : NULL;

    return problem_set(problem, PROBLEM_NOTHING, "cannot show '%s': it holds no samples%s%s%s",
                       path, message != NULL ? " (" : "", message != NULL ? message : "",
                       message != NULL ? ")" : "");
}

/* Before the recording, which may take longer: a wrong name is told at once. */
static int read_suppressions(const char *name, struct reading *reading, struct problem *problem)
{
    struct suppressions *suppressions = &reading->suppressions;

    if (reading->asked.suppressions == NULL)
        return 0;
    int status = suppressions_read(suppressions, reading->asked.suppressions, problem);
    for (size_t i = 0; status == 0 && i < suppressions->complaint_count; i++)
        fprintf(stderr, "profinject %s: %s\n", name, suppressions->complaints[i]);
    reading->asked.report.suppressions = suppressions;
    return status;
}

static int show(const struct reading_command *command, struct reading *reading,
                struct problem *problem)
{
    struct profile *profile = NULL;
    int status = read_suppressions(command->command->name, reading, problem);

    if (status != 0)
        return status;
    recovery_init(&reading->recovery, reading->asked.paths, reading->asked.path_count);
    if (command->counts_only)
        reading->asked.report.rings_left = recovery_left(&reading->asked.report.rings_left_bytes);
    reading->asked.load.copies = &reading->recovery.copies;
    status = load_profile(reading->asked.paths, reading->asked.path_count, &reading->asked.load,
                          &profile, problem);
    if (status != 0)
        return status;
    if (command->needs_samples && profile->entries.count == 0)
        status = say_no_samples(reading, profile, problem);
    else {
        recovery_tell(&reading->recovery, profile);
        status = write_report(command, reading, profile, problem);
    }
    /* A command that failed says why, in one line, and nothing else. */
    if (status == 0 && !reading->told && !command->is_part)
        print_messages(command->command->name, profile);
    if (status == 0 && reading->asked.open)
        browser_show(command->command->name, reading->asked.output, command->is_quiet);
    profile_free(profile);
    return status;
}

int reading_run(const struct reading_command *command, int argc, char **argv)
{
    struct reading reading = {.asked.load.no_symbols = command->counts_only};
    struct problem problem = {0};
    int status = reading_options_parse(&reading.asked, command, argc, argv, &problem);

    if (status == 0 && reading.asked.help) {
        reading_options_help(command);
        return 0;
    }
    if (reading.asked.load.choice.focus != NULL || reading.asked.load.choice.ignore != NULL)
        reading.asked.load.no_symbols = false;
    reading.asked.load.leaks = reading.asked.report.leaks;
    if (status == 0) {
        const struct report *report = report_of(command, &reading);
        reading.asked.load.allocations = is_related(report, &reading.asked.report);
        reading.asked.load.samples = needs_samples_in_time(report, &reading.asked.report);
    }
    if (status == 0 && reading.asked.open && reading.asked.output != NULL &&
        strcmp(reading.asked.output, "-") == 0)
        status = problem_set(&problem, PROBLEM_USAGE, "--open needs a file: --output '-' is none");
    if (status == 0)
        status = show(command, &reading, &problem);
    recovery_release(&reading.recovery);
    suppressions_release(&reading.suppressions);
    free(reading.page);
    if (status != 0 && command->is_quiet)
        return problem.code;
    return status != 0 ? command_failed(command->command->name, &problem) : 0;
}
