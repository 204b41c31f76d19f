/*
 * `profinject diff`: two recordings, or two lists of them, compared. Its own file because it reads
 * each recording for itself, and has an exit status of its own.
 */
#include "analyzer/commands/growth.h"
#include "analyzer/commands/reading.h"
#include "analyzer/commands/recovery.h"
#include "analyzer/insight/changes.h"
#include "analyzer/model/diff_functions.h"
#include "analyzer/reports/roots.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/strings.h"
#include "analyzer/util/utf8.h"

#include <stdlib.h>
#include <string.h>

#define EXIT_GREW 3

static const struct report *const reports[] = {&report_diff_text, &report_diff_folded,
                                               &report_diff_svg, &report_diff_html, NULL};

static const struct reading_command reading = {
    .command = &command_diff,
    .options = READING_METRIC | READING_FORMAT | READING_ALL | READING_TOP | READING_JSON |
               READING_FLAMEGRAPH | READING_SHORTEN | READING_DIFF,
    .arguments = "BEFORE AFTER, or BEFORE... -- AFTER...",
    .reports = reports,
    .formats = "text, folded, svg, html",
};

/* One side's recordings, in argv. */
struct side {
    const char *const *paths;
    size_t count;
};

struct comparison {
    struct reading_options asked;
    struct side sides[DIFF_SIDES];
    struct diff diff;
    struct key_table *told; /* messages; interned in the diff's profile */
    uint32_t told_count;
};

/*
 * Options may stand on both sides of "--", which parts the lists: each part is parsed for itself.
 * A "--" with nothing before it is the one that ends options.
 */
static int parse(struct comparison *comparison, int argc, char **argv, struct problem *problem)
{
    struct reading_options *asked = &comparison->asked;
    struct side *sides = comparison->sides;
    int first = 1;

    while (first < argc && strcmp(argv[first], "--") != 0)
        first++;
    int status = reading_options_parse(asked, &reading, first, argv, problem);
    if (status != 0 || asked->help)
        return status;
    sides[DIFF_BEFORE] = (struct side){asked->paths, asked->path_count};
    if (first < argc) {
        status = reading_options_parse(asked, &reading, argc - first, argv + first, problem);
        sides[DIFF_AFTER] = (struct side){asked->paths, asked->path_count};
    }
    const struct side *both = &sides[sides[DIFF_BEFORE].count == 0 ? DIFF_AFTER : DIFF_BEFORE];
    if (sides[DIFF_BEFORE].count + sides[DIFF_AFTER].count == 2 && both->count == 2) {
        const char *const *paths = both->paths;
        sides[DIFF_BEFORE] = (struct side){paths, 1};
        sides[DIFF_AFTER] = (struct side){paths + 1, 1};
    }
    if (status == 0 && !asked->help && (sides[0].count == 0 || sides[1].count == 0))
        return problem_set(problem, PROBLEM_USAGE,
                           "needs two recordings, or two lists of them with '--' between: see "
                           "'profinject diff --help'");
    if (status == 0 && asked->report.color_by != FLAME_BY_MODULE)
        return problem_set(problem, PROBLEM_USAGE,
                           "--color: not with diff, whose colours say what changed");
    if (status == 0 && asked->report.json && asked->format != &report_diff_text)
        return problem_set(problem, PROBLEM_USAGE, "--json: not with --format %s",
                           asked->format->name);
    return status;
}

static const char *side_name(enum diff_side side)
{
    return side == DIFF_BEFORE ? "before" : "after";
}

/* Counting a recording twice would make chance look small. */
static int check_new(const struct diff *diff, const struct profile *run, enum diff_side side,
                     const char *path, struct problem *problem)
{
    for (size_t r = 0; r < diff->run_count && run->process_count > 0; r++) {
        const struct diff_run *other = &diff->runs[r];
        if (other->side == side &&
            diff_is_same_process(diff_run_process(diff, r), &run->processes[0]))
            return problem_set(problem, PROBLEM_USAGE, "'%s' is the recording of '%s': once a side",
                               path, other->name);
    }
    return 0;
}

static int check_metric(const struct comparison *comparison, const struct profile *run,
                        enum diff_side side, const char *path, struct problem *problem)
{
    enum metric metric = comparison->asked.report.metric;
    struct problem missing = {0};
    int status = report_check_metric(run, metric, &missing);

    if (status == 0 && profile_total(run, metric) == 0)
        status = problem_set(&missing, PROBLEM_NOTHING, "nothing of metric '%s' in it",
                             metric_info(metric)->name);
    if (status != 0)
        return problem_set(problem, status, "cannot compare '%s' (%s): %s", path, side_name(side),
                           missing.text);
    return 0;
}

