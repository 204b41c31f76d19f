/*
 * The SVG of a flame graph. Its own file as the only one that knows that format;
 * what happens in the browser is in flamegraph.js, the looks are in flamegraph.css.
 *
 * The script takes from each frame's element `data-x`, `data-v` and `data-d`
 * (start and value in units of the metric, depth) and from its title the name
 * (first line), the value with its share (second) and the place (the rest). Positions are
 * percentages, so that a frame keeps its share at any width.
 */
#include "analyzer/reports/flame_picture.h"

#include "analyzer/reports/assets.h"
#include "analyzer/reports/report.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/utf8.h"
#include "analyzer/util/xml.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The script knows these as well. */
#define WIDTH FLAME_WIDTH
#define MARGIN 10
#define HEADER 76
#define ROW 18
#define FOOTER 12

#define CHARACTER 7.23    /* pixels of a character at 12px in common monospace fonts */
#define LABEL_LEAST 3     /* characters; shorter labels say nothing */
#define LABEL_PADDING 6.0 /* pixels, both sides */

static void write_text(FILE *out, const char *text)
{
    xml_write_text(out, text, SIZE_MAX);
}

/* Null for the box of everything. */
static const struct label *label_of(const struct flame_picture *picture,
                                    const struct flame_box *box)
{
    return box->depth > 0 ? &picture->labels->items[box->label] : NULL;
}

static enum frame_kind kind_of(const struct label *label)
{
    return label != NULL ? label->kind : FRAME_MARK;
}

static bool is_mark(const struct label *label, bool runnable)
{
    return label != NULL && label->kind == FRAME_MARK && profile_is_off_mark(label->name) &&
           (strcmp(label->name, PROFILE_MARK_RUNNABLE) == 0) == runnable;
}

static const char *painted_class(const struct label *label)
{
    switch (kind_of(label)) {
    case FRAME_INLINED:
        return "f pale";
    case FRAME_KERNEL:
        return "f edged";
    default:
        return "f";
    }
}

