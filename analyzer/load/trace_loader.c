/*
 * The visitor that turns records into raw stacks, threads and entries. Its own
 * file because it is the only place where numbers of an epoch are translated.
 *
 * A trace is visited twice, first for its modules alone: stacks can then be tied
 * to the right one although a module may be noticed after it was first sampled.
 */
#include "analyzer/load/loader.h"

#include "analyzer/load/damage.h"
#include "analyzer/load/heap_visitor.h"
#include "analyzer/load/kernel_names.h"
#include "analyzer/load/process_counts.h"
#include "analyzer/load/program_loader.h"
#include "analyzer/load/resource_visitor.h"
#include "analyzer/load/thread_sums.h"
#include "analyzer/load/wait_visitor.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>
#include <string.h>

/* Keys hold no padding: key_table compares bytes. */
struct thread_key {
    int64_t tid;
    uint64_t start_ns;
};

static void on_epoch(void *context)
{
    struct loader *loader = context;
    loader->thread_numbers.count = loader->stack_numbers.count = 0;
}

void loader_see_time(struct loader *loader, uint64_t time_ns)
{
    if (time_ns > loader->last_ns)
        loader->last_ns = time_ns;
}

void loader_see_event(struct loader *loader, uint64_t time_ns)
{
    if (loader->first_ns == 0 || time_ns < loader->first_ns)
        loader->first_ns = time_ns;
    loader_see_time(loader, time_ns);
}

static void on_property(void *context, const char *name, const char *value, size_t value_size)
{
    process_facts_set(&((struct loader *)context)->facts, name, value, value_size);
}

static void on_module(void *context, const struct trace_module *module)
{
    struct loader *loader = context;
    struct mapped_module mapped = {
        .start = module->start,
        .end = module->end,
        .bias = module->bias,
        .generation = module->generation,
        .image = CODE_IMAGE_UNKNOWN,
    };

    if (*module->path != '\0') {
        mapped.image =
            code_places_image(loader->code, module->path, module->build_id, module->build_id_size);
        code_places_mapped(loader->code, mapped.image,
                           process_facts_date(&loader->facts, module->loaded_ns));
    }
    module_history_define(&loader->modules, module->id, &mapped);
}

static void on_module_gone(void *context, uint64_t id, uint64_t generation, uint64_t time_ns)
{
    struct loader *loader = context;

    (void)time_ns;
    module_history_gone(&loader->modules, id, generation);
}

static void on_thread(void *context, const struct trace_thread *thread)
{
    struct loader *loader = context;
    struct loaded_trace *trace = loader->trace;
    struct thread_key key = {thread->tid, thread->start_ns};
    uint32_t number = key_table_add(loader->threads, &key, (uint32_t)trace->thread_count);

    if (number == trace->thread_count) {
        trace->threads = memory_grow(trace->threads, trace->thread_count, &trace->thread_capacity,
                                     sizeof(*trace->threads));
        trace->threads[trace->thread_count++] =
            (struct profile_thread){.tid = thread->tid, .start_ns = thread->start_ns};
    }
    trace->threads[number].name = strings_intern(loader->code->strings, thread->name);
    loader_see_time(loader, thread->start_ns);
    numbers_set(&loader->thread_numbers, (size_t)thread->number - 1, number);
}

static void on_handler(void *context, const struct trace_handler *handler)
{
    process_counts_handler(&((struct loader *)context)->trace->process, handler);
}

static void on_unwinding(void *context, const uint64_t *counts)
{
    process_counts_unwinding(&((struct loader *)context)->trace->process, counts);
}

struct profile_thread *loader_thread(struct loader *loader, uint64_t number, uint32_t *index)
{
    *index = loader->thread_numbers.meaning[number - 1];
    return &loader->trace->threads[*index];
}

static void on_totals(void *context, const struct trace_totals *totals)
{
    struct loader *loader = context;
    uint32_t index;
    struct profile_thread *thread = loader_thread(loader, totals->thread, &index);

    thread->cpu_ns = totals->cpu_ns;
    thread->paused_ns = totals->paused_ns < totals->cpu_ns ? totals->paused_ns : totals->cpu_ns;
    /* A trace that breaks off has samples later than its last totals. */
    if (totals->samples > thread->samples)
        thread->samples = totals->samples;
    thread->lost = totals->lost;
    thread->foreign = totals->flags & TRACE_THREAD_FOREIGN;
    thread->memory = (struct memory_totals){totals->alloc_count, totals->alloc_bytes,
                                            totals->free_count, totals->free_bytes};
    if (totals->end_ns != 0) {
        thread->end_ns = totals->end_ns;
        loader->ended = memory_grow(loader->ended, loader->ended_count, &loader->ended_capacity,
                                    sizeof(*loader->ended));
        loader->ended[loader->ended_count++] = index;
    }
    loader_see_time(loader, totals->end_ns);
    wait_visitor_settle(loader);
}

