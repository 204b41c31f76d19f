/*
 * Regions and counters of one trace. Its own file because they keep their ids for the
 * whole trace, where trace_loader.c is about numbers that do not.
 */
#include "analyzer/load/program_loader.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

/* Holds no padding: key_table compares bytes. */
struct count_key {
    uint32_t thread, stack, region, counter;
};

void program_loader_region(struct loaded_trace *trace, struct strings *strings,
                           const struct trace_region *region)
{
    while (trace->region_count <= region->id) {
        trace->regions = memory_grow(trace->regions, trace->region_count, &trace->region_capacity,
                                     sizeof(*trace->regions));
        trace->regions[trace->region_count++] = (struct profile_region){.name = NULL};
    }
    trace->regions[region->id] =
        (struct profile_region){.name = strings_intern(strings, region->name),
                                .parent = (uint32_t)region->parent,
                                .count = region->count,
                                .total_ns = region->total_ns,
                                .longest_ns = region->longest_ns};
}

void program_loader_counter(struct loaded_trace *trace, struct strings *strings, uint64_t id,
                            uint64_t kind, const char *name)
{
    while (trace->counter_count <= id) {
        trace->counters = memory_grow(trace->counters, trace->counter_count,
                                      &trace->counter_capacity, sizeof(*trace->counters));
        trace->counters[trace->counter_count++] = (struct profile_counter){.name = NULL};
    }
    trace->counters[id].name = strings_intern(strings, name);
    trace->counters[id].kind = kind == TRACE_COUNTER_HARDWARE     ? COUNTER_HARDWARE
                               : kind == TRACE_COUNTER_PER_THREAD ? COUNTER_PER_THREAD
                                                                  : COUNTER_PROGRAM;
}

struct key_table *program_loader_counts(void)
{
    return key_table_new(sizeof(struct count_key));
}

void program_loader_count(struct loaded_trace *trace, struct key_table *index,
                          const struct profile_count *count)
{
    struct count_key key = {count->thread, count->stack, count->region, count->counter};
    uint32_t number = key_table_add(index, &key, (uint32_t)trace->count_count);

    if (number == trace->count_count) {
        trace->counts = memory_grow(trace->counts, trace->count_count, &trace->count_capacity,
                                    sizeof(*trace->counts));
        trace->counts[trace->count_count++] = *count;
        return;
    }
    trace->counts[number].value = sum_signed(trace->counts[number].value, count->value);
}
