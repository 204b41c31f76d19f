/*
 * What is shown of a load: line, log, and the summary at its end. One thread; owns the log's file.
 */
#ifndef PROFINJECT_HEAT_HEAT_VIEW_H
#define PROFINJECT_HEAT_HEAT_VIEW_H

#include "analyzer/heat/busy_share.h"
#include "analyzer/heat/crew.h"
#include "analyzer/heat/heat_log.h"
#include "analyzer/heat/heating.h"
#include "analyzer/heat/live_line.h"

struct heat_view {
    const struct heat_options *options;
    struct heat_log log;
    struct live_line line;
    struct busy_share busy;
    double shown_at; /* seconds of the load */
    uint64_t shown;  /* operations until then */
    /* Temperatures: of all, and of the second half, where an end is known. */
    double coolest, hottest, late_sum, late_worst;
    unsigned late_count;
};

int heat_view_init(struct heat_view *view, const struct heat_options *options,
                   struct problem *problem);

/* A temperature that is believed, `seconds` after the begin. */
void heat_view_note(struct heat_view *view, double celsius, double seconds);

/* Shows and logs; fills in what is the machine's and what follows from the moment before. */
int heat_view_show(struct heat_view *view, struct heat_state *state, const struct crew_sums *sums,
                   struct problem *problem);

/* `word`: "off", "ended". Closes the log. */
int heat_view_end(struct heat_view *view, const char *word, double seconds, const struct crew *crew,
                  struct problem *problem);

#endif