/* Where addresses have their last owners. */
static uint32_t last_stack(const struct loader *loader, uint64_t number)
{
    if (number >= TRACE_STACK_FIRST)
        return loader->stack_numbers.meaning[number - TRACE_STACK_FIRST];
    return number < RAW_STACK_ROOTS ? (uint32_t)number : TRACE_STACK_BROKEN;
}

uint32_t loader_stack(struct loader *loader, uint64_t number, uint64_t time_ns)
{
    uint32_t stack = last_stack(loader, number);

    /* Of most programs none is, and to look at each sample's costs a cache miss. */
    return loader->stacks->any_timed && loader->stacks->stacks[stack].timed
               ? made_code_stack(&loader->made, loader->code, loader->stacks, stack, time_ns)
               : stack;
}

/* Each boot has a kernel of its own: addresses change. */
static uint32_t kernel_image(struct loader *loader)
{
    const char *boot = process_facts_text(&loader->facts, "boot_id");

    return code_places_image(loader->code, KERNEL_NAMES_IMAGE, (const uint8_t *)boot,
                             boot != NULL ? strlen(boot) : 0);
}

/* No file has it, or one that is a name for memory; addresses near 0 are calls of nothing. */
#define LOWEST_CODE 0x10000u

static bool is_made(struct loader *loader, const struct mapped_module *module, uint64_t pc,
                    uint64_t generation)
{
    if (pc < LOWEST_CODE || kernel_names_is_kernel(pc))
        return false;
    if (module == NULL || module->image == CODE_IMAGE_UNKNOWN ||
        loader->code->images[module->image].memory)
        return true;
    bool is_there = generation >= module->generation && generation < module->gone;
    return !is_there && made_code_has(&loader->made, pc);
}

static void on_stack(void *context, const struct trace_stack_node *node)
{
    struct loader *loader = context;
    uint64_t pc = node->pc - (node->flags & TRACE_NODE_EXACT ? 0 : 1);
    const struct mapped_module *module =
        module_history_find(&loader->modules, pc, node->generation);
    uint32_t image = module != NULL ? module->image : CODE_IMAGE_UNKNOWN;
    uint64_t bias = image != CODE_IMAGE_UNKNOWN ? module->bias : 0;
    bool timed = false;

    if (kernel_names_is_kernel(pc))
        image = kernel_image(loader);
    uint32_t place = is_made(loader, module, pc, node->generation)
                         ? made_code_place(&loader->made, loader->code, pc, &timed)
                         : code_places_add(loader->code, image, pc - bias);
    uint32_t stack = raw_stacks_add(loader->stacks, last_stack(loader, node->parent), place,
                                    (node->flags & TRACE_NODE_GUESSED) != 0);

    if (timed)
        raw_stacks_set_timed(loader->stacks, stack);
    numbers_set(&loader->stack_numbers, (size_t)(node->number - TRACE_STACK_FIRST), stack);
}

static void on_code_names(void *context, const struct trace_code_names *names)
{
    struct loader *loader = context;
    made_code_names(&loader->made, loader->code->strings, names);
}

static void on_stacks_lost(void *context, uint64_t first, uint64_t end)
{
    numbers_fill(&((struct loader *)context)->stack_numbers, first - TRACE_STACK_FIRST,
                 end - TRACE_STACK_FIRST, TRACE_STACK_BROKEN);
}

static void on_region(void *context, const struct trace_region *region)
{
    struct loader *loader = context;
    program_loader_region(loader->trace, loader->code->strings, region);
}

static void on_counter(void *context, uint64_t id, uint64_t kind, const char *name)
{
    struct loader *loader = context;
    program_loader_counter(loader->trace, loader->code->strings, id, kind, name);
}

static void on_count(void *context, const struct trace_count *count)
{
    struct loader *loader = context;
    struct profile_count new = {.stack = loader_stack(loader, count->stack, count->time_ns),
                                .region = (uint32_t)count->region,
                                .counter = (uint32_t)count->counter,
                                .value = count->delta};

    thread_sums_go_on(loader->trace);
    loader_thread(loader, count->thread, &new.thread);
    if (time_window_holds(&loader->window, count->time_ns))
        program_loader_count(loader->trace, loader->counts, &new);
}

