/*
 * The flame graph: one SVG that is a picture anywhere and interactive in a
 * browser, without network. Its own file as one output format; what happens in
 * the browser is in flamegraph.js, the looks are in flamegraph.css.
 *
 * The script takes from each frame's element `data-x`, `data-v` and `data-d`
 * (start and value in units of the metric, depth) and from its title the name
 * (first line), the value with its share (second) and the place (the rest). Positions are percentages, so that a
 * frame keeps its share at any width.
 */
#include "analyzer/reports/assets.h"
#include "analyzer/reports/facts.h"
#include "analyzer/reports/flame_layout.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/roots.h"
#include "analyzer/util/utf8.h"
#include "analyzer/util/xml.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* The script knows these as well. */
#define WIDTH FLAME_WIDTH
#define MARGIN 10
#define HEADER 76
#define ROW 18
#define FOOTER 12

#define SMALLEST 0.1      /* pixels; narrower frames are left out */
#define CHARACTER 7.23    /* pixels of a character at 12px in common monospace fonts */
#define LABEL_LEAST 3     /* characters; shorter labels say nothing */
#define LABEL_PADDING 6.0 /* pixels, both sides */

struct drawing {
    FILE *out;
    const struct profile *profile;
    const struct report_options *options;
    struct labels labels;
    struct call_tree tree;
    struct flame_layout layout;
    unsigned height;
    double interval; /* mean bytes between samples; 0: the metric is not sampled bytes */
};

static void write_text(FILE *out, const char *text)
{
    xml_write_text(out, text, SIZE_MAX);
}

static uint32_t hash_text(const char *text)
{
    return text != NULL ? (uint32_t)XXH3_64bits(text, strlen(text)) : 0;
}

/* Colour between `a` and `b`, part/255 of the way. */
static unsigned blend(unsigned a, unsigned b, unsigned part)
{
    return (a * (255 - part) + b * part) / 255;
}

/* Flame colours: the hue tells modules apart, the brightness functions; the more of a frame's time
 * is off the processor, the nearer it is to the colour of that (.off in the style sheet). Inlined,
 * kernel and mark frames have classes and their colours in the style sheet. */
static void write_fill(FILE *out, const struct label *label, const struct flame_box *box)
{
    unsigned off = box->off > 0 ? (unsigned)(255.0 * (double)box->off / (double)box->value) : 0;
    unsigned hue = hash_text(label->module) & 0xFF;
    unsigned light = hash_text(label->name) & 0xFF;
    unsigned red = blend(235, 252, light);
    unsigned green = blend(blend(112, 186, hue), blend(146, 214, hue), light);
    unsigned blue = blend(blend(82, 58, hue), blend(116, 96, hue), light);

    fprintf(out, " fill=\"#%02x%02x%02x\"", blend(red, blend(112, 136, light), off),
            blend(green, blend(186, 202, light), off), blend(blue, blend(178, 196, light), off));
}

static bool is_mark(const struct label *label, bool runnable)
{
    return label->kind == FRAME_MARK && profile_is_off_mark(label->name) &&
           (strcmp(label->name, PROFILE_MARK_RUNNABLE) == 0) == runnable;
}

static const char *box_class(const struct flame_box *box, const struct label *label)
{
    bool is_off = box->off > box->value / 2;

    switch (box->depth > 0 ? label->kind : FRAME_MARK) {
    case FRAME_INLINED:
        return is_off ? "f inlined off" : "f inlined";
    case FRAME_KERNEL:
        return is_off ? "f kernel off" : "f kernel";
    case FRAME_MARK:
        if (box->depth > 0 && is_mark(label, true))
            return "f mark runnable";
        return box->depth > 0 && is_mark(label, false) ? "f mark off" : "f mark";
    case FRAME_NATIVE:
        break;
    }
    return "f";
}

static void write_place(FILE *out, const struct label *label)
{
    if (label->file != NULL) {
        fputc('\n', out);
        write_text(out, label->file);
        if (label->line != 0)
            fprintf(out, ":%" PRIu32, label->line);
    }
    if (label->module != NULL) {
        fputc('\n', out);
        write_text(out, label->module);
    }
    if (label->kind == FRAME_INLINED)
        fputs("\ninlined", out);
}

/* Of sampled bytes, whatever the sizes of blocks: a sample that stands for v of them adds at
 * most v times the mean distance R of samples to the variance, see estimate.c. */
