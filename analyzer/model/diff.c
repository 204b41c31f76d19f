/*
 * Runs to one profile. Its own file because merging knows profiles alone, neither what is
 * told of changes nor how sure they are.
 */
#include "analyzer/model/diff.h"

#include "analyzer/model/diff_names.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of the run's things in the merged profile. */
struct mapping {
    uint32_t *frames, *stacks, *regions;
    uint32_t first_thread;
};

void diff_init(struct diff *diff, enum metric metric, bool absolute)
{
    *diff = (struct diff){
        .metric = metric,
        .absolute = absolute || metric_info(metric)->is_signed, /* what is a share of -3 MiB? */
        .profile = profile_new(),
    };
}

void diff_release(struct diff *diff)
{
    profile_free(diff->profile);
    free(diff->runs);
    free(diff->variance);
    free(diff->moments);
    free(diff->frame_sides);
}

static void add_threads(struct diff *diff, const struct profile *run, struct mapping *mapping)
{
    struct profile *into = diff->profile;
    uint32_t first = (uint32_t)into->process_count;

    for (size_t i = 0; i < run->process_count; i++) {
        struct profile_process process = run->processes[i];
        process.comm = strings_intern(into->strings, process.comm);
        process.command = process.comm; /* arguments may be secrets */
        process.exe = process.trace = process.recording = process.clock = process.unwinder = NULL;
        process.memory_reason = process.counters = process.counters_reason = NULL;
        process.death = (struct profile_death){0};
        process.named_code = (struct named_code){0};
        process.properties = NULL;
        process.property_count = 0;
        process.mapped = (struct profile_mapped){0};
        process.heap = (struct profile_heap){.has_sites = process.heap.has_sites,
                                             .interval = process.heap.interval};
        profile_add_process(into, &process);
    }
    mapping->first_thread = (uint32_t)into->thread_count;
    for (size_t i = 0; i < run->thread_count; i++) {
        struct profile_thread thread = run->threads[i];
        thread.process += first;
        thread.name = strings_intern(into->strings, thread.name);
        thread.last = (struct profile_last){0};
        profile_add_thread(into, &thread);
    }
}

static void note_frame(struct diff *diff, uint32_t frame, unsigned bits)
{
    size_t before = diff->frame_sides_capacity;

    if (frame >= before) {
        size_t capacity = before == 0 ? 1024 : before;
        while (capacity <= frame)
            capacity *= 2;
        diff->frame_sides = memory_resize(diff->frame_sides, capacity);
        memset(diff->frame_sides + before, 0, capacity - before);
        diff->frame_sides_capacity = capacity;
    }
    diff->frame_sides[frame] |= (uint8_t)bits;
}

static void map_code(struct diff *diff, const struct profile *run, enum diff_side side,
                     struct mapping *mapping)
{
    struct profile *into = diff->profile;

    mapping->frames = memory_alloc((run->frame_count + 1) * sizeof(uint32_t));
    mapping->stacks = memory_alloc((run->stack_count + 1) * sizeof(uint32_t));
    for (size_t i = 0; i < run->frame_count; i++) {
        struct frame frame = run->frames[i];
        frame.function = strings_intern(into->strings, frame.function);
        frame.file = strings_intern(into->strings, frame.file);
        frame.module = strings_intern(into->strings, frame.module);
        frame.build_id = NULL; /* one program built twice is what is compared most */
        mapping->frames[i] = profile_add_frame(into, &frame);
        note_frame(diff, mapping->frames[i], 1u << side);
    }
    mapping->stacks[STACK_NONE] = STACK_NONE;
    for (size_t i = STACK_NONE + 1; i < run->stack_count; i++) {
        const struct stack_node *node = &run->stacks[i]; /* its parent was before it */
        mapping->stacks[i] = profile_add_stack(into, mapping->stacks[node->parent],
                                               mapping->frames[node->frame], false);
    }
}

/* Frames whose side has something of the metric, which is what is shown of them. */
static void note_values(struct diff *diff, const struct profile *run, enum diff_side side,
                        const struct mapping *mapping)
{
    bool *seen = memory_alloc(run->stack_count + 1);

    for (size_t i = 0; i < run->entries.count; i++) {
        uint32_t stack = run->entries.places[i].stack;
        if (entries_value(&run->entries, i, diff->metric) == 0)
            continue;
        for (; stack != STACK_NONE && !seen[stack]; stack = run->stacks[stack].parent) {
            seen[stack] = true;
            note_frame(diff, mapping->frames[run->stacks[stack].frame],
                       1u << side << DIFF_NAMES_VALUE_SHIFT);
        }
    }
    free(seen);
}

