/*
 * The first screen's line about threads' time. Its own file because it is there only
 * where threads were looked at off the processor as well.
 */
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/units.h"

#include <stdio.h>

void text_wall(const struct text_report *report)
{
    const struct profile *profile = report->profile;
    FILE *out = report->cells.out;

    if (!profile_has_metric(profile, METRIC_WALL))
        return;
    double wall = (double)profile_total(profile, METRIC_WALL);
    double off = (double)profile_total(profile, METRIC_OFFCPU);
    double runnable = (double)profile_total(profile, METRIC_RUNNABLE);
    if (wall <= 0)
        return;
    cells_text(&report->cells, "Wall", 6, CELL_BOLD);
    fprintf(out, "on-CPU %s", units_percent(wall - off, wall).text);
    fprintf(out, " | waiting %s", units_percent(off - runnable, wall).text);
    fprintf(out, " | runnable %s   (share of thread time)\n", units_percent(runnable, wall).text);
}
