/*
 * What threads did, by stack: sums of every metric. Kept in columns, because a recording has few
 * of the metrics, and of its entries there may be millions.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_ENTRIES_H
#define PROFINJECT_MODEL_ENTRIES_H

#include "analyzer/model/metric.h"
#include "analyzer/util/element_index.h"

#include <stddef.h>
#include <stdint.h>

/* Whose, and where. */
struct profile_place {
    uint32_t thread;
    uint32_t stack;  /* the leaf */
    uint32_t region; /* the program was in */
};

/* What one thread did with one stack as its leaf in one region. */
struct profile_entry {
    uint32_t thread, stack, region;
    int64_t value[METRIC_COUNT];
    uint64_t alloc_count, alloc_bytes, free_count, free_bytes; /* since the sample before */
};

#define ENTRIES_COLUMNS (METRIC_COUNT + 4)

struct entries {
    struct profile_place *places;
    size_t count, capacity;
    uint64_t *columns[ENTRIES_COLUMNS]; /* metrics, two's complement; then the four sums of memory;
                                           NULL: all 0 */
    struct element_index index;
};

void entries_init(struct entries *entries);
void entries_release(struct entries *entries);

/* Adds its values to what there is of the same place. */
void entries_add(struct entries *entries, const struct profile_entry *entry);

/* Entry number `i`, whole; and one value of it. */
struct profile_entry entries_at(const struct entries *entries, size_t i);
int64_t entries_value(const struct entries *entries, size_t i, enum metric metric);

/* Leaves out those of which keep() is false. */
void entries_keep(struct entries *entries,
                  bool (*keep)(const void *context, const struct profile_place *place),
                  const void *context);

#endif
