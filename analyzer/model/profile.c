/*
 * Building a profile and the few sums everybody asks of it. Its own file because
 * it is the narrow waist: whoever reads traces writes here, every report reads.
 */
#include "analyzer/model/profile.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct profile_index {
    struct key_table *frames, *stacks;
};

/* Keys hold no padding: key_table compares bytes. */
struct frame_key {
    const char *function, *file, *module, *build_id;
    uint64_t address;
    uint32_t line, decl_line, kind, unused;
};

struct stack_key {
    uint32_t parent, frame, guessed;
};

struct profile *profile_new(void)
{
    struct profile *profile = memory_alloc(sizeof(*profile));

    profile->strings = strings_new();
    profile->index = memory_alloc(sizeof(*profile->index));
    profile->index->frames = key_table_new(sizeof(struct frame_key));
    profile->index->stacks = key_table_new(sizeof(struct stack_key));
    entries_init(&profile->entries);
    profile->stacks = memory_grow(NULL, 0, &profile->stack_capacity, sizeof(*profile->stacks));
    profile->stacks[STACK_NONE] = (struct stack_node){.parent = STACK_NONE};
    profile->stack_count = 1;
    profile->to_ns = UINT64_MAX;
    return profile;
}

void profile_heap_release(struct profile_heap *heap)
{
    heap_sites_release(&heap->sites);
    heap_timeline_free(heap->timeline);
    heap_chains_free(heap->chains);
}

void profile_free(struct profile *profile)
{
    if (profile == NULL)
        return;
    for (size_t i = 0; i < profile->process_count; i++) {
        free(profile->processes[i].properties);
        free(profile->processes[i].mapped.looks);
        profile_heap_release(&profile->processes[i].heap);
    }
    key_table_free(profile->index->frames);
    key_table_free(profile->index->stacks);
    free(profile->index);
    free(profile->processes);
    free(profile->threads);
    free(profile->frames);
    free(profile->stacks);
    entries_release(&profile->entries);
    samples_release(&profile->samples);
    allocations_release(&profile->allocations);
    resources_release(&profile->resources);
    free(profile->heap_sites);
    free(profile->mapped_sites);
    free(profile->waits);
    free(profile->singles);
    free(profile->objects);
    free(profile->leaks);
    free(profile->moments);
    free(profile->regions);
    free(profile->counters);
    free(profile->counts);
    free(profile->troubles);
    free(profile->messages);
    strings_free(profile->strings);
    free(profile);
}

uint32_t profile_add_process(struct profile *profile, const struct profile_process *process)
{
    profile->processes = memory_grow(profile->processes, profile->process_count,
                                     &profile->process_capacity, sizeof(*process));
    profile->processes[profile->process_count] = *process;
    return (uint32_t)profile->process_count++;
}

uint32_t profile_add_thread(struct profile *profile, const struct profile_thread *thread)
{
    profile->threads = memory_grow(profile->threads, profile->thread_count,
                                   &profile->thread_capacity, sizeof(*thread));
    profile->threads[profile->thread_count] = *thread;
    return (uint32_t)profile->thread_count++;
}

uint32_t profile_add_frame(struct profile *profile, const struct frame *frame)
{
    struct frame_key key = {.function = frame->function,
                            .file = frame->file,
                            .module = frame->module,
                            .build_id = frame->build_id,
                            .address = frame->address,
                            .line = frame->line,
                            .decl_line = frame->decl_line,
                            .kind = frame->kind};
    uint32_t number = key_table_add(profile->index->frames, &key, (uint32_t)profile->frame_count);

    if (number == profile->frame_count) {
        profile->frames = memory_grow(profile->frames, profile->frame_count,
                                      &profile->frame_capacity, sizeof(*frame));
        profile->frames[profile->frame_count++] = *frame;
    }
    return number;
}

uint32_t profile_add_stack(struct profile *profile, uint32_t parent, uint32_t frame, bool guessed)
{
    struct stack_key key = {parent, frame, guessed};
    uint32_t number = key_table_add(profile->index->stacks, &key, (uint32_t)profile->stack_count);

    if (number == profile->stack_count) {
        profile->stacks = memory_grow(profile->stacks, profile->stack_count,
                                      &profile->stack_capacity, sizeof(*profile->stacks));
        profile->stacks[profile->stack_count++] = (struct stack_node){parent, frame, guessed};
    }
    return number;
}

/* Not by file: the code of one function may be in several. */
static bool is_same_function(const struct frame *one, const struct frame *other)
{
    return one->function == other->function && one->module == other->module &&
           one->decl_line == other->decl_line && one->kind != FRAME_MARK;
}

