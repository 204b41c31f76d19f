/* The hottest function. Its own file because why.c weighs, and this one looks for a name. */
#include "analyzer/reports/hottest.h"

#include "analyzer/model/labels.h"
#include "analyzer/reports/short_name.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"
#include "analyzer/util/units.h"

#include <stdlib.h>

#define NAME_WIDTH 72 /* of a function: the sentence is for one screen */

char *hottest_text(const struct profile *profile)
{
    struct labels labels;
    int64_t most = 0, all = 0;
    size_t hot = 0;
    char *text = NULL;

    labels_init(&labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    int64_t *self = memory_alloc((labels.count + 1) * sizeof(*self));
    bool *is_mark = memory_alloc((labels.count + 1) * sizeof(*is_mark));
    for (size_t i = 0; i < profile->entries.count; i++) {
        uint32_t leaf = profile->entries.places[i].stack;
        if (leaf == STACK_NONE)
            continue;
        uint32_t frame = profile->stacks[leaf].frame;
        int64_t *sum = &self[labels.of_frame[frame]];
        is_mark[labels.of_frame[frame]] = profile->frames[frame].kind == FRAME_MARK;
        *sum = sum_signed(*sum, entries_value(&profile->entries, i, METRIC_CPU));
    }
    for (size_t i = 0; i < labels.count; i++) {
        all = sum_signed(all, self[i]);
        if (self[i] <= most || is_mark[i])
            continue;
        most = self[i];
        hot = i;
    }
    if (most > 0) {
        char *name = short_name(labels.items[hot].name, NAME_WIDTH);
        text = memory_printf(", most in %s (%s of CPU time)", name,
                             units_percent((double)most, (double)all).text);
        free(name);
    }
    free(is_mark);
    free(self);
    labels_release(&labels);
    return text;
}
