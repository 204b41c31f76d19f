/*
 * The first screen's line about threads' time. Its own file because it is there only
 * where time off the processor is known.
 */
#include "analyzer/model/time_shares.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/reports/why.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <stdlib.h>

/* Of the groups beside locks, input and output: smaller ones are part of "other". */
#define SHOWN_LEAST 0.01

struct line {
    char *text;
    double whole;
};

static void add_text(struct line *line, const char *text)
{
    char *longer = memory_printf("%s%s", line->text, text);

    free(line->text);
    line->text = longer;
}

static void add_part(struct line *line, const char *name, double part)
{
    char *text = memory_printf("%s %s", name, units_percent(part, line->whole).text);

    cells_keep_together(text);
    if (*line->text != '\0')
        add_text(line, " | ");
    add_text(line, text);
    free(text);
}

/* What hooks saw in groups, between what the kernel counted. */
static void add_waits(struct line *line, const struct time_shares *shares, bool has_runnable)
{
    double other = shares->group[WAIT_GROUP_OTHER];

    add_part(line, wait_group_name(WAIT_GROUP_LOCK), shares->group[WAIT_GROUP_LOCK]);
    add_part(line, wait_group_name(WAIT_GROUP_IO), shares->group[WAIT_GROUP_IO]);
    if (has_runnable)
        add_part(line, "runnable", shares->runnable);
    else
        add_text(line, " | runnable unavailable");
    for (int i = WAIT_GROUP_SYNC; i < WAIT_GROUP_OTHER; i++)
        if (shares->group[i] >= SHOWN_LEAST * line->whole)
            add_part(line, wait_group_name((enum wait_group)i), shares->group[i]);
        else
            other += shares->group[i];
    add_part(line, "other", other > 0 ? other : 0);
}

static char *note(const struct time_shares *shares)
{
    if (shares->idle_threads == 0)
        return memory_strdup("   (share of thread time)");
    return memory_printf("   (share of thread time; %zu idle %s left out)", shares->idle_threads,
                         shares->idle_threads == 1 ? "thread" : "threads");
}

/* Without hooks there is nothing to give a reason by. */
static void write_why(const struct text_report *report, const struct time_shares *shares)
{
    char *why = why_judged(report->profile, shares, report->options->judgement);

    if (why != NULL) {
        char command[] = "-> profinject report --all";
        cells_keep_together(command);
        char *text = memory_printf("%s   %s", why, command);
        cells_text(&report->cells, "Why", 6, CELL_BOLD);
        cells_wrap(&report->cells, text, 6, 6, CELL_PLAIN);
        free(text);
    }
    free(why);
}

void text_wall(const struct text_report *report)
{
    const struct profile *profile = report->profile;
    struct time_shares shares;

    if (!profile_has_metric(profile, METRIC_WALL))
        return;
    time_shares_init(&shares, profile);
    struct line line = {.text = memory_strdup(""), .whole = shares.wall};
    if (shares.wall > 0) {
        add_part(&line, "on-CPU", shares.on);
        if (profile_has_metric(profile, METRIC_LOCK_WAIT)) {
            add_waits(&line, &shares, profile_has_metric(profile, METRIC_RUNNABLE));
        } else {
            add_part(&line, "waiting", shares.waiting);
            add_part(&line, "runnable", shares.runnable);
        }
        char *text = note(&shares);
        add_text(&line, text);
        free(text);
        cells_text(&report->cells, "Wall", 6, CELL_BOLD);
        cells_wrap(&report->cells, line.text, 6, 6, CELL_PLAIN);
        if (profile_has_metric(profile, METRIC_LOCK_WAIT))
            write_why(report, &shares);
    }
    free(line.text);
    time_shares_release(&shares);
}
