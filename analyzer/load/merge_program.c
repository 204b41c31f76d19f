/*
 * Regions and counters of many traces as one. Its own file because load.c is about
 * stacks.
 */
#include "analyzer/load/merge_program.h"

#include "analyzer/model/program.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t *merge_regions(struct profile *profile, const struct loaded_trace *trace)
{
    uint32_t *numbers = memory_alloc((trace->region_count + 1) * sizeof(*numbers));

    /* Parents have smaller ids: the decoder sees to that. */
    for (size_t id = 1; id < trace->region_count; id++) {
        const struct profile_region *region = &trace->regions[id];
        if (region->name == NULL)
            continue;
        numbers[id] = profile_region(profile, numbers[region->parent], region->name);
        struct profile_region *sum = &profile->regions[numbers[id]];
        sum->count = sum_unsigned(sum->count, region->count);
        sum->total_ns = sum_unsigned(sum->total_ns, region->total_ns);
        sum->longest_ns =
            region->longest_ns > sum->longest_ns ? region->longest_ns : sum->longest_ns;
    }
    return numbers;
}

void merge_counts(struct profile *profile, const struct loaded_trace *trace)
{
    uint32_t *numbers = memory_alloc((trace->counter_count + 1) * sizeof(*numbers));

    for (size_t id = 0; id < trace->counter_count; id++)
        if (trace->counters[id].name != NULL)
            numbers[id] =
                profile_counter(profile, trace->counters[id].name, trace->counters[id].kind);
    for (size_t i = 0; i < trace->count_count; i++) {
        struct profile_count count = trace->counts[i];
        if (count.counter >= trace->counter_count || !trace->counters[count.counter].name)
            continue; /* its name was lost */
        count.counter = numbers[count.counter];
        profile_add_count(profile, &count);
    }
    free(numbers);
}

/* ", NAME" for each; what does not fit is left out. */
static void append(char *text, size_t size, size_t *used, const char *name)
{
    if (*used + 1 < size)
        *used += (size_t)snprintf(text + *used, size - *used, "%s%s", *used > 0 ? ", " : "", name);
}

static int say_regions(const struct profile *profile, const char *name, struct problem *problem)
{
    char there[400] = "";
    size_t used = 0;

    for (size_t i = 1; i < profile->region_count; i++)
        append(there, sizeof(there), &used, profile->regions[i].path);
    return problem_set(problem, PROBLEM_USAGE, "--region '%s': %s%s", name,
                       used > 0 ? "the recording has: "
                                : "the recording has no regions: a program makes them by "
                                  "profinject_region_push()",
                       there);
}

static bool is_hardware(const char *name)
{
    return strcmp(name, "instructions") == 0 || strcmp(name, "cycles") == 0;
}

static const char *why_no_hardware(const struct profile *profile)
{
    for (size_t i = 0; i < profile->process_count; i++)
        if (profile->processes[i].counters_reason != NULL)
            return profile->processes[i].counters_reason;
    return "record with --clock perf, on a machine with hardware counters";
}

static int say_metrics(const struct profile *profile, const char *name, struct problem *problem)
{
    char there[400] = "";
    size_t used = 0;

    if (is_hardware(name))
        return problem_set(problem, PROBLEM_NOTHING, "no metric '%s' in this recording: %s", name,
                           why_no_hardware(profile));
    for (int metric = 0; metric < METRIC_COUNTER; metric++)
        append(there, sizeof(there), &used, metric_info((enum metric)metric)->name);
    for (size_t i = 0; i < profile->counter_count; i++)
        append(there, sizeof(there), &used, profile->counters[i].name);
    return problem_set(problem, PROBLEM_USAGE, "--metric '%s': allowed: %s", name, there);
}

int choose_program(struct profile *profile, const struct load_options *options,
                   struct problem *problem)
{
    if (options->counter != NULL && !profile_choose_counter(profile, options->counter))
        return say_metrics(profile, options->counter, problem);
    if (options->region != NULL && !profile_choose_region(profile, options->region))
        return say_regions(profile, options->region, problem);
    return 0;
}
