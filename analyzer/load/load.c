/*
 * From paths to a profile. Its own file because it only brings the steps in
 * order: find traces, read each, resolve symbols for all, fill the profile.
 */
#include "analyzer/load/load.h"

#include "analyzer/load/brief_threads.h"
#include "analyzer/load/code_places.h"
#include "analyzer/load/damage.h"
#include "analyzer/load/kept_part.h"
#include "analyzer/load/lock_names.h"
#include "analyzer/load/merge_entries.h"
#include "analyzer/load/merge_program.h"
#include "analyzer/load/merge_resources.h"
#include "analyzer/load/merge_waits.h"
#include "analyzer/load/process_images.h"
#include "analyzer/load/symbol_frames.h"
#include "analyzer/load/trace_start.h"
#include "analyzer/load/troubles.h"
#include "analyzer/model/throttle.h"
#include "analyzer/model/unused_frames.h"
#include "analyzer/model/wait_kind.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/progress.h"
#include "analyzer/util/sum.h"
#include "analyzer/util/units.h"
#include "preload/contract/recording.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines of RECORDING/messages that are shown: thousands of processes may each
 * have said something. */
#define MESSAGES_MAX 50

struct loading {
    const struct load_options *options;
    struct sources sources;
    struct code_places code;
    struct raw_stacks stacks;
    struct process_image *images;
    size_t count;
    struct profile *profile;
};

