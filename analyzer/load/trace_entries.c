/*
 * Finding entries, and what they mean. Its own file because trace_loader.c is about what records
 * mean.
 */
#include "analyzer/load/trace_entries.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>
#include <string.h>

void trace_entries_init(struct trace_entries *entries)
{
    memset(entries, 0, sizeof(*entries));
    element_index_init(&entries->index, sizeof(*entries->items),
                       offsetof(struct trace_entry, time_ns));
}

void trace_entries_release(struct trace_entries *entries)
{
    free(entries->items);
    element_index_release(&entries->index);
}

struct trace_entry *trace_entries_find(struct trace_entries *entries, uint32_t thread,
                                       uint32_t stack, uint32_t region, enum entry_state state)
{
    const uint32_t key[] = {thread, stack, region, state};
    size_t number = element_index_add(&entries->index, entries->items, key);

    if (number == entries->count) {
        entries->items = memory_grow(entries->items, entries->count, &entries->capacity,
                                     sizeof(*entries->items));
        entries->items[entries->count++] = (struct trace_entry){
            .thread = thread, .stack = stack, .region = region, .state = state};
    }
    return &entries->items[number];
}

void trace_entries_seal(struct trace_entries *entries)
{
    element_index_release(&entries->index);
}

void trace_entry_add(struct trace_entry *entry, uint64_t length_ns)
{
    entry->time_ns = sum_signed(entry->time_ns, (int64_t)length_ns);
}

static void set_off(struct profile_entry *values, const struct trace_entry *entry)
{
    values->value[METRIC_OFFCPU] = values->value[METRIC_WALL] = entry->time_ns;
    if (entry->state == ENTRY_RUNNABLE)
        values->value[METRIC_RUNNABLE] = entry->time_ns;
    if (entry->state < ENTRY_WAITING || entry->state >= ENTRY_LOOKED)
        return;
    enum metric own = wait_kind_metric(entry->state - ENTRY_WAITING);
    if (own != METRIC_COUNT)
        values->value[own] = entry->time_ns;
}

struct profile_entry trace_entry_values(const struct trace_entry *entry, bool has_wall)
{
    struct profile_entry values = {.thread = entry->thread,
                                   .stack = entry->stack,
                                   .region = entry->region,
                                   .alloc_count = entry->alloc_count,
                                   .alloc_bytes = entry->alloc_bytes,
                                   .free_count = entry->free_count,
                                   .free_bytes = entry->free_bytes};

    values.value[METRIC_SAMPLES] = (int64_t)entry->samples;
    values.value[METRIC_MEMORY_DELTA] =
        (int64_t)((uint64_t)entry->alloc_bytes - (uint64_t)entry->free_bytes);
    if (entry->state != ENTRY_RUNNING && entry->state != ENTRY_REST)
        set_off(&values, entry);
    else
        values.value[METRIC_CPU] = entry->time_ns;
    if (has_wall)
        values.value[METRIC_WALL] = entry->time_ns;
    return values;
}
