/*
 * How busy the machine's processors are, by /proc/stat, from one look to the next. One thread.
 */
#ifndef PROFINJECT_HEAT_BUSY_SHARE_H
#define PROFINJECT_HEAT_BUSY_SHARE_H

#include <stdint.h>

struct busy_share {
    uint64_t busy, all; /* ticks, at the last look */
};

/* Per cent since the last look; NAN: not known, or no tick since. */
double busy_share_look(struct busy_share *share);

#endif