static void on_sample(void *context, const struct trace_sample *sample)
{
    struct loader *loader = context;
    uint32_t thread;
    uint32_t stack = loader_stack(loader, sample->stack, sample->time_ns);

    loader_see_event(loader, sample->time_ns);
    thread_sums_go_on(loader->trace);
    if (stack == TRACE_STACK_COMPLETE)
        stack = TRACE_STACK_BROKEN; /* a stack without a frame is none */
    loader_thread(loader, sample->thread, &thread);
    wait_ledger_ran(&loader->trace->waits.ledger, thread, sample->time_ns);
    ends_sample(&loader->trace->ends, thread,
                &(struct last_sample){sample->time_ns, sample->weight, stack});
    if (!time_window_holds(&loader->window, sample->time_ns))
        return;
    /* In units until the trace ends: their length may be told again. */
    trace_entries_add(&loader->trace->entries,
                      &(struct trace_entry){.thread = thread,
                                            .stack = stack,
                                            .region = (uint32_t)sample->region,
                                            .state = ENTRY_RUNNING,
                                            .time_ns = (int64_t)sample->weight,
                                            .samples = 1,
                                            .alloc_count = sample->alloc_count,
                                            .alloc_bytes = sample->alloc_bytes,
                                            .free_count = sample->free_count,
                                            .free_bytes = sample->free_bytes});
    timed_parts_add(&loader->trace->parts, &(struct timed_part){.time_ns = sample->time_ns,
                                                                .length = sample->weight,
                                                                .thread = thread,
                                                                .stack = stack,
                                                                .region = (uint32_t)sample->region,
                                                                .state = ENTRY_RUNNING});
}

/* When the thread was sampled last: what it used after that is told with the same stack. */
static uint64_t last_sample_ns(const struct loader *loader, uint32_t thread)
{
    const struct ends *ends = &loader->trace->ends;
    const struct last_samples *samples = thread < ends->count ? &ends->threads[thread] : NULL;

    return samples != NULL && samples->count > samples->first
               ? samples->items[samples->count - 1].time_ns
               : UINT64_MAX;
}

static void on_rest(void *context, const struct trace_rest *rest)
{
    struct loader *loader = context;
    uint32_t number;
    struct profile_thread *thread = loader_thread(loader, rest->thread, &number);

    thread_sums_go_on(loader->trace);
    if (thread->rest_ns != 0)
        thread_sums_forget_rest(loader->trace, number);
    if (!time_window_whole(&loader->window))
        return; /* of no known time */
    thread->rest_ns = rest->length_ns;
    uint64_t after_ns = last_sample_ns(loader, number);
    uint32_t stack = loader_stack(loader, rest->stack, after_ns);
    trace_entries_find(&loader->trace->entries, number, stack, 0, ENTRY_REST)->time_ns =
        (int64_t)rest->length_ns;
    /* It ran at least so long after that. */
    after_ns = after_ns == UINT64_MAX ? thread->start_ns : after_ns;
    timed_parts_add(&loader->trace->parts,
                    &(struct timed_part){.time_ns = after_ns + rest->length_ns,
                                         .span_ns = rest->length_ns,
                                         .length = rest->length_ns,
                                         .thread = number,
                                         .stack = stack,
                                         .state = ENTRY_REST});
}

static void on_death(void *context, const struct trace_death *death)
{
    struct loader *loader = context;
    uint32_t thread = DEATH_THREAD_UNKNOWN;

    if (death->thread != 0)
        loader_thread(loader, death->thread, &thread);
    ends_death(&loader->trace->process, death, thread,
               loader_stack(loader, death->stack, death->time_ns));
    loader_see_time(loader, death->time_ns);
}

static void on_end(void *context, enum trace_end kind, int status, uint64_t time_ns,
                   uint64_t cpu_ns)
{
    struct loaded_trace *trace = ((struct loader *)context)->trace;
    ends_tell(&trace->ends, &trace->process, kind, status, time_ns, cpu_ns);
}

static void loader_init(struct loader *loader, struct loaded_trace *trace, struct code_places *code,
                        struct raw_stacks *stacks)
{
    memset(loader, 0, sizeof(*loader));
    memset(trace, 0, sizeof(*trace));
    loader->trace = trace;
    loader->code = code;
    loader->stacks = stacks;
    module_history_init(&loader->modules);
    process_facts_init(&loader->facts, code->strings);
    loader->threads = key_table_new(sizeof(struct thread_key));
    loader->counts = program_loader_counts();
    trace_entries_init(&trace->entries);
    heap_loader_init(&trace->heap);
    mapped_loader_init(&trace->mapped, code->strings);
    loaded_waits_init(&trace->waits);
    loaded_resources_init(&trace->resources);
}

