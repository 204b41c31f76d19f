/*
 * Places of trouble by module. Its own file because it needs no symbols: what has no
 * unwind table seldom has a name.
 */
#include "analyzer/load/troubles.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>

static void add_place(struct profile_trouble *trouble, const struct code_place *place)
{
    trouble->samples += place->trouble_samples;
    trouble->places++;
    if (place->trouble_samples <= trouble->most)
        return;
    trouble->most = place->trouble_samples;
    trouble->address = place->address;
}

static int by_samples(const void *left, const void *right)
{
    const struct profile_trouble *a = left, *b = right;

    return a->samples < b->samples ? 1 : a->samples > b->samples ? -1 : 0;
}

void troubles_tell(const struct code_places *code, struct profile *profile)
{
    struct profile_trouble *all = memory_alloc((code->image_count + 1) * sizeof(*all));

    for (size_t i = 0; i < code->place_count; i++)
        if (code->places[i].trouble_samples > 0)
            add_place(&all[code->places[i].image], &code->places[i]);
    for (size_t i = 0; i < code->image_count; i++) {
        if (all[i].samples == 0)
            continue;
        all[i].module = code->images[i].path;
        profile_add_trouble(profile, &all[i]);
    }
    free(all);
    if (profile->trouble_count > 0)
        qsort(profile->troubles, profile->trouble_count, sizeof(*profile->troubles), by_samples);
}
