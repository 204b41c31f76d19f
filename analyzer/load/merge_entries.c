/*
 * What threads did, by the profile's numbers. Its own file because only entries have states, which
 * the profile has as marks at the end of stacks.
 */
#include "analyzer/load/merge_entries.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>

static uint32_t below(struct profile *profile, uint32_t stack, const char *mark)
{
    struct frame frame = {.function = strings_intern(profile->strings, mark), .kind = FRAME_MARK};

    return profile_add_stack(profile, stack, profile_add_frame(profile, &frame), false);
}

static bool is_running(uint32_t state)
{
    return state == ENTRY_RUNNING || state == ENTRY_REST;
}

/* The stack of time off the processor ends in a mark that says so, as does time of no
 * known place on it. */
static uint32_t mark_state(struct profile *profile, uint32_t stack, enum entry_state state)
{
    if (state == ENTRY_REST && stack == STACK_NONE)
        return below(profile, STACK_NONE, PROFILE_MARK_UNSAMPLED);
    if (is_running(state))
        return stack;
    const char *mark = state == ENTRY_RUNNABLE  ? PROFILE_MARK_RUNNABLE
                       : state == ENTRY_BLOCKED ? PROFILE_MARK_BLOCKED
                       : state < ENTRY_LOOKED   ? wait_kind_mark((uint32_t)state - ENTRY_WAITING)
                                                : wait_kind_mark((uint32_t)state - ENTRY_LOOKED);
    return below(profile, stack, mark);
}

/* In a wait the leaf is our hook: its caller waited. */
static uint32_t stack_of(const struct merged_trace *merged, uint32_t raw, enum entry_state state)
{
    const struct raw_stack *stack = &merged->stacks->stacks[raw];

    return is_running(state) ? stack->stack : stack->below;
}

static struct profile_place place_of(struct profile *profile, const struct loaded_trace *trace,
                                     const struct merged_trace *merged,
                                     const struct trace_entry *entry)
{
    enum entry_state state = entry->state;

    return (struct profile_place){
        .thread = merged->first_thread + entry->thread,
        .stack = mark_state(profile, stack_of(merged, entry->stack, state), state),
        .region =
            entry->region < trace->region_count ? merged->regions[entry->region] : REGION_NONE};
}

static void add_samples(struct profile *profile, const struct loaded_trace *trace,
                        const struct profile_place *places)
{
    for (size_t i = 0; i < trace->parts.count; i++) {
        const struct timed_part *part = &trace->parts.items[i];
        if (part->length > 0)
            samples_add(&profile->samples,
                        &(struct profile_sample){
                            .time_ns = part->time_ns,
                            .span_ns = part->span_ns,
                            .length_ns = part->length,
                            .place = places[part->entry],
                            .off = !is_running(trace->entries.items[part->entry].state)});
    }
}

void merge_entries(struct profile *profile, struct loaded_trace *trace,
                   const struct merged_trace *merged)
{
    struct profile_place *places = memory_alloc((trace->entries.count + 1) * sizeof(*places));

    for (size_t i = 0; i < trace->entries.count; i++) {
        struct profile_entry entry =
            trace_entry_values(&trace->entries.items[i], trace->process.has_wall);
        places[i] = place_of(profile, trace, merged, &trace->entries.items[i]);
        entry.thread = places[i].thread;
        entry.stack = places[i].stack;
        entry.region = places[i].region;
        entries_add(&profile->entries, &entry);
    }
    timed_parts_fit(&trace->parts, &trace->entries, trace->threads);
    add_samples(profile, trace, places);
    free(places);
}
