/*
 * The line that `profinject heat` shows while it runs: in its place on a terminal, one below the
 * other elsewhere. At most 80 columns. One thread; writes to stdout.
 */
#ifndef PROFINJECT_HEAT_LIVE_LINE_H
#define PROFINJECT_HEAT_LIVE_LINE_H

#include "analyzer/heat/heat_state.h"

#include <stdbool.h>
#include <stddef.h>

struct live_line {
    bool shown, in_place, coloured;
};

void live_line_init(struct live_line *line, bool shown);
void live_line_show(struct live_line *line, const struct heat_state *state);

/* What follows begins on a line of its own. */
void live_line_end(struct live_line *line);

/* The text alone. */
void live_line_text(const struct heat_state *state, char *text, size_t size);

#endif
