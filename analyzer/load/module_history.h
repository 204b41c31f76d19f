/*
 * The modules of one process over time: which one an address belonged to in a
 * given generation (preload/contract/trace_format.h, TRACE_MODULE, TRACE_STACKS).
 *
 * Not thread-safe. Owns its arrays.
 */
#ifndef PROFINJECT_LOAD_MODULE_HISTORY_H
#define PROFINJECT_LOAD_MODULE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mapped_module {
    uint64_t start, end, bias;
    uint64_t generation; /* the first in which it was there */
    uint64_t gone;       /* the first in which it was not, UINT64_MAX while there */
    uint32_t image;
};

struct module_history {
    struct mapped_module *modules;
    size_t count, capacity;
    struct key_table *ids;
    uint32_t *order; /* numbers of modules by start */
    uint64_t *reach; /* [i]: the greatest end of order[0..i] */
    bool sorted;     /* order and reach are up to date */
};

void module_history_init(struct module_history *map);
void module_history_release(struct module_history *map);

/* Defines module `id`, or again: the same definition changes nothing, another
 * one takes its place. `gone` is ignored. */
void module_history_define(struct module_history *map, uint64_t id,
                           const struct mapped_module *module);

/* Notes the generation in which `id` went; an id never defined is ignored. */
void module_history_gone(struct module_history *map, uint64_t id, uint64_t generation);

/*
 * The module at `pc` in `generation`; where none was, the one that went most
 * recently, else the one that came next: modules are noticed a little late.
 * NULL when nothing was ever there. Valid until the next definition.
 */
const struct mapped_module *module_history_find(struct module_history *map, uint64_t pc,
                                                uint64_t generation);

/* The module that starts nearest below `address`, those first that are still there: data of a
 * module follow its code. NULL when none does. */
const struct mapped_module *module_history_below(struct module_history *map, uint64_t address);

#endif