static const char *styled_class(const struct flame_box *box, const struct label *label)
{
    bool is_off = box->off > box->value / 2;

    switch (kind_of(label)) {
    case FRAME_INLINED:
        return is_off ? "f inlined off" : "f inlined";
    case FRAME_KERNEL:
        return is_off ? "f kernel off" : "f kernel";
    case FRAME_MARK:
        if (is_mark(label, true))
            return "f mark runnable";
        return is_mark(label, false) ? "f mark off" : "f mark";
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

static void write_title(const struct flame_picture *picture, const struct flame_box *box,
                        const char *name, FILE *out)
{
    const struct label *label = label_of(picture, box);

    fputs("<title>", out);
    write_text(out, name);
    fputc('\n', out);
    picture->paint->tell(picture->context, box, label, out);
    if (label != NULL)
        write_place(out, label);
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

/* Half way to white. */
static unsigned pale(unsigned color)
{
    return ((color >> 1) & 0x7F7F7F) + 0x808080;
}

static void write_frame(const struct flame_picture *picture, const struct flame_box *box, FILE *out)
{
    const struct label *label = label_of(picture, box);
    const char *name = label != NULL ? label->name : "all";
    double whole = (double)picture->layout->boxes[0].value;
    double x = 100.0 * (double)box->start / whole;
    double width = 100.0 * (double)box->value / whole;
    unsigned row = picture->icicle ? box->depth : picture->layout->depth - box->depth;
    int fill = label != NULL ? picture->paint->fill(picture->context, box, label) : FLAME_BY_STYLE;

    fprintf(out, "<g class=\"%s\" data-x=\"%" PRId64 "\" data-v=\"%" PRId64 "\" data-d=\"%u\">",
            fill >= 0 ? painted_class(label) : styled_class(box, label), box->start, box->value,
            box->depth);
    write_title(picture, box, name, out);
    fprintf(out, "<rect x=\"%.4f%%\" y=\"%u\" width=\"%.4f%%\" height=\"%d\"", x, row * ROW, width,
            ROW - 1);
    if (fill >= 0)
        fprintf(out, " fill=\"#%06x\"",
                kind_of(label) == FRAME_INLINED ? pale((unsigned)fill) : (unsigned)fill);
    fputs("/>", out);
    write_label(out, name, x, width / 100 * (WIDTH - 2 * MARGIN), row * ROW);
    fputs("</g>\n", out);
}

void flame_legend_write(FILE *out, const char *name, int color, const char *text)
{
    if (color >= 0)
        fprintf(out, "<tspan fill=\"#%06x\">■</tspan> ", (unsigned)color);
    else
        fprintf(out, "<tspan class=\"%s\">■</tspan> ", name);
    write_text(out, text);
    fputs("   ", out);
}

/* Kinds of frames that there are, for the legend. */
struct kinds {
    bool inlined, pale, kernel, edged; /* styled, and in colours of their own */
    bool off, runnable, other;         /* marks */
};

static struct kinds find_kinds(const struct flame_picture *picture)
{
    struct kinds kinds = {0};

    for (size_t i = 1; i < picture->layout->count; i++) {
        const struct flame_box *box = &picture->layout->boxes[i];
        const struct label *label = label_of(picture, box);
        bool painted = picture->paint->fill(picture->context, box, label) >= 0;
        *(painted ? &kinds.pale : &kinds.inlined) |= label->kind == FRAME_INLINED;
        *(painted ? &kinds.edged : &kinds.kernel) |= label->kind == FRAME_KERNEL;
        kinds.off |= is_mark(label, false);
        kinds.runnable |= is_mark(label, true);
        kinds.other |= label->kind == FRAME_MARK && !profile_is_off_mark(label->name) &&
                       (picture->roots == NULL || box->depth > 1);
    }
    return kinds;
}

static void write_legend(const struct flame_picture *picture, FILE *out)
{
    struct kinds kinds = find_kinds(picture);

    fprintf(out, "<text id=\"legend\" x=\"100%%\" dx=\"-%d\" y=\"66\">", MARGIN);
    if (picture->paint->legend != NULL)
        picture->paint->legend(picture->context, out);
    if (kinds.inlined)
        flame_legend_write(out, "inlined", FLAME_BY_STYLE, "inlined");
    if (kinds.pale)
        fputs("<tspan class=\"pale\">pale</tspan> inlined   ", out);
    if (kinds.kernel || kinds.edged)
        flame_legend_write(out, kinds.edged ? "edged" : "kernel", FLAME_BY_STYLE, "kernel");
    if (kinds.off)
        flame_legend_write(out, "off", FLAME_BY_STYLE, picture->paint->off);
    if (kinds.runnable)
        flame_legend_write(out, "runnable", FLAME_BY_STYLE, "runnable");
    if (picture->roots != NULL)
        flame_legend_write(out, "mark", FLAME_BY_STYLE, picture->roots);
    if (kinds.other)
        flame_legend_write(out, "mark", FLAME_BY_STYLE, "not the program's code");
    fputs("</text>\n", out);
}

/* What its author writes is text, and has to become XML. */
static void write_subtitle(const struct flame_picture *picture, FILE *out)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    if (stream == NULL)
        memory_exhausted();
    picture->subtitle(picture->context, stream);
    if (fclose(stream) != 0)
        memory_exhausted();
    write_text(out, text);
    free(text);
}

static void write_header(const struct flame_picture *picture, bool empty, FILE *out)
{
    fprintf(out, "<g id=\"header\">\n<rect class=\"ground\" width=\"100%%\" height=\"%d\"/>\n",
            HEADER - 4);
    fprintf(out, "<text id=\"title\" x=\"%d\" y=\"26\">", MARGIN);
    write_text(out, picture->title);
    fprintf(out, "</text>\n<text id=\"subtitle\" x=\"%d\" y=\"46\">", MARGIN);
    write_subtitle(picture, out);
    fprintf(out, "</text>\n<text id=\"details\" x=\"%d\" y=\"66\"></text>\n", MARGIN);
    if (!empty)
        write_legend(picture, out);
    fputs("</g>\n", out);
}

void flame_picture_write(const struct flame_picture *picture, FILE *out)
{
    const struct flame_layout *layout = picture->layout;
    bool empty = layout->boxes[0].value == 0;
    unsigned height = HEADER + (layout->depth + 1) * ROW + FOOTER;

    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"profinject %s %s\" width=\"%d\" "
            "height=\"%u\" viewBox=\"0 0 %d %u\" data-row=\"%d\" data-header=\"%d\">\n"
            "<style><![CDATA[\n%s]]></style>\n"
            "<rect class=\"ground\" width=\"100%%\" height=\"100%%\"/>\n"
            "<svg id=\"frames\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%u\">\n",
            picture->icicle ? "icicle" : "flame", picture->paint->name, WIDTH, height, WIDTH,
            height, ROW, HEADER, asset_flamegraph_css, MARGIN, HEADER, WIDTH - 2 * MARGIN,
            height - HEADER);
    for (size_t i = 0; i < layout->count && !empty; i++)
        write_frame(picture, &layout->boxes[i], out);
    if (empty)
        fputs("<text class=\"empty\" x=\"50%\" y=\"14\">nothing was sampled</text>\n", out);
    fputs("</svg>\n", out);
    write_header(picture, empty, out);
    fprintf(out, "<script><![CDATA[\n%s]]></script>\n</svg>\n", asset_flamegraph_js);
}
