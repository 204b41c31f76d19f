/*
 * A sample over slices of time: what it stands for lies before it, as long as that is; off the
 * processor somewhere in its span, evenly for all that is known. Slices and curves are made so.
 *
 * Plain values.
 */
#ifndef PROFINJECT_REPORTS_HTML_SPREAD_H
#define PROFINJECT_REPORTS_HTML_SPREAD_H

#include "analyzer/model/samples.h"

#define HTML_SLICES 2000          /* of time, at most */
#define HTML_SLICE_LEAST 1000000u /* ns */

/* A document's time axis on the clock of the profile. */
struct html_axis {
    uint64_t start_ns, end_ns; /* equal: there is nothing to show */
};

/* How long slices are: a millisecond, or what makes HTML_SLICES of the whole; and no less than what
 * samples stand for: processors in use would go up and down with every one of them. */
uint64_t html_spread_width(const struct samples *samples, struct html_axis axis);

/* How many there are of that length. */
static inline size_t html_spread_slices(struct html_axis axis, uint64_t width_ns)
{
    return (axis.end_ns - axis.start_ns - 1) / width_ns + 1;
}

/* Parts of a sample, one per slice, in order; together they are all of it: what lies beyond the axis
 * is put at its ends. */
struct html_spread {
    uint64_t width_ns, length_ns;
    uint64_t begin, end; /* on the axis */
    uint64_t at, left;
};

struct html_spread html_spread_begin(const struct profile_sample *sample, struct html_axis axis,
                                     uint64_t width_ns);

/* The next part and its slice; false: there is none. */
bool html_spread_next(struct html_spread *spread, uint32_t *slice, uint64_t *part_ns);

#endif
