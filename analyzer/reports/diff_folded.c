/*
 * `diff --format folded`: lines `root;...;leaf BEFORE AFTER`, as difffolded.pl of the FlameGraph
 * tools writes them and flamegraph.pl draws them. Its own file as one output format.
 */
#include "analyzer/model/call_tree.h"
#include "analyzer/model/diff.h"
#include "analyzer/reports/folded_lines.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/roots.h"

#include <stdlib.h>

static int write_folded(const struct profile *profile, const struct report_options *options,
                        FILE *out, struct problem *problem)
{
    const struct diff *diff = options->diff;
    struct labels labels;
    struct call_tree trees[DIFF_SIDES];

    (void)problem;
    labels_init(&labels, profile, LABEL_BY_NAME, report_root(profile, options));
    for (int side = 0; side < DIFF_SIDES; side++) {
        int64_t *values = diff_values(diff, diff->metric, (enum diff_side)side);
        struct profile view = diff_view(diff, diff->metric, values);
        call_tree_init(&trees[side], &view, &labels, diff->metric, false);
        free(values);
    }
    folded_lines_write(&trees[DIFF_AFTER], &trees[DIFF_BEFORE], &labels, out);
    for (int side = 0; side < DIFF_SIDES; side++)
        call_tree_release(&trees[side]);
    labels_release(&labels);
    return 0;
}

const struct report report_diff_folded = {.name = "folded", .write = write_folded};
