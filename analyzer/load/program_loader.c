/*
 * Regions and counters of one trace. Its own file because they keep their ids for the
 * whole trace, where trace_loader.c is about numbers that do not.
 */
#include "analyzer/load/program_loader.h"

#include "analyzer/util/memory.h"

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