static void map_regions(struct profile *into, const struct profile *run, struct mapping *mapping)
{
    struct key_table *paths = key_table_new(sizeof(const char *));

    mapping->regions = memory_alloc((run->region_count + 1) * sizeof(uint32_t));
    for (size_t i = 0; i < into->region_count; i++)
        key_table_add(paths, &into->regions[i].path, (uint32_t)i);
    for (size_t i = 0; i < run->region_count; i++) {
        const struct profile_region *from = &run->regions[i];
        struct profile_region region = {.name = strings_intern(into->strings, from->name),
                                        .path = strings_intern(into->strings, from->path),
                                        .parent = mapping->regions[from->parent]};
        uint32_t number = key_table_add(paths, &region.path, (uint32_t)into->region_count);
        if (number == into->region_count) {
            into->regions = memory_grow(into->regions, into->region_count, &into->region_capacity,
                                        sizeof(region));
            into->regions[into->region_count++] = region;
        }
        mapping->regions[i] = number;
    }
    key_table_free(paths);
}

/* The number of the entry at a place of the run, now in the merged profile. */
static size_t entry_at(struct diff *diff, const struct mapping *mapping, uint32_t thread,
                       uint32_t stack, uint32_t region)
{
    struct entries *entries = &diff->profile->entries;
    const struct profile_place place = {mapping->first_thread + thread, mapping->stacks[stack],
                                        mapping->regions[region]};

    return element_index_add(&entries->index, entries->places, &place);
}

static void add_variance(struct diff *diff, struct diff_run *run, size_t entry, double variance)
{
    size_t before = diff->variance_capacity;

    if (entry >= before) {
        size_t capacity = before == 0 ? 1024 : before;
        while (capacity <= entry)
            capacity *= 2;
        diff->variance = memory_resize(diff->variance, capacity * sizeof(double));
        memset(diff->variance + before, 0, (capacity - before) * sizeof(double));
        diff->variance_capacity = capacity;
    }
    diff->variance[entry] += variance;
    run->variance += variance;
}

/* A sample that stands for w adds w^2: of n like it, whose sum is v, v^2 / n. What was charged
 * without a sample is counted and not drawn; so is time off the processor. */
static double sampled_variance(enum metric metric, const struct profile_entry *entry)
{
    double samples = (double)entry->value[METRIC_SAMPLES];
    double value = (double)entry->value[metric];
    bool drawn = metric == METRIC_CPU || metric == METRIC_SAMPLES;

    return drawn && samples > 0 ? value * value / samples : 0;
}

/* CPU time nobody sampled comes in lumps, 80 ms of 10 s in one run of ten and none in others:
 * shares of all of it would move with it. */
static double drawn_value(enum metric metric, const struct profile_entry *entry)
{
    bool charged = metric == METRIC_CPU && entry->value[METRIC_SAMPLES] == 0;

    return charged ? 0 : (double)entry->value[metric];
}

/* Time that nobody sampled, or nobody knows where. */
static bool is_charged(const struct profile *from, uint32_t stack)
{
    if (stack == STACK_NONE)
        return true;
    const struct frame *leaf = &from->frames[from->stacks[stack].frame];
    return leaf->kind == FRAME_MARK && strcmp(leaf->function, PROFILE_MARK_UNSAMPLED) == 0;
}

/* Samples differ in what they stand for: where a thread's clock ran far before the next one, one of
 * fifty periods makes a sum unsure that fifty make sure. */
static void add_samples(struct diff *diff, const struct profile *from, struct diff_run *run,
                        const struct mapping *mapping)
{
    for (size_t i = 0; i < from->samples.count; i++) {
        const struct profile_sample *sample = &from->samples.items[i];
        double length = (double)sample->length_ns;
        if (sample->off || is_charged(from, sample->place.stack)) /* see drawn_value() */
            continue;
        add_variance(diff, run,
                     entry_at(diff, mapping, sample->place.thread, sample->place.stack,
                              sample->place.region),
                     length * length);
        diff->moments = memory_grow(diff->moments, diff->moment_count, &diff->moment_capacity,
                                    sizeof(*diff->moments));
        diff->moments[diff->moment_count++] =
            (struct diff_moment){mapping->stacks[sample->place.stack], length};
        run->moment_count++;
    }
}

static void add_entries(struct diff *diff, const struct profile *from, struct diff_run *run,
                        const struct mapping *mapping)
{
    bool timed = diff->metric == METRIC_CPU && from->samples.count > 0;

    for (size_t i = 0; i < from->entries.count; i++) {
        struct profile_entry entry = entries_at(&from->entries, i);
        double variance = timed ? 0 : sampled_variance(diff->metric, &entry);
        uint32_t thread = entry.thread, stack = entry.stack, region = entry.region;
        for (int metric = 0; metric < METRIC_COUNT; metric++)
            run->totals[metric] = sum_signed(run->totals[metric], entry.value[metric]);
        run->drawn += drawn_value(diff->metric, &entry);
        entry.thread += mapping->first_thread;
        entry.stack = mapping->stacks[stack];
        entry.region = mapping->regions[region];
        entries_add(&diff->profile->entries, &entry);
        add_variance(diff, run, entry_at(diff, mapping, thread, stack, region), variance);
    }
    if (timed)
        add_samples(diff, from, run, mapping);
    for (size_t i = 0; i < from->heap_site_count; i++) {
        const struct profile_heap_site *site = &from->heap_sites[i];
        struct estimate estimate;
        if (profile_heap_estimate(from, site, diff->metric, &estimate))
            add_variance(diff, run,
                         entry_at(diff, mapping, site->thread, site->stack, site->region),
                         estimate.second);
    }
}

