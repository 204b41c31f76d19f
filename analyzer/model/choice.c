/*
 * Parts of a profile. Its own file because every report reads what is left as if it had
 * always been all.
 */
#include "analyzer/model/choice.h"

#include "analyzer/util/memory.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool profile_choice_any(const struct profile_choice *choice)
{
    return choice->thread || choice->process || choice->focus || choice->ignore;
}

/* The heaps' sums once more, of the sites that are left. What is known of the process as
 * a whole only, its timeline and its classes, is no longer. */
static void sum_heaps(struct profile *profile)
{
    for (size_t i = 0; i < profile->process_count; i++) {
        struct profile_heap *heap = &profile->processes[i].heap;
        heap->part = true;
        memset(&heap->allocated, 0, sizeof(heap->allocated));
        memset(&heap->live, 0, sizeof(heap->live));
        memset(&heap->peak, 0, sizeof(heap->peak));
    }
    for (size_t i = 0; i < profile->heap_site_count; i++) {
        const struct profile_heap_site *site = &profile->heap_sites[i];
        uint32_t process = profile->threads[site->thread].process;
        struct profile_heap *heap = &profile->processes[process].heap;
        const struct heap_site sums = profile_heap_sums(profile, site);
        heap_amount_join(&heap->allocated, &sums.allocated);
        heap_amount_join(&heap->live, &sums.live);
        heap_amount_join(&heap->peak, &sums.peak);
    }
}

static void sum_mapped(struct profile *profile)
{
    for (size_t i = 0; i < profile->process_count; i++)
        profile->processes[i].mapped.live = profile->processes[i].mapped.peak = 0;
    for (size_t i = 0; i < profile->mapped_site_count; i++) {
        const struct profile_mapped_site *site = &profile->mapped_sites[i];
        uint32_t process = profile->threads[site->thread].process;
        profile->processes[process].mapped.live += site->mapped.live;
        profile->processes[process].mapped.peak += site->mapped.peak;
    }
}

static void keep_waits(struct profile *profile,
                       bool (*keep)(const void *context, const struct profile_place *place),
                       const void *context)
{
    size_t waits = 0, singles = 0;

    for (size_t i = 0; i < profile->wait_count; i++) {
        const struct profile_wait *wait = &profile->waits[i];
        struct profile_place place = {wait->thread, wait->stack, wait->region};
        if (keep(context, &place))
            profile->waits[waits++] = *wait;
    }
    for (size_t i = 0; i < profile->single_count; i++) {
        const struct profile_single *single = &profile->singles[i];
        struct profile_place place = {single->thread, single->stack, single->region};
        if (keep(context, &place))
            profile->singles[singles++] = *single;
    }
    profile->wait_count = waits;
    profile->single_count = singles;
}

/* Totals of counters stay those of the whole. */
static void keep_counts(struct profile *profile,
                        bool (*keep)(const void *context, const struct profile_place *place),
                        const void *context)
{
    size_t counts = 0;

    for (size_t i = 0; i < profile->count_count; i++) {
        const struct profile_count *count = &profile->counts[i];
        struct profile_place place = {count->thread, count->stack, count->region};
        if (keep(context, &place))
            profile->counts[counts++] = *count;
    }
    profile->count_count = counts;
}

void profile_keep(struct profile *profile,
                  bool (*keep)(const void *context, const struct profile_place *place),
                  const void *context)
{
    size_t sites = 0, leaks = 0, mapped = 0;

    keep_waits(profile, keep, context);
    keep_counts(profile, keep, context);
    entries_keep(&profile->entries, keep, context);
    samples_keep(&profile->samples, keep, context);
    allocations_keep(&profile->allocations, keep, context);
    for (size_t i = 0; i < profile->heap_site_count; i++) {
        const struct profile_heap_site *site = &profile->heap_sites[i];
        struct profile_place place = {site->thread, site->stack, site->region};
        if (keep(context, &place))
            profile->heap_sites[sites++] = *site;
    }
    for (size_t i = 0; i < profile->leak_count; i++) {
        const struct profile_leak *leak = &profile->leaks[i];
        struct profile_place place = {leak->thread, leak->stack, leak->region};
        if (keep(context, &place))
            profile->leaks[leaks++] = *leak;
    }
    for (size_t i = 0; i < profile->mapped_site_count; i++) {
        const struct profile_mapped_site *site = &profile->mapped_sites[i];
        struct profile_place place = {site->thread, site->stack, site->region};
        if (keep(context, &place))
            profile->mapped_sites[mapped++] = *site;
    }
    profile->mapped_site_count = mapped;
    profile->leak_count = leaks;
    profile->heap_site_count = sites;
    sum_heaps(profile);
    sum_mapped(profile);
}

static bool is_kept(const void *context, const struct profile_place *place)
{
    const bool *const *kept = context; /* by thread, by stack */

    return kept[0][place->thread] && kept[1][place->stack];
}

static bool is_named(const char *asked, const char *name, int32_t id)
{
    char *end;
    long number = strtol(asked, &end, 10);

    return strcmp(asked, name) == 0 || (*end == '\0' && end != asked && number == id);
}

/* ", NAME (ID)" for each; what does not fit is left out. */
static void append(char *text, size_t size, size_t *used, const char *name, int32_t id)
{
    if (*used + 1 < size)
        *used += (size_t)snprintf(text + *used, size - *used, "%s%s (%d)", *used > 0 ? ", " : "",
                                  name, id);
}