/* Runs of one program have the same to say: once is enough. */
static void tell_messages(struct comparison *comparison, const struct profile *run)
{
    for (size_t i = 0; i < run->message_count; i++) {
        const char *message = strings_intern(comparison->diff.profile->strings, run->messages[i]);
        uint32_t number = key_table_add(comparison->told, &message, comparison->told_count);
        if (number != comparison->told_count)
            continue;
        comparison->told_count++;
        char *text = utf8_clean(message);
        command_tell(command_diff.name, text);
        free(text);
    }
}

static int load_run(struct comparison *comparison, enum diff_side side, const char *path,
                    struct problem *problem)
{
    struct recovery recovery;
    struct profile *run = NULL;
    struct problem why = {0};

    recovery_init(&recovery, &path, 1);
    comparison->asked.load.copies = &recovery.copies;
    int status = load_profile(&path, 1, &comparison->asked.load, &run, &why);
    if (status != 0)
        problem_set(problem, status, "%s (%s): %s", path, side_name(side), why.text);
    if (status == 0)
        status = check_metric(comparison, run, side, path, problem);
    if (status == 0)
        status = check_new(&comparison->diff, run, side, path, problem);
    if (status == 0) {
        recovery_tell(&recovery, run);
        diff_add(&comparison->diff, run, side, path);
        tell_messages(comparison, run);
        if (comparison->diff.runs[comparison->diff.run_count - 1].drawn == 0)
            status =
                problem_set(problem, PROBLEM_NOTHING, "cannot compare '%s' (%s): no samples in it",
                            path, side_name(side));
    }
    profile_free(run);
    comparison->asked.load.copies = NULL;
    recovery_release(&recovery);
    return status;
}

static int load_runs(struct comparison *comparison, struct problem *problem)
{
    int status = 0;

    diff_init(&comparison->diff, comparison->asked.report.metric, comparison->asked.absolute);
    comparison->told = key_table_new(sizeof(const char *));
    /* What they scatter over time is asked of recordings that stand alone. */
    comparison->asked.load.samples =
        comparison->asked.report.metric == METRIC_THROTTLED_CPU ||
        (comparison->sides[DIFF_BEFORE].count == 1 && comparison->sides[DIFF_AFTER].count == 1);
    for (int side = 0; side < DIFF_SIDES; side++)
        for (size_t i = 0; i < comparison->sides[side].count && status == 0; i++)
            status = load_run(comparison, (enum diff_side)side, comparison->sides[side].paths[i],
                              problem);
    diff_finish(&comparison->diff);
    key_table_free(comparison->told);
    return status;
}

/* 0, EXIT_GREW, or a problem. */
static int show(struct comparison *comparison, struct problem *problem)
{
    const struct diff *diff = &comparison->diff;
    struct reading_options *asked = &comparison->asked;
    struct diff_functions functions;
    struct diff_changes changes;

    diff_functions_init(&functions, diff);
    changes_init(&changes, diff, &functions, diff->absolute);
    enum diff_side side = asked->report.widths_before ? DIFF_BEFORE : DIFF_AFTER;
    int64_t *values = diff_values(diff, diff->metric, side);
    struct profile view = diff_view(diff, diff->metric, values);
    asked->report.diff = diff;
    asked->report.changes = &changes;
    int status = reading_write(asked->format, asked, &view, problem);
    if (status == 0 && asked->fails) {
        char *text = growth_above(diff, &functions, asked->fail_above);
        if (text != NULL) {
            command_tell(command_diff.name, text);
            status = EXIT_GREW;
        }
        free(text);
    }
    free(values);
    changes_release(&changes);
    diff_functions_release(&functions);
    return status;
}

static int run(int argc, char **argv)
{
    struct comparison comparison = {.asked.format = &report_diff_text};
    struct problem problem = {0};
    int status = parse(&comparison, argc, argv, &problem);

    if (status == 0 && comparison.asked.help) {
        reading_options_help(&reading);
        return 0;
    }
    if (status == 0) {
        status = load_runs(&comparison, &problem);
        if (status == 0)
            status = show(&comparison, &problem);
        diff_release(&comparison.diff);
    }
    return status < 0 ? command_failed(command_diff.name, &problem) : status;
}

const struct command command_diff = {
    .reading = &reading,
    .name = "diff",
    .summary = "What got slower, faster, bigger, smaller between recordings.",
    .run = run,
};
