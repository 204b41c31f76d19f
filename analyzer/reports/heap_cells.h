/*
 * Cells of tables about the heap: figures with their intervals, bars, and lines drawn
 * with block characters. Part of the text report; no state.
 */
#ifndef PROFINJECT_REPORTS_HEAP_CELLS_H
#define PROFINJECT_REPORTS_HEAP_CELLS_H

#include "analyzer/model/profile.h"
#include "analyzer/reports/text_cells.h"
#include "analyzer/util/units.h"

#define HEAP_FIGURE 10 /* columns of a figure; one less where its error follows, of */
#define HEAP_ERROR 7

/* "sampled", "exact", or "incomplete" where events of an exact heap were lost, for headings;
 * with `detail` also what that means. */
struct heap_text {
    char text[64];
};
struct heap_text heap_quality(const struct profile *profile, bool detail);

/* The process whose heap was the highest; NULL: none had any. */
const struct profile_process *heap_highest(const struct profile *profile);

/* The figure, right-aligned, and its error where blocks are sampled: half of the 95 %
 * interval against the value, "±3 %"; where that is all of it or more, what the figure is at
 * most: "<2.9M". */
void heap_bytes(const struct cells *cells, const struct estimate *bytes, uint64_t interval);
void heap_count(const struct cells *cells, const struct estimate *count, uint64_t interval);

/* The heading above such a figure, and how many columns it takes. */
void heap_head(const struct cells *cells, const char *text, uint64_t interval);
unsigned heap_width(uint64_t interval);
unsigned heap_figure_width(uint64_t interval); /* without the error */

/* `share` of `width` columns in eighths of one; returns how many it took. */
unsigned heap_bar(const struct cells *cells, double share, unsigned width);

/* A line of `width` block characters: values from 0 to the highest of them, or `most` where
 * that is higher. Each column shows the highest value it stands for. */
void heap_line(const struct cells *cells, const double *values, size_t count, unsigned width,
               double most);

#endif