static void loader_release(struct loader *loader)
{
    made_code_release(&loader->made);
    module_history_release(&loader->modules);
    process_facts_release(&loader->facts);
    key_table_free(loader->threads);
    key_table_free(loader->counts);
    free(loader->ended);
    free(loader->thread_numbers.meaning);
    free(loader->stack_numbers.meaning);
}

static void finish(struct loader *loader)
{
    struct loaded_trace *trace = loader->trace;
    struct profile_process *process = &trace->process;
    const struct trace_summary *summary = &trace->summary;

    const char *reason = process_facts_text(&loader->facts, "code_names_reason");
    process_facts_tell(&loader->facts, process);
    process->named_code =
        (struct named_code){loader->made.map.names, loader->made.dump.names,
                            loader->made.map.unreadable + loader->made.dump.unreadable, reason};
    trace->jit = loader->made.code;
    if (process->clock != NULL && strcmp(process->clock, "wall") == 0)
        process->has_wall = process->has_runnable = true;
    loader_see_time(loader, summary->time_last);
    damage_note(process, summary, loader->first_ns, loader->last_ns);
    wait_visitor_tell(loader);
    trace_entries_flush(&trace->entries);
    for (size_t i = 0; i < trace->entries.count; i++)
        process_counts_entry(process, loader->code, loader->stacks, &trace->entries.items[i]);
    thread_sums_finish(trace);
    wait_visitor_finish(loader);
    timed_parts_find(&trace->parts, &trace->entries);
    trace_entries_seal(&trace->entries);
    heap_loader_finish(&trace->heap, process);
    mapped_loader_finish(&trace->mapped, &process->mapped);
}

static void loaded_trace_abandon(struct loader *loader)
{
    loader->trace->jit = loader->made.code;
    loaded_trace_release(loader->trace);
}

int loaded_trace_init(struct loaded_trace *trace, const char *path, struct time_window window,
                      struct loaded_wishes wishes, struct code_places *code,
                      struct raw_stacks *stacks, struct problem *problem)
{
    struct loader loader;
    struct trace_visitor visitor = {.context = &loader,
                                    .module = on_module,
                                    .module_gone = on_module_gone,
                                    .code_names = on_code_names};
    loader_init(&loader, trace, code, stacks);
    trace->parts.wanted = wishes.parts;
    trace->heap.births.parts.wanted = wishes.births;
    loader.window = trace->heap.window = trace->mapped.window = window;
    int status = trace_read(path, &visitor, &trace->summary, problem);
    if (status == 0) {
        loader.expected_end_ns = trace->summary.time_last;
        visitor.code_names = NULL;
        visitor.epoch = on_epoch;
        visitor.property = on_property;
        visitor.thread = on_thread;
        visitor.totals = on_totals;
        visitor.stack = on_stack;
        visitor.stacks_lost = on_stacks_lost;
        visitor.sample = on_sample;
        visitor.handler = on_handler;
        visitor.unwinding = on_unwinding;
        visitor.rest = on_rest;
        visitor.region = on_region;
        visitor.counter = on_counter;
        visitor.count = on_count;
        visitor.death = on_death;
        visitor.end = on_end;
        heap_visitor_join(&visitor);
        wait_visitor_join(&visitor);
        resource_visitor_join(&visitor);
        status = trace_read(path, &visitor, &trace->summary, problem);
    }
    if (status == 0)
        finish(&loader);
    else
        loaded_trace_abandon(&loader);
    loader_release(&loader);
    return status;
}

void loaded_trace_release(struct loaded_trace *trace)
{
    jit_code_free(trace->jit);
    free(trace->process.properties);
    free(trace->process.mapped.looks);
    profile_heap_release(&trace->process.heap);
    heap_loader_release(&trace->heap);
    mapped_loader_release(&trace->mapped);
    loaded_waits_release(&trace->waits);
    loaded_resources_release(&trace->resources);
    leak_loader_release(&trace->leaks);
    ends_release(&trace->ends);
    free(trace->threads);
    trace_entries_release(&trace->entries);
    timed_parts_release(&trace->parts);
    free(trace->regions);
    free(trace->counters);
    free(trace->counts);
    memset(trace, 0, sizeof(*trace));
}