static void say(struct profile *profile, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct profile *profile, const char *format, ...)
{
    char text[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    profile_add_message(profile, text);
}

/* The part of the run that was asked for. */
static struct time_window window_of(const struct loading *loading)
{
    const struct sources *sources = &loading->sources;
    uint64_t start_ns = UINT64_MAX;

    if (!time_span_given(&loading->options->time))
        return TIME_WINDOW_WHOLE;
    for (size_t i = 0; i < sources->count; i++) {
        uint64_t one_ns = trace_start(sources->traces[i].content);
        start_ns = one_ns < start_ns ? one_ns : start_ns;
    }
    return time_window_of(&loading->options->time, start_ns);
}

/* The blocks of the heap are no longer needed then: they are not to add up. */
static void find_leaks(const struct loading *loading, struct loaded_trace *trace, const char *path)
{
    struct heap_replay *replay = &trace->heap.replay;

    if (loading->options->leaks)
        leak_loader_find(&trace->leaks, replay, &trace->process.heap, path);
    heap_replay_release(replay);
}

/* Reads every trace that can be read. A failure only when none could. */
static int read_traces(struct loading *loading, struct problem *problem)
{
    const struct sources *sources = &loading->sources;
    struct problem first = {0};
    struct time_window window = window_of(loading);
    struct loaded_wishes wishes = {loading->options->samples, loading->options->allocations};

    loading->profile->from_ns = window.from_ns;
    loading->profile->to_ns = window.to_ns;
    loading->images = memory_alloc(sources->count * sizeof(*loading->images));
    for (size_t i = 0; i < sources->count; i++) {
        const struct source *source = &sources->traces[i];
        struct process_image *image = &loading->images[loading->count];
        struct problem failure;
        progress_step("reading traces", i, sources->count);
        loading->code.archive = source->archive;
        if (loaded_trace_init(&image->trace, source->content, window, wishes, &loading->code,
                              &loading->stacks, &failure)) {
            say(loading->profile, "%s", failure.text);
            if (first.code == 0)
                first = failure;
            continue;
        }
        damage_tell(loading->profile, source->path, &image->trace.process, &image->trace.summary);
        find_leaks(loading, &image->trace, source->content);
        image->source = source;
        image->trace.process.trace = strings_intern(loading->profile->strings, source->path);
        loading->count++;
    }
    if (loading->count > 0)
        return 0;
    *problem = first;
    return problem->code;
}

static void read_messages(struct profile *profile, const char *directory)
{
    char *path = memory_printf("%s/%s", directory, RECORDING_MESSAGES);
    FILE *in = fopen(path, "re");
    char *line = NULL;
    size_t capacity = 0;
    uint64_t count = 0;

    free(path);
    if (in == NULL)
        return;
    while (getline(&line, &capacity, in) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (*line != '\0' && ++count <= MESSAGES_MAX)
            profile_add_message(profile, line);
    }
    if (count > MESSAGES_MAX)
        say(profile, "%" PRIu64 " further messages in '%s/%s'", count - MESSAGES_MAX, directory,
            RECORDING_MESSAGES);
    free(line);
    fclose(in);
}

static uint32_t mark_frame(struct profile *profile, const char *name)
{
    struct frame frame = {.function = strings_intern(profile->strings, name), .kind = FRAME_MARK};

    return profile_add_frame(profile, &frame);
}

static uint32_t add_mark(struct profile *profile, const char *name)
{
    return profile_add_stack(profile, STACK_NONE, mark_frame(profile, name), false);
}

/* The frames of `raw`'s place, below `stack`. */
static uint32_t add_frames(const struct loading *loading, const struct symbol_frames *frames,
                           const struct raw_stack *raw, uint32_t stack)
{
    const struct code_place *place = &loading->code.places[raw->place];

    for (uint32_t f = place->frame_count; f > 0; f--) {
        uint32_t frame = frames->numbers[place->first_frame + f - 1];
        if (loading->options->fold_recursion)
            stack = profile_fold_recursion(loading->profile, stack, frame);
        stack = profile_add_stack(loading->profile, stack, frame, raw->guessed);
    }
    return stack;
}

static bool is_own(const struct loading *loading, const struct raw_stack *raw)
{
    return raw >= loading->stacks.stacks + RAW_STACK_ROOTS &&
           loading->code.images[loading->code.places[raw->place].image].own;
}

/* The hooks ask for the size of every block: a call the program did not make. */
static bool is_size_query(const struct loading *loading, const struct symbol_frames *frames,
                          const struct raw_stack *raw)
{
    const struct code_place *place = &loading->code.places[raw->place];
    const struct frame *function =
        &loading->profile->frames[frames->numbers[place->first_frame + place->frame_count - 1]];

    return strcmp(function->function, "malloc_usable_size") == 0;
}

/*
 * Gives every raw stack its stack in the profile; parents come first.
 *
 * Frames of the profiler's library are not the program's. What they call for the
 * program (malloc's hook calls malloc) hangs on their caller; what they cost
 * themselves is shown there as one mark.
 */
static void make_stacks(struct loading *loading, const struct symbol_frames *frames)
{
    struct raw_stack *stacks = loading->stacks.stacks;
    struct profile *profile = loading->profile;
    uint32_t own_frame = mark_frame(profile, "[profinject]");

    stacks[TRACE_STACK_COMPLETE].stack = STACK_NONE;
    stacks[TRACE_STACK_TRUNCATED].stack = add_mark(profile, "[truncated]");
    stacks[TRACE_STACK_BROKEN].stack = add_mark(profile, "[broken stack]");
    for (size_t i = 0; i < RAW_STACK_ROOTS; i++)
        stacks[i].below = stacks[i].stack;
    for (size_t i = RAW_STACK_ROOTS; i < loading->stacks.count; i++) {
        struct raw_stack *raw = &stacks[i];
        const struct raw_stack *parent = &stacks[raw->parent];
        bool own = is_own(loading, raw);
        if (own || (is_own(loading, parent) && is_size_query(loading, frames, raw))) {
            raw->stack = profile_add_stack(profile, parent->below, own_frame, false);
            raw->below = own ? parent->below : raw->stack;
        } else {
            raw->stack = raw->below = add_frames(loading, frames, raw, parent->below);
        }
    }
}

/* Who allocated: the hook's caller, and where that is operator new, which asks malloc for
 * every function alike, the caller of that. */
static uint32_t allocator_of(const struct loading *loading, uint32_t raw)
{
    static const char operator_new[] = "operator new";
    const struct profile *profile = loading->profile;
    uint32_t stack = loading->stacks.stacks[raw].below;

    while (stack != STACK_NONE) {
        const struct stack_node *node = &profile->stacks[stack];
        const char *name = profile->frames[node->frame].function;
        if (node->parent == STACK_NONE || name == NULL ||
            strncmp(name, operator_new, sizeof(operator_new) - 1) != 0)
            break;
        stack = node->parent;
    }
    return stack;
}

/* The sites of the heap, and what each has not freed. */
static void add_heap(const struct loading *loading, const struct loaded_trace *trace,
                     uint32_t first_thread, const uint32_t *regions)
{
    const struct heap_places *places = &trace->heap.places;
    struct profile_heap_site *sites = memory_alloc((places->count + 1) * sizeof(*sites));

    for (size_t i = 0; i < places->count; i++) {
        const struct heap_place *place = &places->items[i];
        sites[i] = (struct profile_heap_site){
            .thread = first_thread + place->thread,
            .stack = allocator_of(loading, place->stack),
            .region = place->region < trace->region_count ? regions[place->region] : REGION_NONE,
            .number = (uint32_t)i};
        profile_add_heap_site(loading->profile, &sites[i]);
    }
    heap_births_add(&trace->heap.births, loading->profile, sites);
    for (size_t i = 0; i < trace->leaks.count; i++) {
        const struct loaded_leak *leak = &trace->leaks.items[i];
        const struct profile_heap_site *site = &sites[leak->site];
        profile_add_leak(loading->profile,
                         &(struct profile_leak){site->thread, site->stack, site->region, leak->kind,
                                                leak->amount, leak->first_ns, leak->last_ns});
    }
    free(sites);
}

static void add_mapped_sites(struct loading *loading, const struct loaded_trace *trace,
                             uint32_t first_thread, const uint32_t *regions)
{
    for (size_t i = 0; i < trace->mapped.replay.site_count; i++) {
        const struct heap_place *place = &trace->mapped.places[i];
        struct profile_mapped_site site = {
            .thread = first_thread + place->thread,
            .stack = loading->stacks.stacks[place->stack].below, /* not our hook, its caller */
            .region = place->region < trace->region_count ? regions[place->region] : REGION_NONE,
            .mapped = trace->mapped.replay.sites[i]};
        profile_add_mapped_site(loading->profile, &site);
    }
}

/* What the threads did last that were alive when their process died. */
static void add_last(const struct loading *loading, struct loaded_trace *trace,
                     struct profile_process *process, uint32_t first_thread)
{
    struct profile_death *death = &process->death;
    uint64_t death_ns = ends_death_ns(process);

    death->stack = death->told ? loading->stacks.stacks[death->stack].stack : STACK_NONE;
    if (death->told && death->thread != DEATH_THREAD_UNKNOWN)
        death->thread += first_thread;
    for (uint32_t i = 0; death_ns != 0 && i < trace->ends.count; i++) {
        const struct last_samples *samples = &trace->ends.threads[i];
        struct profile_thread *thread = &loading->profile->threads[first_thread + i];
        for (size_t s = samples->first; s < samples->count; s++) {
            const struct last_sample *sample = &samples->items[s];
            uint32_t stack = loading->stacks.stacks[sample->stack].stack;
            if (sample->time_ns + DEATH_LAST_NS >= death_ns)
                profile_add_moment(
                    loading->profile,
                    &(struct profile_moment){
                        first_thread + i, stack,
                        (uint64_t)sum_scaled((int64_t)sample->weight, process->weight_unit_ns)});
            thread->last = (struct profile_last){sample->time_ns, stack};
        }
    }
}

static void add_trace(struct loading *loading, struct loaded_trace *trace)
{
    struct profile *profile = loading->profile;
    uint32_t process = profile_add_process(profile, &trace->process);
    uint32_t first_thread = (uint32_t)profile->thread_count;

    trace->process.properties = NULL;
    trace->process.mapped.looks = NULL;
    trace->process.heap.sites = (struct heap_sites){.count = 0};
    trace->process.heap.timeline = NULL;
    trace->process.heap.chains = NULL;
    for (size_t i = 0; i < trace->thread_count; i++) {
        trace->threads[i].process = process;
        profile_add_thread(profile, &trace->threads[i]);
    }
    add_last(loading, trace, &profile->processes[process], first_thread);
    uint32_t *regions = merge_regions(profile, trace);
    struct merged_trace merged = {process, first_thread, &loading->stacks, regions};
    merge_entries(profile, trace, &merged);
    add_heap(loading, trace, first_thread, regions);
    add_mapped_sites(loading, trace, first_thread, regions);
    merge_waits(profile, trace, &merged);
    bool any = trace->count_count > 0;
    uint32_t rest = any ? add_mark(profile, "[after the last sample]") : 0;
    uint32_t whole = any ? add_mark(profile, "[whole thread]") : 0;
    for (size_t i = 0; i < trace->count_count; i++) {
        struct profile_count *count = &trace->counts[i];
        bool is_rest = count->stack == TRACE_STACK_COMPLETE;
        count->thread += first_thread;
        bool is_whole = count->counter < trace->counter_count &&
                        trace->counters[count->counter].kind == COUNTER_PER_THREAD;
        count->stack =
            is_rest ? (is_whole ? whole : rest) : loading->stacks.stacks[count->stack].stack;
        count->region = count->region < trace->region_count ? regions[count->region] : REGION_NONE;
    }
    merge_counts(profile, trace);
    free(regions);
}

static void fill_profile(struct loading *loading)
{
    struct symbol_frames frames;

    symbol_frames_init(&frames, &loading->code, &loading->sources, loading->options,
                       loading->profile);
    make_stacks(loading, &frames);
    symbol_frames_release(&frames);
    progress_step("merging traces", 0, 0);
    troubles_tell(&loading->code, loading->profile);
    process_images_connect(loading->images, loading->count);
    brief_threads_fit(loading->images, loading->count);
    for (size_t i = 0; i < loading->count; i++)
        add_trace(loading, &loading->images[i].trace);
    merge_resources(loading->profile, loading->images, loading->count,
                    &(struct time_window){loading->profile->from_ns, loading->profile->to_ns});
    samples_sort(&loading->profile->samples);
    if (loading->options->samples)
        throttle_charge(loading->profile);
    if (!loading->options->no_symbols)
        lock_names_find(loading->profile, &loading->code, loading->options->debug_dirs,
                        &loading->sources.symbols, loading->options->collect);
}

/* ", WORDS NAME" where there is a name. */
static char *append(char *text, const char *words, const char *name)
{
    char *longer;

    if (name == NULL)
        return text;
    longer = memory_printf("%s%s%s '%s'", text, *text != '\0' ? ", " : "", words, name);
    free(text);
    return longer;
}

/* What was asked for, for the reports. */
static void say_part(struct profile *profile, const struct load_options *options)
{
    const struct time_span *time = &options->time;
    const char *kept = profile->kept != NULL ? profile->kept : "";
    const char *comma = *kept != '\0' ? ", " : "";
    char *text;

    if (time_span_given(time) && isfinite(time->to_s))
        text = memory_printf("%s%s%.9g s to %.9g s", kept, comma, time->from_s, time->to_s);
    else if (time_span_given(time))
        text = memory_printf("%s%sfrom %.9g s on", kept, comma, time->from_s);
    else
        text = memory_strdup(kept);
    text = append(text, "thread", options->choice.thread);
    text = append(text, "process", options->choice.process);
    text = append(text, "region", options->region);
    text = append(text, "with", options->choice.focus);
    text = append(text, "without", options->choice.ignore);
    if (*text != '\0')
        profile->part = strings_intern(profile->strings, text);
    profile->is_window = time_span_given(time) || profile->kept != NULL;
    profile->is_narrowed = profile_choice_any(&options->choice) || options->region != NULL;
    free(text);
}

/* A part of the time that begins after the end is a mistake, as is a thread that is not there. */
static int check_window(const struct profile *profile, const struct time_span *time,
                        struct problem *problem)
{
    uint64_t wall_ns = profile_wall_ns(profile);

    if (!time_span_given(time) || wall_ns == 0 || time->from_s * 1e9 <= (double)wall_ns)
        return 0;
    return problem_set(problem, PROBLEM_NOTHING,
                       "nothing happened from %.9g s on: the run lasted %s", time->from_s,
                       units_duration((int64_t)wall_ns).text);
}

static void loading_release(struct loading *loading)
{
    for (size_t i = 0; i < loading->count; i++)
        loaded_trace_release(&loading->images[i].trace);
    free(loading->images);
    raw_stacks_release(&loading->stacks);
    code_places_release(&loading->code);
    sources_release(&loading->sources);
}

static void use_waits(const struct profile *profile)
{
    bool any = false;

    for (size_t i = 0; i < profile->process_count; i++)
        any |= profile->processes[i].has_scheduling;
    if (any)
        metric_use_waits();
}

int load_profile(const char *const *paths, size_t count, const struct load_options *options,
                 struct profile **profile, struct problem *problem)
{
    struct loading loading = {.options = options, .profile = profile_new()};

    progress_begin();
    code_places_init(&loading.code, loading.profile->strings);
    raw_stacks_init(&loading.stacks);
    int status = sources_init(&loading.sources, paths, count, options->copies, problem);
    if (status == 0 && loading.sources.twins > 0)
        say(loading.profile,
            "%zu traces were given twice, in copies of one recording: each counts once",
            loading.sources.twins);
    if (status == 0) {
        for (size_t i = 0; i < loading.sources.recording_count; i++)
            read_messages(loading.profile, loading.sources.recordings[i]);
        status = read_traces(&loading, problem);
    }
    if (status == 0) {
        fill_profile(&loading);
        status = choose_program(loading.profile, options, problem);
    }
    if (status == 0) {
        metric_use_heap(profile_heap_interval(loading.profile), profile_heap_lost(loading.profile));
        use_waits(loading.profile);
        kept_part_tell(loading.profile);
        say_part(loading.profile, options);
        status = check_window(loading.profile, &options->time, problem);
        if (status == 0)
            status = profile_choose(loading.profile, &options->choice, problem);
        if (loading.profile->part != NULL)
            unused_frames_hide(loading.profile);
    }
    progress_end();
    loading_release(&loading);
    if (status != 0) {
        profile_free(loading.profile);
        return status;
    }
    *profile = loading.profile;
    return 0;
}
