/*
 * The first line of /proc/stat. Its own file beside room.c, which looks at memory.
 */
#include "analyzer/heat/busy_share.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

double busy_share_look(struct busy_share *share)
{
    uint64_t ticks[8] = {0}, all = 0; /* user nice system idle iowait irq softirq steal */
    FILE *file = fopen("/proc/stat", "re");

    if (file == NULL)
        return NAN;
    int fields = fscanf(file,
                        "cpu %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
                        " %" SCNu64 " %" SCNu64,
                        &ticks[0], &ticks[1], &ticks[2], &ticks[3], &ticks[4], &ticks[5], &ticks[6],
                        &ticks[7]);
    fclose(file);
    if (fields < 4)
        return NAN;
    for (unsigned i = 0; i < 8; i++)
        all += ticks[i];
    uint64_t busy = all - ticks[3] - ticks[4];
    struct busy_share before = *share;
    *share = (struct busy_share){busy, all};
    if (before.all == 0 || all <= before.all || busy < before.busy)
        return NAN;
    return fmin(100, 100.0 * (double)(busy - before.busy) / (double)(all - before.all));
}