uint32_t profile_fold_recursion(const struct profile *profile, uint32_t stack, uint32_t frame)
{
    const struct stack_node *leaf = &profile->stacks[stack];

    if (stack != STACK_NONE &&
        is_same_function(&profile->frames[leaf->frame], &profile->frames[frame]))
        return leaf->parent;
    return stack;
}

static const struct estimate *heap_metric(const struct heap_site *site, enum metric metric)
{
    switch (metric) {
    case METRIC_ALLOC_BYTES:
        return &site->allocated.bytes;
    case METRIC_ALLOC_COUNT:
        return &site->allocated.count;
    case METRIC_LIVE_BYTES:
        return &site->live.bytes;
    case METRIC_LIVE_COUNT:
        return &site->live.count;
    case METRIC_PEAK_BYTES:
        return &site->peak.bytes;
    case METRIC_TEMPORARY_COUNT:
        return &site->temporary;
    default:
        return NULL;
    }
}

struct heap_site profile_heap_sums(const struct profile *profile,
                                   const struct profile_heap_site *site)
{
    uint32_t process = profile->threads[site->thread].process;

    return heap_sites_get(&profile->processes[process].heap.sites, site->number);
}

bool profile_heap_estimate(const struct profile *profile, const struct profile_heap_site *site,
                           enum metric metric, struct estimate *estimate)
{
    const struct heap_site heap = profile_heap_sums(profile, site);
    const struct estimate *found = heap_metric(&heap, metric);

    if (found != NULL)
        *estimate = *found;
    return found != NULL;
}

void profile_add_heap_site(struct profile *profile, const struct profile_heap_site *site)
{
    struct profile_entry entry = {
        .thread = site->thread, .stack = site->stack, .region = site->region};
    const struct heap_site heap = profile_heap_sums(profile, site);

    profile->heap_sites = memory_grow(profile->heap_sites, profile->heap_site_count,
                                      &profile->heap_site_capacity, sizeof(*site));
    profile->heap_sites[profile->heap_site_count++] = *site;
    for (int metric = 0; metric < METRIC_COUNT; metric++) {
        const struct estimate *estimate = heap_metric(&heap, (enum metric)metric);
        if (estimate != NULL)
            entry.value[metric] = llround(estimate->total);
    }
    entries_add(&profile->entries, &entry);
}

void profile_add_mapped_site(struct profile *profile, const struct profile_mapped_site *site)
{
    struct profile_entry entry = {
        .thread = site->thread, .stack = site->stack, .region = site->region};

    profile->mapped_sites = memory_grow(profile->mapped_sites, profile->mapped_site_count,
                                        &profile->mapped_site_capacity, sizeof(*site));
    profile->mapped_sites[profile->mapped_site_count++] = *site;
    entry.value[METRIC_MAPPED_BYTES] = (int64_t)site->mapped.live;
    entries_add(&profile->entries, &entry);
}

void profile_add_wait(struct profile *profile, const struct profile_wait *wait)
{
    profile->waits = memory_grow(profile->waits, profile->wait_count, &profile->wait_capacity,
                                 sizeof(*profile->waits));
    profile->waits[profile->wait_count++] = *wait;
}

void profile_add_single(struct profile *profile, const struct profile_single *single)
{
    profile->singles = memory_grow(profile->singles, profile->single_count,
                                   &profile->single_capacity, sizeof(*profile->singles));
    profile->singles[profile->single_count++] = *single;
}

void profile_add_object(struct profile *profile, const struct profile_object *object)
{
    profile->objects = memory_grow(profile->objects, profile->object_count,
                                   &profile->object_capacity, sizeof(*profile->objects));
    profile->objects[profile->object_count++] = *object;
}

void profile_add_moment(struct profile *profile, const struct profile_moment *moment)
{
    profile->moments = memory_grow(profile->moments, profile->moment_count,
                                   &profile->moment_capacity, sizeof(*profile->moments));
    profile->moments[profile->moment_count++] = *moment;
}

void profile_add_leak(struct profile *profile, const struct profile_leak *leak)
{
    profile->leaks = memory_grow(profile->leaks, profile->leak_count, &profile->leak_capacity,
                                 sizeof(*profile->leaks));
    profile->leaks[profile->leak_count++] = *leak;
}

void profile_add_trouble(struct profile *profile, const struct profile_trouble *trouble)
{
    profile->troubles = memory_grow(profile->troubles, profile->trouble_count,
                                    &profile->trouble_capacity, sizeof(*profile->troubles));
    profile->troubles[profile->trouble_count++] = *trouble;
}

