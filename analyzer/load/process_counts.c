/*
 * Counts of a process. Its own file because it knows no numbers of an epoch, which
 * trace_loader.c is about.
 */
#include "analyzer/load/process_counts.h"

#include <string.h>

void process_counts_entry(struct profile_process *process, struct code_places *code,
                          const struct raw_stacks *stacks, const struct trace_entry *entry)
{
    const struct raw_stack *raw = &stacks->stacks[entry->stack];

    if (entry->state != ENTRY_RUNNING)
        return;
    raw_stack_judge(raw, entry->samples, &process->truncated, &process->guessed, &process->broken);
    if (entry->stack >= RAW_STACK_ROOTS)
        code->places[raw->place].self_samples += entry->samples;
    if (raw->has_trouble)
        code->places[raw->trouble].trouble_samples += entry->samples;
}

void process_counts_offcpu(struct profile_process *process, const struct raw_stacks *stacks,
                           uint32_t stack)
{
    const struct raw_stack *raw = &stacks->stacks[stack];
    struct stack_quality *seen = &process->offcpu;

    if (stack >= RAW_STACK_ROOTS) /* else it is not known where */
        raw_stack_judge(raw, 1, &seen->truncated, &seen->guessed, &seen->broken);
    seen->stacks += stack >= RAW_STACK_ROOTS;
}

void process_counts_handler(struct profile_process *process, const struct trace_handler *handler)
{
    struct handler_cost *cost = &process->handler;

    *cost = (struct handler_cost){.frames = handler->frames,
                                  .reused = handler->reused,
                                  .rules_hit = handler->rules_hit,
                                  .rules_made = handler->rules_made,
                                  .longest_ns = handler->longest_ns};
    memcpy(cost->duration_ns.number, handler->duration_ns, sizeof(cost->duration_ns.number));
    memcpy(cost->depth.number, handler->depth, sizeof(cost->depth.number));
}

void process_counts_unwinding(struct profile_process *process, const uint64_t *counts)
{
    memcpy(process->unwinding, counts, sizeof(process->unwinding));
}
