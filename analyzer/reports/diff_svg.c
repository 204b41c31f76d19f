/*
 * `diff --format svg`: a flame graph of one side whose colours say what became of each frame. Its
 * own file as one output; how it is drawn is in flame_picture.c.
 *
 * Red has grown, blue has shrunk, the more the stronger: a frame that is new, or twice what it
 * was, is as red as can be, and what chance alone makes of samples stays white.
 */
#include "analyzer/model/call_tree.h"
#include "analyzer/model/diff.h"
#include "analyzer/reports/flame_picture.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/roots.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <math.h>
#include <stdlib.h>

#define SMALLEST 0.1 /* pixels, as flamegraph.c */
#define CHANCE 2.0   /* standard errors that are white */
#define GROWN 0xF4705A
#define SHRUNK 0x6F9FF2
#define SAME 0xF3EDE4

struct drawing {
    const struct diff *diff;
    const struct report_options *options;
    struct labels labels;
    struct call_tree trees[DIFF_SIDES];
    enum diff_side widths;
    uint32_t *twins; /* nodes of the other tree, UINT32_MAX: not there */
    struct flame_layout layout;
    double unit[DIFF_SIDES]; /* what a sample stands for, of as many as the runs have together */
};

struct child_key {
    uint32_t parent, label;
};

/* The same node of the other tree, which may have others. */
static uint32_t *match_trees(const struct call_tree *tree, const struct call_tree *other)
{
    struct key_table *children = key_table_new(sizeof(struct child_key));
    uint32_t *twins = memory_alloc(tree->count * sizeof(*twins));

    for (size_t i = 1; i < other->count; i++) {
        struct child_key key = {other->nodes[i].parent, other->nodes[i].label};
        key_table_add(children, &key, (uint32_t)i);
    }
    for (size_t i = 1; i < tree->count; i++) {
        struct child_key key = {twins[tree->nodes[i].parent], tree->nodes[i].label};
        twins[i] =
            key.parent != UINT32_MAX ? key_table_add(children, &key, UINT32_MAX) : UINT32_MAX;
    }
    key_table_free(children);
    return twins;
}

static void values_of(const struct drawing *drawing, const struct flame_box *box, double *values)
{
    uint32_t twin = drawing->twins[box->node];
    enum diff_side other = drawing->widths == DIFF_BEFORE ? DIFF_AFTER : DIFF_BEFORE;

    values[drawing->widths] = (double)box->value;
    values[other] = twin != UINT32_MAX ? (double)drawing->trees[other].nodes[twin].total : 0;
}

static int blend(int from, int to, double part)
{
    int color = 0;

    for (int shift = 0; shift <= 16; shift += 8) {
        int a = from >> shift & 0xFF, b = to >> shift & 0xFF;
        color |= (int)lround(a + (b - a) * part) << shift;
    }
    return color;
}

/* -1: gone, or nearly; 0: no more than chance; 1: new, or twice as much. */
static double change_of(const struct drawing *drawing, const double *values)
{
    double difference = values[DIFF_AFTER] - values[DIFF_BEFORE];
    double least = fmin(values[DIFF_BEFORE], values[DIFF_AFTER]);
    double error = sqrt(drawing->unit[DIFF_BEFORE] * fmax(values[DIFF_BEFORE], 0) +
                        drawing->unit[DIFF_AFTER] * fmax(values[DIFF_AFTER], 0));

    if (fabs(difference) <= CHANCE * error || difference == 0)
        return 0;
    return (difference > 0 ? 1 : -1) * (least > 0 ? fmin(1, fabs(difference) / least) : 1);
}

static int fill(const void *context, const struct flame_box *box, const struct label *label)
{
    const struct drawing *drawing = context;
    double values[DIFF_SIDES];

    (void)label;
    values_of(drawing, box, values);
    double change = change_of(drawing, values);
    if (change == 0)
        return SAME;
    /* What is there at all is seen. */
    return blend(SAME, change > 0 ? GROWN : SHRUNK, 0.25 + 0.75 * sqrt(fabs(change)));
}

static void tell(const void *context, const struct flame_box *box, const struct label *label,
                 FILE *out)
{
    const struct drawing *drawing = context;
    enum metric metric = drawing->diff->metric;
    double whole = (double)drawing->layout.boxes[0].value;
    double values[DIFF_SIDES];

    (void)label;
    values_of(drawing, box, values);
    double difference = values[DIFF_AFTER] - values[DIFF_BEFORE];
    fprintf(out, "%s -> %s", metric_text(metric, llround(values[DIFF_BEFORE])).text,
            metric_text(metric, llround(values[DIFF_AFTER])).text);
    if (values[DIFF_BEFORE] > 0)
        fprintf(out, " (%+.1f %%)", 100 * difference / values[DIFF_BEFORE]);
    else
        fputs(" (new)", out);
    fprintf(out, ", %+.2f %% of the total%s", 100 * difference / whole,
            difference != 0 && change_of(drawing, values) == 0 ? ": no more than chance" : "");
}