void diff_add(struct diff *diff, const struct profile *run, enum diff_side side, const char *name)
{
    struct diff_run *added;
    struct mapping mapping = {0};

    diff->runs = memory_grow(diff->runs, diff->run_count, &diff->run_capacity, sizeof(*diff->runs));
    added = &diff->runs[diff->run_count++];
    *added = (struct diff_run){.side = side, .name = name, .first_moment = diff->moment_count};
    diff->side_runs[side]++;
    for (int metric = 0; metric < METRIC_COUNT; metric++)
        added->present |= (uint64_t)profile_has_metric(run, (enum metric)metric) << metric;
    if (run->part != NULL && diff->profile->part == NULL)
        diff->profile->part = strings_intern(diff->profile->strings, run->part);
    diff->profile->is_window |= run->is_window;
    diff->profile->is_narrowed |= run->is_narrowed;
    diff->profile->counter_chosen |= run->counter_chosen;
    add_threads(diff, run, &mapping);
    added->first_thread = mapping.first_thread;
    map_code(diff, run, side, &mapping);
    note_values(diff, run, side, &mapping);
    map_regions(diff->profile, run, &mapping);
    add_entries(diff, run, added, &mapping);
    diff->sampled |= added->variance > 0;
    free(mapping.frames);
    free(mapping.stacks);
    free(mapping.regions);
}

void diff_finish(struct diff *diff)
{
    diff_names_match(diff->profile, diff->frame_sides);
}

size_t diff_run_of(const struct diff *diff, uint32_t thread)
{
    size_t low = 0, high = diff->run_count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        *(diff->runs[middle].first_thread <= thread ? &low : &high) = middle;
    }
    return low;
}

const struct profile_process *diff_run_process(const struct diff *diff, size_t run)
{
    size_t first = diff->runs[run].first_thread;
    size_t end =
        run + 1 < diff->run_count ? diff->runs[run + 1].first_thread : diff->profile->thread_count;

    return first < end ? &diff->profile->processes[diff->profile->threads[first].process] : NULL;
}

bool diff_is_same_process(const struct profile_process *a, const struct profile_process *b)
{
    return a != NULL && b != NULL && a->pid == b->pid && a->start_ns == b->start_ns &&
           a->start_realtime_ns == b->start_realtime_ns;
}

bool diff_has_processes(const struct diff *diff)
{
    return diff->profile->process_count > diff->run_count;
}

double diff_mean_total(const struct diff *diff, enum metric metric, enum diff_side side)
{
    double sum = 0;

    for (size_t i = 0; i < diff->run_count; i++)
        if (diff->runs[i].side == side)
            sum += (double)diff->runs[i].totals[metric];
    return diff->side_runs[side] > 0 ? sum / (double)diff->side_runs[side] : 0;
}

/* By how much a run's values count. */
static double scale_of(const struct diff *diff, enum metric metric, const struct diff_run *run)
{
    double alike = 1 / (double)diff->side_runs[run->side];

    double unit = diff_mean_total(diff, metric, DIFF_AFTER);

    if (diff->absolute || metric_info(metric)->is_signed || run->totals[metric] == 0 || unit == 0)
        return alike;
    return alike * unit / (double)run->totals[metric];
}

int64_t *diff_values(const struct diff *diff, enum metric metric, enum diff_side side)
{
    const struct entries *entries = &diff->profile->entries;
    int64_t *values = memory_alloc((entries->count + 1) * sizeof(*values));
    double *scales = memory_alloc((diff->run_count + 1) * sizeof(*scales));
    double rest = 0;

    for (size_t i = 0; i < diff->run_count; i++)
        scales[i] = scale_of(diff, metric, &diff->runs[i]);
    for (size_t i = 0; i < entries->count; i++) {
        size_t run = diff_run_of(diff, entries->places[i].thread);
        double value = (double)entries_value(entries, i, metric) * scales[run];
        if (diff->runs[run].side != side || value == 0)
            continue;
        values[i] = llround(value + rest);
        rest += value - (double)values[i]; /* to the next one: sums are kept */
    }
    free(scales);
    return values;
}

struct profile diff_view(const struct diff *diff, enum metric metric, const int64_t *values)
{
    struct profile view = *diff->profile;

    view.entries.columns[metric] = (uint64_t *)values; /* read only, as the view is */
    return view;
}
