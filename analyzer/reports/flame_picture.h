/*
 * A flame graph as one SVG document: a picture anywhere, interactive in a browser, without
 * network. What is drawn, and what the colours say, its caller decides: a profile's metric
 * (flamegraph.c) or how two profiles differ.
 *
 * Everything pointed to is the caller's and only read. No state.
 */
#ifndef PROFINJECT_REPORTS_FLAME_PICTURE_H
#define PROFINJECT_REPORTS_FLAME_PICTURE_H

#include "analyzer/reports/flame_layout.h"

#include <stdbool.h>
#include <stdio.h>

#define FLAME_BY_STYLE (-1) /* no colour of its own */

/* What colours and details of the boxes say. `context` is the picture's. */
struct flame_paint {
    const char *name; /* a class of the document, for flamegraph.css: "module" */
    /* 0xRRGGBB, light enough for dark text, or FLAME_BY_STYLE: as flamegraph.css colours
     * inlined, kernel and mark frames. With a colour of their own, inlined frames are told
     * apart by paleness and italics, the kernel's by an edge. */
    int (*fill)(const void *context, const struct flame_box *box, const struct label *label);
    /* The value with its share, of which the header shows the first line; below it the
     * place follows. `label` is NULL for the box of everything. */
    void (*tell)(const void *context, const struct flame_box *box, const struct label *label,
                 FILE *out);
    /* <tspan>s that say what colours mean; those of kinds and marks follow. NULL: none. */
    void (*legend)(const void *context, FILE *out);
    const char *off; /* what the legend calls marks of time off the processor */
};

struct flame_picture {
    const char *title; /* any text, as is what this writes */
    void (*subtitle)(const void *context, FILE *out);
    const struct labels *labels;
    const struct flame_layout *layout;
    const char *roots; /* what the boxes of depth 1 are ("thread"); NULL: frames */
    bool icicle;
    const struct flame_paint *paint;
    const void *context;
};

/* A failed stream is left to the caller (ferror). */
void flame_picture_write(const struct flame_picture *picture, FILE *out);

/* "<tspan class="NAME">■</tspan> TEXT", for legends; `color` instead of a class where it is
 * not negative. */
void flame_legend_write(FILE *out, const char *name, int color, const char *text);

#endif