static int say_threads(const struct profile *profile, const char *asked, struct problem *problem)
{
    char there[400] = "";
    size_t used = 0;

    for (size_t i = 0; i < profile->thread_count; i++)
        append(there, sizeof(there), &used, profile->threads[i].name, profile->threads[i].tid);
    return problem_set(problem, PROBLEM_USAGE, "--thread '%s': the recording has: %s", asked,
                       there);
}

static int say_processes(const struct profile *profile, const char *asked, struct problem *problem)
{
    char there[400] = "";
    size_t used = 0;

    for (size_t i = 0; i < profile->process_count; i++)
        append(there, sizeof(there), &used, profile->processes[i].comm, profile->processes[i].pid);
    return problem_set(problem, PROBLEM_USAGE, "--process '%s': the recording has: %s", asked,
                       there);
}

static int choose_threads(const struct profile *profile, const struct profile_choice *choice,
                          bool *kept, struct problem *problem)
{
    bool any_thread = choice->thread == NULL, any_process = choice->process == NULL;

    for (size_t i = 0; i < profile->process_count && !any_process; i++)
        any_process =
            is_named(choice->process, profile->processes[i].comm, profile->processes[i].pid);
    for (size_t i = 0; i < profile->thread_count; i++) {
        const struct profile_thread *thread = &profile->threads[i];
        const struct profile_process *process = &profile->processes[thread->process];
        bool is_thread =
            choice->thread == NULL || is_named(choice->thread, thread->name, thread->tid);
        kept[i] = is_thread && (choice->process == NULL ||
                                is_named(choice->process, process->comm, process->pid));
        any_thread |= is_thread;
    }
    if (!any_process)
        return say_processes(profile, choice->process, problem);
    if (!any_thread)
        return say_threads(profile, choice->thread, problem);
    return 0;
}

/* Which frames' functions match. */
static int match_frames(const struct profile *profile, const char *option, const char *expression,
                        bool *matches, struct problem *problem)
{
    regex_t compiled;
    char reason[200];
    int code = regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB);

    if (code != 0) {
        regerror(code, &compiled, reason, sizeof(reason));
        return problem_set(problem, PROBLEM_USAGE, "%s '%s': %s", option, expression, reason);
    }
    for (size_t i = 0; i < profile->frame_count; i++)
        matches[i] = regexec(&compiled, profile->frames[i].function, 0, NULL, 0) == 0;
    regfree(&compiled);
    return 0;
}

/* `kept` of stacks in which some frame matches, or those in which none does, stays. */
static int choose_stacks(const struct profile *profile, const char *option, const char *expression,
                         bool keep_matching, bool *kept, struct problem *problem)
{
    bool *matches = memory_alloc(profile->frame_count + 1);
    bool *found = memory_alloc(profile->stack_count + 1);
    int status = match_frames(profile, option, expression, matches, problem);

    /* Parents have smaller numbers. */
    for (size_t i = 0; i < profile->stack_count && status == 0; i++) {
        const struct stack_node *node = &profile->stacks[i];
        found[i] = i != STACK_NONE && (found[node->parent] || matches[node->frame]);
        kept[i] = kept[i] && found[i] == keep_matching;
    }
    free(found);
    free(matches);
    return status;
}

static int keep_chosen(struct profile *profile, const bool *const *kept,
                       const struct profile_choice *choice, struct problem *problem)
{
    profile_keep(profile, is_kept, kept);
    if (profile->entries.count > 0)
        return 0;
    if (choice->focus != NULL || choice->ignore != NULL)
        return problem_set(problem, PROBLEM_NOTHING, "no stack is left by --%s '%s'",
                           choice->focus != NULL ? "focus" : "ignore",
                           choice->focus != NULL ? choice->focus : choice->ignore);
    return problem_set(problem, PROBLEM_NOTHING, "nothing was sampled of %s '%s'",
                       choice->thread ? "--thread" : "--process",
                       choice->thread ? choice->thread : choice->process);
}

/* Series of what was not chosen. The machine stays, and the process of a thread: they are what it
 * ran in. Stacks have no series of their own. */
static void keep_resources(struct profile *profile, const bool *threads)
{
    bool *processes = memory_alloc(profile->process_count + 1);
    size_t kept = 0;

    for (size_t i = 0; i < profile->thread_count; i++)
        processes[profile->threads[i].process] |= threads[i];
    for (size_t i = 0; i < profile->resources.count; i++) {
        struct resource_series *series = &profile->resources.series[i];
        bool keep = series->process == RESOURCE_NOBODY || processes[series->process];
        if (series->scope == RESOURCE_OF_THREAD)
            keep = series->thread != RESOURCE_NOBODY && threads[series->thread];
        if (keep)
            profile->resources.series[kept++] = *series;
        else
            free(series->points);
    }
    profile->resources.count = kept;
    free(processes);
}

int profile_choose(struct profile *profile, const struct profile_choice *choice,
                   struct problem *problem)
{
    bool *threads, *stacks;
    int status;

    if (!profile_choice_any(choice))
        return 0;
    threads = memory_alloc(profile->thread_count + 1);
    stacks = memory_alloc(profile->stack_count + 1);
    memset(stacks, true, profile->stack_count + 1);
    status = choose_threads(profile, choice, threads, problem);
    if (status == 0 && choice->focus != NULL)
        status = choose_stacks(profile, "--focus", choice->focus, true, stacks, problem);
    if (status == 0 && choice->ignore != NULL)
        status = choose_stacks(profile, "--ignore", choice->ignore, false, stacks, problem);
    if (status == 0 && (choice->thread != NULL || choice->process != NULL))
        keep_resources(profile, threads);
    if (status == 0)
        status = keep_chosen(profile, (const bool *const[]){threads, stacks}, choice, problem);
    free(threads);
    free(stacks);
    return status;
}
