/*
 * Modules by address and generation. Its own file because libraries come and go
 * at the same address, and only here that matters.
 */
#include "analyzer/load/module_history.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void module_history_init(struct module_history *map)
{
    memset(map, 0, sizeof(*map));
    map->ids = key_table_new(sizeof(uint64_t));
}

void module_history_release(struct module_history *map)
{
    key_table_free(map->ids);
    free(map->modules);
    free(map->order);
    free(map->reach);
}

static bool is_same(const struct mapped_module *a, const struct mapped_module *b)
{
    return a->start == b->start && a->end == b->end && a->bias == b->bias &&
           a->generation == b->generation && a->image == b->image;
}

/* key_table only finds or adds, so a look-up of an unknown id adds it as a
 * module that covers no address. */
static struct mapped_module *module_of(struct module_history *map, uint64_t id)
{
    uint32_t number = key_table_add(map->ids, &id, (uint32_t)map->count);

    if (number == map->count) {
        map->modules = memory_grow(map->modules, map->count, &map->capacity, sizeof(*map->modules));
        map->modules[map->count++] = (struct mapped_module){.gone = UINT64_MAX};
    }
    return &map->modules[number];
}

void module_history_define(struct module_history *map, uint64_t id,
                           const struct mapped_module *module)
{
    struct mapped_module *known = module_of(map, id);

    if (is_same(known, module))
        return;
    *known = *module;
    known->gone = UINT64_MAX;
    map->sorted = false;
}

void module_history_gone(struct module_history *map, uint64_t id, uint64_t generation)
{
    module_of(map, id)->gone = generation;
}

static int compare_starts(const void *a, const void *b, void *context)
{
    const struct mapped_module *modules = context;
    uint64_t start_a = modules[*(const uint32_t *)a].start;
    uint64_t start_b = modules[*(const uint32_t *)b].start;

    return (start_a > start_b) - (start_a < start_b);
}

static void sort_modules(struct module_history *map)
{
    uint64_t reach = 0;

    map->order = memory_resize(map->order, (map->count + 1) * sizeof(*map->order));
    map->reach = memory_resize(map->reach, (map->count + 1) * sizeof(*map->reach));
    for (size_t i = 0; i < map->count; i++)
        map->order[i] = (uint32_t)i;
    qsort_r(map->order, map->count, sizeof(*map->order), compare_starts, map->modules);
    for (size_t i = 0; i < map->count; i++) {
        uint64_t end = map->modules[map->order[i]].end;
        reach = end > reach ? end : reach;
        map->reach[i] = reach;
    }
    map->sorted = true;
}

/* Number of modules that start at or below `pc`. */
static size_t count_below(const struct module_history *map, uint64_t pc)
{
    size_t low = 0;
    size_t high = map->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (map->modules[map->order[middle]].start <= pc)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* How well a module fits a generation: there, gone before, not yet come. */
enum fit { FIT_LATER, FIT_GONE, FIT_LIVE };

static enum fit fit_of(const struct mapped_module *module, uint64_t generation)
{
    if (generation < module->generation)
        return FIT_LATER;
    return generation < module->gone ? FIT_LIVE : FIT_GONE;
}

static bool fits_better(const struct mapped_module *a, const struct mapped_module *b,
                        uint64_t generation)
{
    enum fit fit = fit_of(a, generation);

    if (b == NULL || fit != fit_of(b, generation))
        return b == NULL || fit > fit_of(b, generation);
    if (fit == FIT_GONE)
        return a->gone > b->gone;
    return fit == FIT_LIVE ? a->generation > b->generation : a->generation < b->generation;
}

const struct mapped_module *module_history_find(struct module_history *map, uint64_t pc,
                                                uint64_t generation)
{
    const struct mapped_module *best = NULL;

    if (!map->sorted)
        sort_modules(map);
    for (size_t i = count_below(map, pc); i > 0 && map->reach[i - 1] > pc; i--) {
        const struct mapped_module *module = &map->modules[map->order[i - 1]];
        if (pc < module->end && fits_better(module, best, generation))
            best = module;
    }
    return best;
}

const struct mapped_module *module_history_below(struct module_history *map, uint64_t address)
{
    const struct mapped_module *nearest = NULL;

    if (!map->sorted)
        sort_modules(map);
    for (size_t i = count_below(map, address); i > 0; i--) {
        const struct mapped_module *module = &map->modules[map->order[i - 1]];
        if (module->end == 0)
            continue;
        if (module->gone == UINT64_MAX)
            return module;
        nearest = nearest == NULL ? module : nearest;
    }
    return nearest;
}
