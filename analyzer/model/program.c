/*
 * Regions and counters. Its own file because most profiles have none.
 */
#include "analyzer/model/program.h"

#include "analyzer/model/choice.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>
#include <string.h>

/* 64 names of 55 bytes fit, which is what the library tells. */
#define PATH_LONGEST 4096

/* Interned names: equal ones are equal pointers. A linear search: a program has some
 * dozens of regions, and each trace asks once for each. */
uint32_t profile_region(struct profile *profile, uint32_t parent, const char *name)
{
    const char *interned = strings_intern(profile->strings, name);

    if (profile->region_count == 0) {
        profile->regions =
            memory_grow(NULL, 0, &profile->region_capacity, sizeof(*profile->regions));
        profile->regions[profile->region_count++] = (struct profile_region){.name = "", .path = ""};
    }
    for (size_t i = 1; i < profile->region_count; i++)
        if (profile->regions[i].parent == parent && profile->regions[i].name == interned)
            return (uint32_t)i;
    const char *above = parent != REGION_NONE ? profile->regions[parent].path : NULL;
    if (above != NULL && strlen(above) > PATH_LONGEST)
        above = "[...]";
    char *path = above != NULL ? memory_printf("%s/%s", above, interned) : memory_strdup(interned);
    profile->regions = memory_grow(profile->regions, profile->region_count,
                                   &profile->region_capacity, sizeof(*profile->regions));
    profile->regions[profile->region_count] = (struct profile_region){
        .name = interned, .path = strings_intern(profile->strings, path), .parent = parent};
    free(path);
    return (uint32_t)profile->region_count++;
}

uint32_t profile_counter(struct profile *profile, const char *name, enum counter_kind kind)
{
    const char *interned = strings_intern(profile->strings, name);

    for (size_t i = 0; i < profile->counter_count; i++)
        if (profile->counters[i].name == interned)
            return (uint32_t)i;
    profile->counters = memory_grow(profile->counters, profile->counter_count,
                                    &profile->counter_capacity, sizeof(*profile->counters));
    profile->counters[profile->counter_count] =
        (struct profile_counter){.name = interned, .kind = kind};
    return (uint32_t)profile->counter_count++;
}

void profile_add_count(struct profile *profile, const struct profile_count *count)
{
    struct profile_counter *counter = &profile->counters[count->counter];

    counter->total = sum_signed(counter->total, count->value);
    profile->counts = memory_grow(profile->counts, profile->count_count, &profile->count_capacity,
                                  sizeof(*profile->counts));
    profile->counts[profile->count_count++] = *count;
}

bool profile_choose_counter(struct profile *profile, const char *name)
{
    size_t counter = 0;

    while (counter < profile->counter_count && strcmp(profile->counters[counter].name, name) != 0)
        counter++;
    if (counter == profile->counter_count)
        return false;
    profile->counter_chosen = true;
    if (profile->counters[counter].kind != COUNTER_PROGRAM)
        metric_use_hardware(profile->counters[counter].kind == COUNTER_PER_THREAD);
    for (size_t i = 0; i < profile->count_count; i++) {
        const struct profile_count *count = &profile->counts[i];
        struct profile_entry entry = {
            .thread = count->thread, .stack = count->stack, .region = count->region};
        entry.value[METRIC_COUNTER] = count->value;
        if (count->counter == counter)
            entries_add(&profile->entries, &entry);
    }
    return true;
}

static bool is_inside(const void *context, const struct profile_place *place)
{
    const bool *inside = context;

    return inside[place->region];
}

bool profile_choose_region(struct profile *profile, const char *name)
{
    bool *inside = memory_alloc((profile->region_count + 1) * sizeof(*inside));
    bool any = false;

    for (size_t i = 1; i < profile->region_count; i++) {
        const struct profile_region *region = &profile->regions[i];
        inside[i] = inside[region->parent] || strcmp(region->name, name) == 0 ||
                    strcmp(region->path, name) == 0;
        any = any || inside[i];
    }
    if (any)
        profile_keep(profile, is_inside, inside);
    free(inside);
    return any;
}

int64_t profile_region_cpu(const struct profile *profile, uint32_t region)
{
    int64_t sum = 0;

    for (size_t i = 0; i < profile->entries.count; i++) {
        uint32_t at = profile->entries.places[i].region;
        while (at != REGION_NONE && at != region)
            at = profile->regions[at].parent;
        if (at == region)
            sum = sum_signed(sum, entries_value(&profile->entries, i, METRIC_CPU));
    }
    return sum;
}
