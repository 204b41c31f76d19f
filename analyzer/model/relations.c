/* relations.h. Its own file because reports look relations up that insight/ made. */
#include "analyzer/model/relations.h"

#include <stdlib.h>
#include <string.h>

const struct relation *relations_pair(const struct relations *relations, size_t one, size_t other)
{
    size_t first = one < other ? one : other, second = one < other ? other : one;
    size_t low = 0, high = relations->pair_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct relation_pair *pair = &relations->pairs[middle];
        if (pair->first == first && pair->second == second)
            return &pair->relation;
        if (pair->first < first || (pair->first == first && pair->second < second))
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
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
