/*
 * `flamegraph`: one metric of a profile as a flame graph. Its own file as one output: what
 * the picture says of values and how it is coloured; how it is drawn is in flame_picture.c.
 */
#include "analyzer/reports/facts.h"
#include "analyzer/reports/flame_colors.h"
#include "analyzer/reports/flame_picture.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/roots.h"

#include <inttypes.h>
#include <math.h>

#define SMALLEST 0.1 /* pixels; narrower frames are left out */

struct drawing {
    const struct profile *profile;
    const struct report_options *options;
    struct labels labels;
    struct call_tree tree;
    struct flame_layout layout;
    double interval; /* mean bytes between samples; 0: the metric is not sampled bytes */
};

static double smallest_of(const struct report_options *options)
{
    return options->min_width > 0 ? options->min_width : SMALLEST;
}

/* Of sampled bytes, whatever the sizes of blocks: a sample that stands for v of them adds at
 * most v times the mean distance R of samples to the variance, see estimate.c. */
static void write_error(const struct drawing *drawing, const struct flame_box *box, FILE *out)
{
    double error = box->value > 0 ? 1.96 * sqrt(drawing->interval / (double)box->value) : 0;

    if (drawing->interval == 0 || box->value <= 0)
        return;
    if (error < 1)
        fprintf(out, ", at most ±%.0f %% of it", 100 * error);
    else
        fputs(", met by few samples", out);
}

static void tell(const void *context, const struct flame_box *box, const struct label *label,
                 FILE *out)
{
    const struct drawing *drawing = context;
    double share = 100.0 * (double)box->value / (double)drawing->layout.boxes[0].value;

    fprintf(out, "%s, %.2f %%", metric_text(drawing->options->metric, box->value).text, share);
    write_error(drawing, box, out);
    if (box->off > 0)
        fprintf(out, ", %s of it off-CPU",
                units_percent((double)box->off, (double)box->value).text);
    if (drawing->options->color_by == FLAME_BY_LANGUAGE && label != NULL &&
        label->kind != FRAME_MARK)
        fprintf(out, "\n%s", language_name(language_of(label)));
}

static int fill_by_module(const void *context, const struct flame_box *box,
                          const struct label *label)
{
    (void)context;
    return flame_color_of_module(label, box);
}

static void legend_of_modules(const void *context, FILE *out)
{
    (void)context;
    flame_legend_write(out, "native", FLAME_BY_STYLE, "function, hue by module");
}

static int fill_by_language(const void *context, const struct flame_box *box,
                            const struct label *label)
{
    (void)context;
    (void)box;
    return flame_color_of_language(label);
}

static void legend_of_languages(const void *context, FILE *out)
{
    const struct drawing *drawing = context;
    bool there[LANGUAGES] = {false};

    for (size_t i = 1; i < drawing->layout.count; i++) {
        const struct label *label = &drawing->labels.items[drawing->layout.boxes[i].label];
        there[language_of(label)] |= flame_color_of_language(label) >= 0;
    }
    for (size_t i = 0; i < LANGUAGES; i++)
        if (there[i])
            flame_legend_write(out, NULL, flame_color_of((enum language)i),
                               language_name((enum language)i));
}

static const struct flame_paint paints[] = {
    [FLAME_BY_MODULE] = {"module", fill_by_module, tell, legend_of_modules,
                         "off-CPU, and frames as far as they are"},
    [FLAME_BY_LANGUAGE] = {"language", fill_by_language, tell, legend_of_languages, "off-CPU"},
};

static void write_total_error(const struct drawing *drawing, FILE *out)
{
    uint64_t interval = profile_heap_interval(drawing->profile);
    struct estimate total;

    if (interval == 0 || !profile_heap_total(drawing->profile, drawing->options->metric, &total))
        return;
    bool bytes = metric_info(drawing->options->metric)->unit == UNIT_BYTES;
    struct interval bounds = estimate_interval(&total, bytes ? estimate_missed_bytes(interval)
                                                             : estimate_missed_blocks(interval));
    double half = (bounds.high - bounds.low) / 2;
    if (half < total.total)
        fprintf(out, " ±%.1f %%", 100 * half / total.total);
    else
        fprintf(out, ", at most %s",
                metric_text(drawing->options->metric, llround(bounds.high)).text);
}