void profile_add_message(struct profile *profile, const char *text)
{
    profile->messages = memory_grow(profile->messages, profile->message_count,
                                    &profile->message_capacity, sizeof(*profile->messages));
    profile->messages[profile->message_count++] = strings_intern(profile->strings, text);
}

bool profile_is_off_mark(const char *name)
{
    size_t common = sizeof(PROFILE_MARK_BLOCKED) - 2; /* without the bracket: "[off-CPU: mutex]" */

    return strcmp(name, PROFILE_MARK_RUNNABLE) == 0 ||
           (strncmp(name, PROFILE_MARK_BLOCKED, common) == 0 &&
            (name[common] == ']' || name[common] == ':'));
}

int64_t profile_total(const struct profile *profile, enum metric metric)
{
    int64_t total = 0;

    for (size_t i = 0; i < profile->entries.count; i++)
        total = sum_signed(total, entries_value(&profile->entries, i, metric));
    return total;
}

static bool process_has_metric(const struct profile_process *process, enum metric metric)
{
    switch (metric) {
    case METRIC_MEMORY_DELTA:
        return process->has_memory;
    case METRIC_WALL:
    case METRIC_OFFCPU:
        return process->has_wall;
    case METRIC_RUNNABLE:
        return process->has_runnable;
    case METRIC_LOCK_WAIT:
    case METRIC_IO_WAIT:
        return process->has_waits;
    case METRIC_ALLOC_BYTES:
    case METRIC_ALLOC_COUNT:
    case METRIC_LIVE_BYTES:
    case METRIC_LIVE_COUNT:
    case METRIC_PEAK_BYTES:
    case METRIC_TEMPORARY_COUNT:
        return process->heap.has_sites;
    case METRIC_MAPPED_BYTES:
        return process->mapped.is_known;
    default:
        return true;
    }
}

bool profile_has_metric(const struct profile *profile, enum metric metric)
{
    bool has = metric == METRIC_CPU || metric == METRIC_SAMPLES;

    if (metric == METRIC_COUNTER)
        return profile->counter_chosen;
    if (metric == METRIC_THROTTLED_CPU)
        return profile->has_throttled;
    for (size_t i = 0; i < profile->process_count && !has; i++)
        has = process_has_metric(&profile->processes[i], metric);
    return has;
}

uint64_t profile_heap_interval(const struct profile *profile)
{
    uint64_t interval = 0;

    for (size_t i = 0; i < profile->process_count; i++)
        if (profile->processes[i].heap.interval > interval)
            interval = profile->processes[i].heap.interval;
    return interval;
}

bool profile_heap_lost(const struct profile *profile)
{
    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_process *process = &profile->processes[i];
        if (process->heap.lost > 0 || process->heap.segments_lost > 0 ||
            (process->heap.has_sites && process->chunks_damaged > 0))
            return true;
    }
    return false;
}

bool profile_heap_total(const struct profile *profile, enum metric metric, struct estimate *total)
{
    static const struct heap_site none;

    *total = (struct estimate){0};
    for (size_t i = 0; i < profile->heap_site_count && heap_metric(&none, metric) != NULL; i++) {
        const struct heap_site site = profile_heap_sums(profile, &profile->heap_sites[i]);
        estimate_join(total, heap_metric(&site, metric));
    }
    return heap_metric(&none, metric) != NULL;
}

uint64_t profile_start_ns(const struct profile *profile)
{
    uint64_t start = UINT64_MAX;

    for (size_t i = 0; i < profile->process_count; i++)
        if (profile->processes[i].start_ns != 0 && profile->processes[i].start_ns < start)
            start = profile->processes[i].start_ns;
    return start;
}

uint64_t profile_wall_ns(const struct profile *profile)
{
    uint64_t start = profile_start_ns(profile);
    uint64_t end = 0;

    for (size_t i = 0; i < profile->process_count; i++)
        if (profile->processes[i].end_ns > end)
            end = profile->processes[i].end_ns;
    for (size_t i = 0; i < profile->thread_count; i++) {
        if (profile->threads[i].end_ns > end)
            end = profile->threads[i].end_ns;
    }
    return end > start ? end - start : 0;
}

const char *profile_property(const struct profile_process *process, const char *name)
{
    for (size_t i = 0; i < process->property_count; i++)
        if (strcmp(process->properties[i].name, name) == 0)
            return process->properties[i].value;
    return NULL;
}
