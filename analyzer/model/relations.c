/* relations.h. Its own file because reports show and free what insight/ made. */
#include "analyzer/model/relations.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct relation_range relation_series_range(const struct relation_series *series, size_t cells)
{
    struct relation_range range = {NAN, NAN, NAN};
    double sum = 0;

    for (size_t i = 0; i < cells; i++)
        if (isfinite(series->cells[i])) {
            sum += series->cells[i];
            range.least = fmin(range.least, series->cells[i]);
            range.most = fmax(range.most, series->cells[i]);
        }
    if (series->known > 0)
        range.mean = sum / (double)series->known;
    return range;
}

const char *relation_activity_name(enum relation_activity activity)
{
    static const char *const names[ACTIVITIES] = {[ACTIVITY_CPU] = "CPU time",
                                                  [ACTIVITY_IO_WAIT] = "I/O waits",
                                                  [ACTIVITY_LOCK_WAIT] = "lock waits",
                                                  [ACTIVITY_OTHER_WAIT] = "other waits",
                                                  [ACTIVITY_ALLOCATION] = "allocations"};

    return names[activity];
}

void relations_release(struct relations *relations)
{
    for (size_t i = 0; i < relations->series_count; i++) {
        free(relations->series[i].cells);
        free(relations->series[i].causes);
    }
    free(relations->series);
    free(relations->pairs);
    memset(relations, 0, sizeof(*relations));
}