static void write_error(const struct drawing *drawing, const struct flame_box *box)
{
    double error = box->value > 0 ? 1.96 * sqrt(drawing->interval / (double)box->value) : 0;

    if (drawing->interval == 0 || box->value <= 0)
        return;
    if (error < 1)
        fprintf(drawing->out, ", at most ±%.0f %% of it", 100 * error);
    else
        fputs(", met by few samples", drawing->out);
}

static void write_title(const struct drawing *drawing, const struct flame_box *box,
                        const char *name)
{
    FILE *out = drawing->out;
    enum metric metric = drawing->options->metric;
    double share = 100.0 * (double)box->value / (double)drawing->layout.boxes[0].value;

    fputs("<title>", out);
    write_text(out, name);
    fprintf(out, "\n%s, %.2f %%", metric_text(metric, box->value).text, share);
    write_error(drawing, box);
    if (box->off > 0)
        fprintf(out, ", %s of it off-CPU",
                units_percent((double)box->off, (double)box->value).text);
    if (box->depth > 0)
        write_place(out, &drawing->labels.items[box->label]);
    fputs("</title>", out);
}

static void write_label(FILE *out, const char *name, double x_percent, double width, unsigned y)
{
    size_t length = utf8_length(name);
    double room = (width - LABEL_PADDING) / CHARACTER;

    if (room < LABEL_LEAST)
        return;
    fprintf(out, "<text x=\"%.4f%%\" dx=\"3\" y=\"%u\">", x_percent, y + 13);
    if (length <= room) {
        write_text(out, name);
    } else {
        xml_write_text(out, name, (size_t)room - 1);
        fputs("…", out);
    }
    fputs("</text>", out);
}

static void write_frame(const struct drawing *drawing, const struct flame_box *box)
{
    FILE *out = drawing->out;
    const struct label *label = &drawing->labels.items[box->label];
    const char *name = box->depth > 0 ? label->name : "all";
    enum frame_kind kind = box->depth > 0 ? label->kind : FRAME_MARK;
    double whole = (double)drawing->layout.boxes[0].value;
    double x = 100.0 * (double)box->start / whole;
    double width = 100.0 * (double)box->value / whole;
    unsigned row = drawing->options->icicle ? box->depth : drawing->layout.depth - box->depth;

    fprintf(out, "<g class=\"%s\" data-x=\"%" PRId64 "\" data-v=\"%" PRId64 "\" data-d=\"%u\">",
            box_class(box, label), box->start, box->value, box->depth);
    write_title(drawing, box, name);
    fprintf(out, "<rect x=\"%.4f%%\" y=\"%u\" width=\"%.4f%%\" height=\"%d\"", x, row * ROW, width,
            ROW - 1);
    if (kind == FRAME_NATIVE)
        write_fill(out, label, box);
    fputs("/>", out);
    write_label(out, name, x, width / 100 * (WIDTH - 2 * MARGIN), row * ROW);
    fputs("</g>\n", out);
}

/* The command's name without its arguments: pictures are passed around, and
 * arguments may be secrets. */
static void write_heading(const struct drawing *drawing)
{
    FILE *out = drawing->out;
    const char *title = drawing->options->title;
    struct facts facts;

    facts_init(&facts, drawing->profile);
    if (title == NULL)
        title = facts.root != NULL ? facts.root->comm : "empty recording";
    fprintf(out, "<text id=\"title\" x=\"%d\" y=\"26\">", MARGIN);
    write_text(out, title);
    fprintf(out, "</text>\n<text id=\"subtitle\" x=\"%d\" y=\"46\">", MARGIN);
}

static void write_total_error(const struct drawing *drawing)
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
        fprintf(drawing->out, " ±%.1f %%", 100 * half / total.total);
    else
        fprintf(drawing->out, ", at most %s",
                metric_text(drawing->options->metric, llround(bounds.high)).text);
}

static void write_facts(const struct drawing *drawing)
{
    FILE *out = drawing->out;
    enum metric metric = drawing->options->metric;
    const struct metric_info *info = metric_info(metric);
    int64_t total = drawing->layout.boxes[0].value;

    fprintf(out, "%s (%s): %s%s", info->title, info->label, metric_text(metric, total).text,
            info->is_signed ? " growth" : "");
    write_total_error(drawing);
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
    if (drawing->profile->part != NULL) {
        fputs("; ", out);
        write_text(out, drawing->profile->part);
    }
    fputs("</text>\n", out);
}

/* Frames of marks that the legend names apart. */
static bool has_mark(const struct drawing *drawing, bool runnable)
{
    for (size_t i = 1; i < drawing->layout.count; i++)
        if (is_mark(&drawing->labels.items[drawing->layout.boxes[i].label], runnable))
            return true;
    return false;
}

