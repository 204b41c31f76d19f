/*
 * From entries to threads. Its own file because it is done once the whole trace is
 * known, and needs nothing of the reading.
 */
#include "analyzer/load/thread_sums.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>

void thread_sums_forget_rest(struct loaded_trace *trace, uint32_t thread)
{
    for (size_t i = 0; i < trace->entries.count; i++) {
        struct trace_entry *entry = &trace->entries.items[i];
        if (entry->state == ENTRY_REST && entry->thread == thread)
            entry->time_ns = 0;
    }
}

void thread_sums_go_on(struct loaded_trace *trace)
{
    struct profile_process *process = &trace->process;

    if (!trace->ends.has_end)
        return;
    trace->ends.has_end = false;
    loaded_waits_go_on(&trace->waits);
    process->end = END_UNKNOWN;
    process->end_status = 0;
    process->end_ns = process->cpu_ns = 0;
    for (size_t i = 0; i < trace->count_count; i++)
        if (trace->counts[i].stack == TRACE_STACK_COMPLETE &&
            trace->threads[trace->counts[i].thread].end_ns == 0)
            trace->counts[i].value = 0;
    for (uint32_t i = 0; i < trace->thread_count; i++)
        if (trace->threads[i].end_ns == 0 && trace->threads[i].rest_ns != 0) {
            thread_sums_forget_rest(trace, i);
            trace->threads[i].rest_ns = 0;
        }
}

void thread_sums_finish(struct loaded_trace *trace)
{
    uint64_t *taken = memory_alloc((trace->thread_count + 1) * sizeof(*taken));
    uint64_t cpu = 0;

    for (size_t i = 0; i < trace->entries.count; i++) {
        struct trace_entry *entry = &trace->entries.items[i];
        struct profile_thread *thread = &trace->threads[entry->thread];
        taken[entry->thread] += entry->samples;
        if (entry->state != ENTRY_RUNNING)
            continue;
        entry->time_ns = sum_scaled(entry->time_ns, trace->process.weight_unit_ns);
        thread->sampled_ns = sum_unsigned(thread->sampled_ns, (uint64_t)entry->time_ns);
    }
    for (size_t i = 0; i < trace->thread_count; i++) {
        struct profile_thread *thread = &trace->threads[i];
        if (thread->samples < taken[i] || trace->process.chunks_before > 0)
            thread->samples = taken[i]; /* the others were dropped */
        /* Of a thread that was killed the clock was last read some time before. */
        if (thread->end_ns == 0 && !trace->ends.has_end && thread->cpu_ns < thread->sampled_ns)
            thread->cpu_ns = thread->sampled_ns;
        if (thread->end_ns == 0)
            thread->end_ns = trace->process.end_ns;
        cpu = sum_unsigned(cpu, thread->cpu_ns);
    }
    if (trace->process.cpu_ns == 0)
        trace->process.cpu_ns = cpu;
    free(taken);
}
