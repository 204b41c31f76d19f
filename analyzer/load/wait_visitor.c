/*
 * Time off the processor becomes entries. Its own file because two ways of knowing of it are
 * brought together here: what hooks saw and the kernel counted (wait_ledger.h) says how much there
 * is; where the rest was, that no hook saw, looks at the threads say.
 */
#include "analyzer/load/wait_visitor.h"

#include "analyzer/load/process_counts.h"
#include "analyzer/model/wait_kind.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>
#include <string.h>

/* What a look found of a thread off the processor. */
static enum entry_state state_of(const struct trace_stretch *stretch)
{
    if (stretch->state == TRACE_OFFCPU_RUNNABLE)
        return ENTRY_RUNNABLE;
    return stretch->kind == 0 ? ENTRY_BLOCKED
                              : (enum entry_state)(ENTRY_LOOKED + wait_kind_of(stretch->kind));
}

static void on_offcpu(void *context, const struct trace_stretch *stretch)
{
    struct loader *loader = context;
    uint64_t length = time_window_overlap(&loader->window, stretch->time_ns, stretch->length_ns);
    uint32_t thread, stack = loader_stack(loader, stretch->stack, stretch->time_ns);

    loader->trace->process.has_wall = loader->trace->process.has_runnable = true;
    loader_see_event(loader, stretch->time_ns);
    if (length == 0)
        return;
    loader_thread(loader, stretch->thread, &thread);
    process_counts_offcpu(&loader->trace->process, loader->stacks, stack);
    trace_entry_add(
        trace_entries_find(&loader->trace->entries, thread, stack, 0, state_of(stretch)), length);
    timed_parts_add(&loader->trace->parts, &(struct timed_part){.time_ns = stretch->time_ns,
                                                                .span_ns = stretch->length_ns,
                                                                .length = length,
                                                                .thread = thread,
                                                                .stack = stack,
                                                                .state = state_of(stretch)});
}

/* The ledger begins with the first record: whether the trace is all there is known by then. */
static struct wait_ledger *ledger_of(struct loader *loader)
{
    struct loaded_waits *waits = &loader->trace->waits;

    waits->ledger.window = loader->window;
    waits->ledger.parts = &loader->trace->parts;
    if (loader->trace->summary.chunks_before > 0)
        waits->ledger.from_ns = loader->trace->summary.time_first;
    return &waits->ledger;
}

static void on_waits(void *context, const struct trace_waits *waits)
{
    struct loader *loader = context;
    struct wait_place place = {.stack = loader_stack(loader, waits->stack, waits->end_ns),
                               .region = (uint32_t)waits->region,
                               .kind = wait_kind_of(waits->kind),
                               .object = waits->object,
                               .peer = waits->peer};

    loader_see_event(loader, waits->end_ns);
    loader_thread(loader, waits->thread, &place.thread);
    process_counts_offcpu(&loader->trace->process, loader->stacks, place.stack);
    loader->trace->process.has_wall = loader->trace->process.has_waits = true;
    if (waits->held && loader->trace->ends.has_end)
        loaded_waits_go_on(&loader->trace->waits); /* told again */
    uint32_t number = wait_ledger_waits(ledger_of(loader), &place, waits);
    loaded_waits_single(&loader->trace->waits, number, waits);
}

void wait_visitor_settle(struct loader *loader)
{
    struct trace_scheduling scheduling = loader->scheduling;
    uint32_t index;

    if (scheduling.thread == 0)
        return;
    loader->scheduling.thread = 0;
    const struct profile_thread *thread = loader_thread(loader, scheduling.thread, &index);
    scheduling.cpu_ns -=
        scheduling.cpu_ns < thread->paused_ns ? scheduling.cpu_ns : thread->paused_ns;
    wait_ledger_scheduling(ledger_of(loader), index, thread->start_ns, &scheduling);
}

static void on_scheduling(void *context, const struct trace_scheduling *scheduling)
{
    struct loader *loader = context;

    wait_visitor_settle(loader);
    loader_see_time(loader, scheduling->when_ns);
    loader->trace->process.has_wall = loader->trace->waits.has_scheduling = true;
    loader->trace->process.has_runnable |= scheduling->known & TRACE_SCHEDULING_RUNNABLE;
    loader->scheduling = *scheduling;
}

static void on_object(void *context, const struct trace_waited_object *object)
{
    struct loader *loader = context;
    loaded_waits_object(&loader->trace->waits, loader->code->strings, object);
}

/* Of threads that ended in the chunk before samples are needed no more, once those are found that
 * waits ask for. */
static void look_back(struct loader *loader)
{
    struct loaded_trace *trace = loader->trace;

    wait_visitor_settle(loader);
    loaded_waits_meet(&trace->waits, &trace->ends, trace->threads, trace->thread_count);
    for (size_t i = 0; i < loader->ended_count; i++)
        ends_thread_ended(&trace->ends, loader->ended[i]);
    loader->ended_count = 0;
}

static void on_chunk(void *context, const struct trace_chunk_header *header, const uint8_t *frame,
                     const uint8_t *payload, bool lost)
{
    (void)header, (void)frame, (void)payload, (void)lost;
    look_back(context);
}

void wait_visitor_join(struct trace_visitor *visitor)
{
    visitor->chunk = on_chunk;
    visitor->offcpu = on_offcpu;
    visitor->waits = on_waits;
    visitor->scheduling = on_scheduling;
    visitor->object = on_object;
}

void wait_visitor_tell(struct loader *loader)
{
    struct profile_process *process = &loader->trace->process;
    const char *waits = profile_property(process, "waits");

    look_back(loader);
    process->has_waits |= waits != NULL && strcmp(waits, "on") == 0;
    process->has_scheduling = loader->trace->waits.has_scheduling;
    process->has_wall |= process->has_waits;
}

