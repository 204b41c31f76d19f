/*
 * growth.h.
 */
#include "analyzer/commands/growth.h"

#include "analyzer/insight/changes.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

/* Part of what there was before; of something new, infinite. */
static double growth(const struct change *change)
{
    double difference = change_difference(change);

    return difference > 0 ? difference / fmax(change->before, 0) : 0;
}

static char *growth_text(const struct diff *diff, const struct change *change, const char *name,
                         const char *note, double percent)
{
    struct unit_text before = metric_text(diff->metric, llround(change->before));
    struct unit_text after = metric_text(diff->metric, llround(change->after));

    if (change->before <= 0)
        return memory_printf("%s is new, %s%s; allowed was growth by %g %%", name, after.text, note,
                             percent);
    return memory_printf("%s grew by %.3g %%, from %s to %s%s; allowed was %g %%", name,
                         100 * growth(change), before.text, after.text, note, percent);
}

/* Functions whose self value surely grew (Bonferroni: false discoveries, of which reports may have
 * some, would stop builds): of values where several runs say how much these differ, of shares
 * otherwise. */
static bool *find_sure(const struct diff *diff, const struct diff_functions *functions,
                       const struct diff_changes *values)
{
    bool *sure = memory_alloc(functions->count + 1);
    bool by_shares = !values->judged && diff->sampled;
    struct diff_changes shares;

    if (by_shares)
        changes_init(&shares, diff, functions, false);
    const struct diff_changes *changes = by_shares ? &shares : values;
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *self = &changes->items[i].self;
        sure[changes->items[i].function] = self->tested && change_difference(self) > 0 &&
                                           self->p * (double)changes->tested <= GROWTH_CHANCE;
    }
    if (by_shares)
        changes_release(&shares);
    return sure;
}

char *growth_above(const struct diff *diff, const struct diff_functions *functions, double percent)
{
    struct diff_changes changes;
    char *text = NULL;

    changes_init(&changes, diff, functions, true);
    bool *sure = find_sure(diff, functions, &changes);
    const struct change *whole = &changes.whole;
    if (growth(whole) > percent / 100 && (!whole->known || whole->low > 0))
        text =
            growth_text(diff, whole, "the total",
                        whole->known ? "" : " (one recording a side: it may be chance)", percent);
    for (size_t i = 0; i < changes.count && text == NULL; i++) {
        const struct change *self = &changes.items[i].self;
        uint32_t function = changes.items[i].function;
        if (sure[function] && growth(self) > percent / 100 &&
            change_difference(self) >= GROWTH_MATTERS * whole->before)
            text = growth_text(diff, self, functions->labels.items[function].name, " of its own",
                               percent);
    }
    changes_release(&changes);
    free(sure);
    return text;
}