static bool has_other_mark(const struct drawing *drawing)
{
    for (size_t i = 1; i < drawing->layout.count; i++) {
        const struct label *label = &drawing->labels.items[drawing->layout.boxes[i].label];
        if (label->kind == FRAME_MARK && !profile_is_off_mark(label->name))
            return true;
    }
    return false;
}

static bool has_kind(const struct drawing *drawing, enum frame_kind kind)
{
    for (size_t i = 1; i < drawing->layout.count; i++) {
        if (drawing->labels.items[drawing->layout.boxes[i].label].kind == kind)
            return true;
    }
    return false;
}

static void write_legend(const struct drawing *drawing)
{
    FILE *out = drawing->out;

    fprintf(out, "<text id=\"legend\" x=\"100%%\" dx=\"-%d\" y=\"66\">", MARGIN);
    fputs("<tspan class=\"native\">■</tspan> function, hue by module", out);
    if (has_kind(drawing, FRAME_INLINED))
        fputs("   <tspan class=\"inlined\">■</tspan> inlined", out);
    if (has_kind(drawing, FRAME_KERNEL))
        fputs("   <tspan class=\"kernel\">■</tspan> kernel", out);
    if (has_mark(drawing, false))
        fputs("   <tspan class=\"off\">■</tspan> off-CPU, and frames as far as they are", out);
    if (has_mark(drawing, true))
        fputs("   <tspan class=\"runnable\">■</tspan> runnable", out);
    if (has_other_mark(drawing))
        fputs("   <tspan class=\"mark\">■</tspan> not the program's code", out);
    fputs("</text>\n", out);
}

static void write_document(const struct drawing *drawing)
{
    FILE *out = drawing->out;
    bool empty = drawing->layout.boxes[0].value == 0;

    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"profinject %s\" width=\"%d\" "
            "height=\"%u\" viewBox=\"0 0 %d %u\" data-row=\"%d\" data-header=\"%d\">\n"
            "<style><![CDATA[\n%s]]></style>\n"
            "<rect class=\"ground\" width=\"100%%\" height=\"100%%\"/>\n"
            "<svg id=\"frames\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%u\">\n",
            drawing->options->icicle ? "icicle" : "flame", WIDTH, drawing->height, WIDTH,
            drawing->height, ROW, HEADER, asset_flamegraph_css, MARGIN, HEADER, WIDTH - 2 * MARGIN,
            drawing->height - HEADER);
    for (size_t i = 0; i < drawing->layout.count && !empty; i++)
        write_frame(drawing, &drawing->layout.boxes[i]);
    if (empty)
        fputs("<text class=\"empty\" x=\"50%\" y=\"14\">nothing was sampled</text>\n", out);
    fprintf(out,
            "</svg>\n<g id=\"header\">\n<rect class=\"ground\" width=\"100%%\" height=\"%d\"/>\n",
            HEADER - 4);
    write_heading(drawing);
    write_facts(drawing);
    fprintf(out, "<text id=\"details\" x=\"%d\" y=\"66\"></text>\n", MARGIN);
    if (!empty)
        write_legend(drawing);
    fprintf(out, "</g>\n<script><![CDATA[\n%s]]></script>\n</svg>\n", asset_flamegraph_js);
}

static int write_flamegraph(const struct profile *profile, const struct report_options *options,
                            FILE *out, struct problem *problem)
{
    struct drawing drawing = {.out = out, .profile = profile, .options = options};
    int code = report_check_metric(profile, options->metric, problem);

    if (code != 0)
        return code;
    labels_init(&drawing.labels, profile, LABEL_BY_KIND, report_root(profile, options));
    call_tree_init(&drawing.tree, profile, &drawing.labels, options->metric, true);
    int64_t total = drawing.tree.nodes[CALL_TREE_ROOT].total;
    flame_layout_init(&drawing.layout, &drawing.tree, &drawing.labels,
                      (int64_t)((double)total * SMALLEST / WIDTH));
    struct estimate sampled;
    if (profile_heap_total(profile, options->metric, &sampled) &&
        metric_info(options->metric)->unit == UNIT_BYTES)
        drawing.interval = (double)profile_heap_interval(profile);
    drawing.height = HEADER + (drawing.layout.depth + 1) * ROW + FOOTER;
    write_document(&drawing);
    flame_layout_release(&drawing.layout);
    call_tree_release(&drawing.tree);
    labels_release(&drawing.labels);
    return 0;
}

const struct report report_flamegraph = {.name = "flamegraph", .write = write_flamegraph};
