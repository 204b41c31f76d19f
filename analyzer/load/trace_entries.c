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

static struct trace_entry *entry_of(struct trace_entries *entries, const struct trace_entry *key,
                                    uint32_t hash)
{
    size_t number = element_index_add_hashed(&entries->index, entries->items, key, hash);

    if (number == entries->count) {
        entries->items = memory_grow(entries->items, entries->count, &entries->capacity,
                                     sizeof(*entries->items));
        entries->items[entries->count++] = (struct trace_entry){
            .thread = key->thread, .stack = key->stack, .region = key->region, .state = key->state};
    }
    return &entries->items[number];
}

struct trace_entry *trace_entries_find(struct trace_entries *entries, uint32_t thread,
                                       uint32_t stack, uint32_t region, enum entry_state state)
{
    const struct trace_entry key = {
        .thread = thread, .stack = stack, .region = region, .state = state};

    return entry_of(entries, &key, element_index_hash(&entries->index, &key));
}

static void add_sample(struct trace_entry *entry, const struct trace_entry *sample)
{
    entry->time_ns = sum_signed(entry->time_ns, sample->time_ns);
    entry->samples += sample->samples;
    entry->alloc_count = sum_unsigned(entry->alloc_count, sample->alloc_count);
    entry->alloc_bytes = sum_unsigned(entry->alloc_bytes, sample->alloc_bytes);
    entry->free_count = sum_unsigned(entry->free_count, sample->free_count);
    entry->free_bytes = sum_unsigned(entry->free_bytes, sample->free_bytes);
}

void trace_entries_flush(struct trace_entries *entries)
{
    uint32_t hashes[TRACE_ENTRIES_BATCH];

    for (size_t i = 0; i < entries->pending_count; i++)
        hashes[i] = element_index_hash(&entries->index, &entries->pending[i]);
    for (size_t i = 0; i < entries->pending_count; i++)
        element_index_fetch(&entries->index, entries->items, hashes[i]);
    for (size_t i = 0; i < entries->pending_count; i++)
        add_sample(entry_of(entries, &entries->pending[i], hashes[i]), &entries->pending[i]);
    entries->pending_count = 0;
}

void trace_entries_add(struct trace_entries *entries, const struct trace_entry *sample)
{
    entries->pending[entries->pending_count++] = *sample;
    if (entries->pending_count == TRACE_ENTRIES_BATCH)
        trace_entries_flush(entries);
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