static bool is_blocked_look(uint32_t state)
{
    return state == ENTRY_BLOCKED || state >= ENTRY_LOOKED;
}

/* What looks found of threads whose time the kernel counted: time ready to run is counted
 * already; the rest says where the thread was blocked outside of waits, and is no more than
 * that. */
static void fit_looks(struct loader *loader)
{
    struct loaded_trace *trace = loader->trace;
    uint64_t *seen = memory_alloc((trace->thread_count + 1) * sizeof(*seen));

    for (size_t i = 0; i < trace->entries.count; i++) {
        const struct trace_entry *entry = &trace->entries.items[i];
        if (is_blocked_look(entry->state))
            seen[entry->thread] += (uint64_t)entry->time_ns;
    }
    for (size_t i = 0; i < trace->entries.count; i++) {
        struct trace_entry *entry = &trace->entries.items[i];
        struct profile_thread *thread = &trace->threads[entry->thread];
        bool is_look = is_blocked_look(entry->state) || entry->state == ENTRY_RUNNABLE;
        if (!thread->time.known || !is_look)
            continue;
        double whole = (double)seen[entry->thread];
        double left = (double)(thread->time.blocked_ns - thread->time.hooked_ns);
        double factor = entry->state == ENTRY_RUNNABLE ? 0 : left < whole ? left / whole : 1;
        entry->time_ns = (int64_t)((double)entry->time_ns * factor);
        thread->time.looked_ns += (uint64_t)entry->time_ns;
    }
    free(seen);
}

/* Where a look told the kind of call it is a wait like others, of which nobody knows how many there
 * were. */
static void place_looks(struct loaded_trace *trace)
{
    for (size_t i = 0; i < trace->entries.count; i++) {
        struct trace_entry *entry = &trace->entries.items[i];
        if (entry->state < ENTRY_LOOKED)
            continue;
        const struct wait_place place = {.thread = entry->thread,
                                         .stack = entry->stack,
                                         .region = entry->region,
                                         .kind = entry->state - ENTRY_LOOKED};
        wait_ledger_looked(&trace->waits.ledger, &place, (uint64_t)entry->time_ns);
        entry->time_ns = 0;
    }
}

static void add_waits(struct loader *loader)
{
    const struct wait_ledger *ledger = &loader->trace->waits.ledger;
    struct trace_entries *entries = &loader->trace->entries;

    for (size_t i = 0; i < ledger->place_count; i++) {
        const struct wait_place *place = &ledger->places[i];
        const struct wait_sums *sums = &ledger->sums[i];
        if (sums->blocked_ns > 0)
            trace_entry_add(trace_entries_find(entries, place->thread, place->stack, place->region,
                                               (enum entry_state)(ENTRY_WAITING + place->kind)),
                            sums->blocked_ns);
        if (sums->runnable_ns > 0)
            trace_entry_add(trace_entries_find(entries, place->thread, place->stack, place->region,
                                               ENTRY_RUNNABLE),
                            sums->runnable_ns);
    }
}

/* Of no known place. */
static void add_rest(struct loader *loader, uint32_t number)
{
    const struct profile_thread *thread = &loader->trace->threads[number];
    const struct ledger_thread *known = wait_ledger_thread(&loader->trace->waits.ledger, number);
    uint64_t seen = thread->time.hooked_ns + thread->time.looked_ns;
    struct trace_entries *entries = &loader->trace->entries;

    if (thread->time.blocked_ns > seen)
        trace_entry_add(trace_entries_find(entries, number, TRACE_STACK_COMPLETE, 0, ENTRY_BLOCKED),
                        thread->time.blocked_ns - seen);
    if (known->runnable_left_ns > 0)
        trace_entry_add(
            trace_entries_find(entries, number, TRACE_STACK_COMPLETE, 0, ENTRY_RUNNABLE),
            known->runnable_left_ns);
}

static void tell_time(struct thread_time *time, const struct ledger_thread *known)
{
    *time = (struct thread_time){.known = known->has_scheduling,
                                 .has_runnable = known->last.known & TRACE_SCHEDULING_RUNNABLE,
                                 .has_switches = known->last.known & TRACE_SCHEDULING_SWITCHES,
                                 .has_migrations = known->last.known & TRACE_SCHEDULING_MIGRATIONS,
                                 .wall_ns = known->wall_ns,
                                 .cpu_ns = known->cpu_ns,
                                 .runnable_ns = known->runnable_ns,
                                 .blocked_ns = known->blocked_ns,
                                 .hooked_ns = known->hooked_ns,
                                 .voluntary = known->last.voluntary,
                                 .involuntary = known->last.involuntary,
                                 .migrations = known->last.migrations};
}

void wait_visitor_finish(struct loader *loader)
{
    struct loaded_trace *trace = loader->trace;
    struct wait_ledger *ledger = &trace->waits.ledger;

    for (uint32_t i = 0; i < trace->thread_count; i++) {
        struct profile_thread *thread = &trace->threads[i];
        wait_ledger_finish(ledger, i, thread->end_ns, thread->cpu_ns - thread->paused_ns);
        if (wait_ledger_thread(ledger, i) != NULL)
            tell_time(&thread->time, wait_ledger_thread(ledger, i));
    }
    loaded_waits_open(&trace->waits);
    loaded_waits_meet(&trace->waits, &trace->ends, trace->threads, trace->thread_count);
    fit_looks(loader);
    place_looks(trace);
    loaded_waits_locate(&trace->waits, &loader->modules);
    add_waits(loader);
    for (uint32_t i = 0; i < trace->thread_count; i++)
        if (trace->threads[i].time.known)
            add_rest(loader, i);
}