static void legend(const void *context, FILE *out)
{
    (void)context;
    flame_legend_write(out, NULL, GROWN, "more than before");
    flame_legend_write(out, NULL, SHRUNK, "less");
    flame_legend_write(out, NULL, SAME, "no more change than by chance");
}

/* What of the other side has no width here. */
static int64_t vanished(const struct drawing *drawing)
{
    const struct call_tree *tree = &drawing->trees[drawing->widths];
    const struct call_tree *other =
        &drawing->trees[drawing->widths == DIFF_BEFORE ? DIFF_AFTER : DIFF_BEFORE];
    uint32_t *twins = match_trees(other, tree);
    int64_t sum = 0;

    for (size_t i = 1; i < other->count; i++)
        if (twins[i] == UINT32_MAX || tree->nodes[twins[i]].total == 0)
            sum = sum_signed(sum, other->nodes[i].self);
    free(twins);
    return sum;
}

static void write_facts(const void *context, FILE *out)
{
    const struct drawing *drawing = context;
    const struct diff *diff = drawing->diff;
    const struct metric_info *info = metric_info(diff->metric);
    double before = diff_mean_total(diff, diff->metric, DIFF_BEFORE);
    double after = diff_mean_total(diff, diff->metric, DIFF_AFTER);
    int64_t gone = vanished(drawing);

    fprintf(out, "%s (%s): %s -> %s", info->title, info->label,
            metric_text(diff->metric, llround(before)).text,
            metric_text(diff->metric, llround(after)).text);
    if (before > 0)
        fprintf(out, " (%+.1f %%)", 100 * (after - before) / before);
    fprintf(out, "; widths: %s%s", drawing->widths == DIFF_BEFORE ? "before" : "after",
            diff->absolute ? "" : ", compared: shares");
    if (gone > 0)
        fprintf(out, "; %s: %s%s", drawing->widths == DIFF_BEFORE ? "new since" : "gone",
                metric_text(diff->metric, gone).text,
                drawing->widths == DIFF_BEFORE ? "" : ", see --before");
    if (diff->profile->part != NULL)
        fprintf(out, "; %s", diff->profile->part);
}

static const char *title_of(const struct drawing *drawing)
{
    const struct profile *profile = drawing->diff->profile;

    if (drawing->options->title != NULL)
        return drawing->options->title;
    return profile->process_count > 0 ? profile->processes[0].comm : "empty recordings";
}

static void draw(const struct drawing *drawing, FILE *out)
{
    static const struct flame_paint paint = {"diff", fill, tell, legend, "off-CPU"};
    struct flame_picture picture = {
        .title = title_of(drawing),
        .subtitle = write_facts,
        .labels = &drawing->labels,
        .layout = &drawing->layout,
        .icicle = drawing->options->icicle,
        .paint = &paint,
        .context = drawing,
    };
    flame_picture_write(&picture, out);
}

/* Of a side: what the error of a value is made of, see diff.c. Of the mean of runs, less. */
static double unit_of(const struct diff *diff, enum diff_side side)
{
    double variance = 0, total = 0;

    for (size_t r = 0; r < diff->run_count; r++)
        if (diff->runs[r].side == side) {
            variance += diff->runs[r].variance;
            total += (double)diff->runs[r].totals[diff->metric];
        }
    return total > 0 ? variance / total / (double)diff->side_runs[side] : 0;
}

static int write_svg(const struct profile *profile, const struct report_options *options, FILE *out,
                     struct problem *problem)
{
    const struct diff *diff = options->diff;
    struct drawing drawing = {.diff = diff, .options = options};
    enum label_root root = report_root(profile, options);
    double smallest = options->min_width > 0 ? options->min_width : SMALLEST;

    (void)problem;
    drawing.widths = options->widths_before ? DIFF_BEFORE : DIFF_AFTER;
    labels_init(&drawing.labels, profile, LABEL_BY_KIND, root);
    for (int side = 0; side < DIFF_SIDES; side++) {
        int64_t *values = diff_values(diff, diff->metric, (enum diff_side)side);
        struct profile view = diff_view(diff, diff->metric, values);
        struct call_tree *tree = &drawing.trees[side];
        call_tree_init(tree, &view, &drawing.labels, diff->metric, true);
        if (options->reverse)
            call_tree_reverse(tree, root != LABEL_ROOT_NONE);
        drawing.unit[side] = unit_of(diff, (enum diff_side)side);
        free(values);
    }
    const struct call_tree *tree = &drawing.trees[drawing.widths];
    drawing.twins =
        match_trees(tree, &drawing.trees[drawing.widths == DIFF_BEFORE ? DIFF_AFTER : DIFF_BEFORE]);
    double total = (double)tree->nodes[CALL_TREE_ROOT].total;
    flame_layout_init(&drawing.layout, tree, &drawing.labels,
                      (int64_t)(total * smallest / FLAME_WIDTH));
    draw(&drawing, out);
    flame_layout_release(&drawing.layout);
    for (int side = 0; side < DIFF_SIDES; side++)
        call_tree_release(&drawing.trees[side]);
    labels_release(&drawing.labels);
    free(drawing.twins);
    return 0;
}

const struct report report_diff_svg = {.name = "svg", .write = write_svg};
