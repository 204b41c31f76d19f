/*
 * Finding entries. Its own file because trace_loader.c is about what records mean.
 */
#include "analyzer/load/trace_entries.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

/* Holds no padding: key_table compares bytes. */
struct entry_key {
    uint32_t thread, stack, region, state;
};

struct key_table *trace_entries_index(void)
{
    return key_table_new(sizeof(struct entry_key));
}

struct profile_entry *trace_entries_find(struct loaded_trace *trace, struct key_table *index,
                                         uint32_t thread, uint32_t stack, uint32_t region,
                                         enum entry_state state)
{
    struct entry_key key = {thread, stack, region, state};
    uint32_t number = key_table_add(index, &key, (uint32_t)trace->entry_count);

    if (number == trace->entry_count) {
        trace->entries = memory_grow(trace->entries, trace->entry_count, &trace->entry_capacity,
                                     sizeof(*trace->entries));
        trace->states = memory_grow(trace->states, trace->entry_count, &trace->state_capacity,
                                    sizeof(*trace->states));
        trace->states[trace->entry_count] = state;
        trace->entries[trace->entry_count++] =
            (struct profile_entry){.thread = thread, .stack = stack, .region = region};
    }
    return &trace->entries[number];
}