/* What is drawn, as the picture's second line. */
static void write_facts(const void *context, FILE *out)
{
    const struct drawing *drawing = context;
    enum metric metric = drawing->options->metric;
    const struct metric_info *info = metric_info(metric);
    int64_t total = drawing->layout.boxes[0].value;

    fprintf(out, "%s (%s): %s%s", info->title, info->label, metric_text(metric, total).text,
            info->is_signed ? " growth" : "");
    write_total_error(drawing, out);
    if (info->is_signed)
        fprintf(out, "; negative total %s, not drawn",
                metric_text(metric, drawing->tree.negative).text);
    struct estimate heap;
    if (metric != METRIC_SAMPLES && metric != METRIC_MAPPED_BYTES &&
        !profile_heap_total(drawing->profile, metric, &heap))
        fprintf(out, ", %s",
                metric_text(METRIC_SAMPLES, profile_total(drawing->profile, METRIC_SAMPLES)).text);
    if (drawing->profile->process_count > 1)
        fprintf(out, ", %zu processes", drawing->profile->process_count);
    if (drawing->profile->part != NULL)
        fprintf(out, "; %s", drawing->profile->part);
    if (drawing->options->reverse)
        fprintf(out, "; reversed: callers %s what they call",
                drawing->options->icicle ? "below" : "above");
    if (drawing->layout.left_out > 0)
        fprintf(out, "; %zu frame%s below %g px left out", drawing->layout.left_out,
                drawing->layout.left_out == 1 ? "" : "s", smallest_of(drawing->options));
}

/* The command's name without its arguments: pictures are passed around, and
 * arguments may be secrets. */
static const char *title_of(const struct drawing *drawing)
{
    struct facts facts;

    if (drawing->options->title != NULL)
        return drawing->options->title;
    facts_init(&facts, drawing->profile);
    return facts.root != NULL ? facts.root->comm : "empty recording";
}

static const char *roots_of(const struct drawing *drawing)
{
    static const char *const names[] = {
        [LABEL_ROOT_COMMAND] = "program",
        [LABEL_ROOT_PROCESS] = "process",
        [LABEL_ROOT_THREAD] = "thread",
    };

    return names[report_root(drawing->profile, drawing->options)];
}

static void draw(const struct drawing *drawing, FILE *out)
{
    struct flame_picture picture = {
        .title = title_of(drawing),
        .subtitle = write_facts,
        .labels = &drawing->labels,
        .layout = &drawing->layout,
        .roots = roots_of(drawing),
        .icicle = drawing->options->icicle,
        .paint = &paints[drawing->options->color_by],
        .context = drawing,
    };
    flame_picture_write(&picture, out);
}

static int write_flamegraph(const struct profile *profile, const struct report_options *options,
                            FILE *out, struct problem *problem)
{
    struct drawing drawing = {.profile = profile, .options = options};
    enum label_root root = report_root(profile, options);
    int code = report_check_metric(profile, options->metric, problem);

    if (code != 0)
        return code;
    labels_init(&drawing.labels, profile, LABEL_BY_KIND, root);
    call_tree_init(&drawing.tree, profile, &drawing.labels, options->metric, true);
    if (options->reverse)
        call_tree_reverse(&drawing.tree, root != LABEL_ROOT_NONE);
    int64_t total = drawing.tree.nodes[CALL_TREE_ROOT].total;
    flame_layout_init(&drawing.layout, &drawing.tree, &drawing.labels,
                      (int64_t)((double)total * smallest_of(options) / FLAME_WIDTH));
    struct estimate sampled;
    if (profile_heap_total(profile, options->metric, &sampled) &&
        metric_info(options->metric)->unit == UNIT_BYTES)
        drawing.interval = (double)profile_heap_interval(profile);
    draw(&drawing, out);
    flame_layout_release(&drawing.layout);
    call_tree_release(&drawing.tree);
    labels_release(&drawing.labels);
    return 0;
}

const struct report report_flamegraph = {.name = "flamegraph", .write = write_flamegraph};
