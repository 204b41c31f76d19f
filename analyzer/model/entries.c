/*
 * entries.h: a column is there once something is added to it.
 */
#include "analyzer/model/entries.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

void entries_init(struct entries *entries)
{
    memset(entries, 0, sizeof(*entries));
    element_index_init(&entries->index, sizeof(*entries->places), sizeof(*entries->places));
}

void entries_release(struct entries *entries)
{
    free(entries->places);
    for (size_t column = 0; column < ENTRIES_COLUMNS; column++)
        free(entries->columns[column]);
    element_index_release(&entries->index);
}

static void grow(struct entries *entries)
{
    size_t before = entries->capacity;
    size_t capacity = before == 0 ? FIRST_CAPACITY : before * 2;

    entries->places = memory_resize(entries->places, capacity * sizeof(*entries->places));
    for (size_t column = 0; column < ENTRIES_COLUMNS; column++) {
        uint64_t **values = &entries->columns[column];
        if (*values == NULL)
            continue;
        *values = memory_resize(*values, capacity * sizeof(**values));
        memset(*values + before, 0, (capacity - before) * sizeof(**values));
    }
    entries->capacity = capacity;
}

static uint64_t *cell(struct entries *entries, size_t column, size_t i)
{
    uint64_t **values = &entries->columns[column];

    if (*values == NULL)
        *values = memory_alloc(entries->capacity * sizeof(**values));
    return *values + i;
}

static void add_signed(struct entries *entries, size_t column, size_t i, int64_t value)
{
    if (value != 0) {
        uint64_t *sum = cell(entries, column, i);
        *sum = (uint64_t)sum_signed((int64_t)*sum, value);
    }
}

static void add_unsigned(struct entries *entries, size_t column, size_t i, uint64_t value)
{
    if (value != 0) {
        uint64_t *sum = cell(entries, column, i);
        *sum = sum_unsigned(*sum, value);
    }
}

void entries_add(struct entries *entries, const struct profile_entry *entry)
{
    struct profile_place place = {entry->thread, entry->stack, entry->region};
    size_t i = element_index_add(&entries->index, entries->places, &place);

    if (i == entries->count) {
        if (entries->count == entries->capacity)
            grow(entries);
        entries->places[entries->count++] = place;
    }
    for (size_t metric = 0; metric < METRIC_COUNT; metric++)
        add_signed(entries, metric, i, entry->value[metric]);
    add_unsigned(entries, METRIC_COUNT, i, entry->alloc_count);
    add_unsigned(entries, METRIC_COUNT + 1, i, entry->alloc_bytes);
    add_unsigned(entries, METRIC_COUNT + 2, i, entry->free_count);
    add_unsigned(entries, METRIC_COUNT + 3, i, entry->free_bytes);
}

static uint64_t column_at(const struct entries *entries, size_t column, size_t i)
{
    return entries->columns[column] != NULL ? entries->columns[column][i] : 0;
}

struct profile_entry entries_at(const struct entries *entries, size_t i)
{
    const struct profile_place *place = &entries->places[i];
    struct profile_entry entry = {.thread = place->thread,
                                  .stack = place->stack,
                                  .region = place->region,
                                  .alloc_count = column_at(entries, METRIC_COUNT, i),
                                  .alloc_bytes = column_at(entries, METRIC_COUNT + 1, i),
                                  .free_count = column_at(entries, METRIC_COUNT + 2, i),
                                  .free_bytes = column_at(entries, METRIC_COUNT + 3, i)};

    for (size_t metric = 0; metric < METRIC_COUNT; metric++)
        entry.value[metric] = (int64_t)column_at(entries, metric, i);
    return entry;
}

int64_t entries_value(const struct entries *entries, size_t i, enum metric metric)
{
    return (int64_t)column_at(entries, metric, i);
}

void entries_keep(struct entries *entries,
                  bool (*keep)(const void *context, const struct profile_place *place),
                  const void *context)
{
    size_t kept = 0;

    element_index_release(&entries->index);
    for (size_t i = 0; i < entries->count; i++) {
        if (!keep(context, &entries->places[i]))
            continue;
        entries->places[kept] = entries->places[i];
        (void)element_index_add(&entries->index, entries->places, &entries->places[kept]);
        for (size_t column = 0; column < ENTRIES_COLUMNS; column++)
            if (entries->columns[column] != NULL)
                entries->columns[column][kept] = entries->columns[column][i];
        kept++;
    }
    for (size_t column = 0; column < ENTRIES_COLUMNS; column++)
        if (entries->columns[column] != NULL)
            memset(entries->columns[column] + kept, 0, (entries->count - kept) * sizeof(uint64_t));
    entries->count = kept;
}
