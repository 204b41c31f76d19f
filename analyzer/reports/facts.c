/*
 * Sums of a run. Its own file so that text, JSON and `info` cannot disagree.
 */
#include "analyzer/reports/facts.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_parent_in(const struct profile *profile, const struct profile_process *child)
{
    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_process *other = &profile->processes[i];
        if (other != child && other->pid == child->ppid)
            return true;
    }
    return false;
}

/* The program image that took the place of `image`, or NULL. */
static const struct profile_process *next_image(const struct profile *profile,
                                                const struct profile_process *image)
{
    const struct profile_process *next = NULL;

    for (size_t i = 0; i < profile->process_count && image->end == END_EXEC; i++) {
        const struct profile_process *other = &profile->processes[i];
        if (other->pid == image->pid && other->image == image->image + 1 &&
            other->start_ns >= image->start_ns &&
            (next == NULL || other->start_ns < next->start_ns))
            next = other;
    }
    return next;
}

/* The process that began it: its parent is not in the profile. Of several the
 * one that started first; of its images the last, which knows how it ended. */
static const struct profile_process *find_root(const struct profile *profile)
{
    const struct profile_process *root = NULL;
    const struct profile_process *next;

    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_process *process = &profile->processes[i];
        if (!is_parent_in(profile, process) && (root == NULL || process->start_ns < root->start_ns))
            root = process;
    }
    while (root != NULL && (next = next_image(profile, root)) != NULL)
        root = next;
    return root;
}

static void add_memory(struct memory_totals *sum, const struct memory_totals *part)
{
    sum->alloc_count = sum_unsigned(sum->alloc_count, part->alloc_count);
    sum->alloc_bytes = sum_unsigned(sum->alloc_bytes, part->alloc_bytes);
    sum->free_count = sum_unsigned(sum->free_count, part->free_count);
    sum->free_bytes = sum_unsigned(sum->free_bytes, part->free_bytes);
}

static void set_process(struct facts *facts, const struct profile_process *process)
{
    *facts = (struct facts){
        .root = process,
        .wall_ns = process->end_ns > process->start_ns ? process->end_ns - process->start_ns : 0,
        .cpu_ns = process->cpu_ns,
        .processes = (process->image == 0 ? 1 : 0) + process->brief_children,
        .brief_children = process->brief_children,
        .brief_ns = process->brief_ns,
        .coverage = {.measured_ns = process->brief_ns},
        .truncated = process->truncated + process->offcpu.truncated,
        .guessed = process->guessed + process->offcpu.guessed,
        .broken = process->broken + process->offcpu.broken,
        .bytes = process->bytes,
        .chunks = process->chunks,
        .chunks_before = process->chunks_before,
        .records_before = process->records_before,
        .chunks_damaged = process->chunks_damaged,
        .records_missing = process->records_missing,
        .chunks_untold = process->chunks_untold,
        .recovered_records = process->recovered_records,
        .offcpu = process->offcpu,
        .handler = process->handler,
        .looks = process->looks,
        .looking_ns = process->looking_ns,
        .memory_processes = process->has_memory ? 1 : 0,
    };
    memcpy(facts->unwinding, process->unwinding, sizeof(facts->unwinding));
}

static void add_thread(struct facts *facts, const struct profile_thread *thread)
{
    facts->threads++;
    facts->samples = sum_unsigned(facts->samples, thread->samples);
    facts->lost = sum_unsigned(facts->lost, thread->lost);
    facts->threads_cpu_ns = sum_unsigned(facts->threads_cpu_ns, thread->cpu_ns);
    struct coverage coverage = coverage_of_thread(thread);
    coverage_add(&facts->coverage, &coverage);
    if (facts->memory_processes == 0)
        return;
    if (thread->foreign)
        facts->foreign_threads++;
    else
        add_memory(&facts->memory, &thread->memory);
}

static void add_entry(struct facts *facts, const struct profile_entry *entry)
{
    if (facts->root->weight_unit_ns == 0)
        return;
    facts->periods += (double)entry->value[METRIC_CPU] / (double)facts->root->weight_unit_ns;
    facts->stacks += (double)entry->value[METRIC_SAMPLES];
}

static void set_rates(struct facts *facts)
{
    if (facts->stacks > 0)
        facts->weight = facts->periods / facts->stacks;
    uint64_t time_ns =
        facts->chunks_before > 0 ? facts->coverage.sampled_ns : facts->coverage.measured_ns;
    if (time_ns > 0)
        facts->frequency_delivered = (double)facts->samples * 1e9 / (double)time_ns;
}

struct facts *facts_of_processes(const struct profile *profile)
{
    struct facts *all = memory_alloc(profile->process_count * sizeof(*all));

    for (size_t i = 0; i < profile->process_count; i++)
        set_process(&all[i], &profile->processes[i]);
    for (size_t i = 0; i < profile->thread_count; i++)
        add_thread(&all[profile->threads[i].process], &profile->threads[i]);
    for (size_t i = 0; i < profile->entries.count; i++) {
        const struct profile_entry entry = entries_at(&profile->entries, i);
        add_entry(&all[profile->threads[entry.thread].process], &entry);
    }
    for (size_t i = 0; i < profile->process_count; i++) {
        set_rates(&all[i]);
        if (all[i].cpu_ns == 0)
            all[i].cpu_ns = all[i].threads_cpu_ns;
    }
    return all;
}

static void add_facts(struct facts *sum, const struct facts *part)
{
    sum->threads += part->threads;
    sum->processes += part->processes;
    sum->brief_children += part->brief_children;
    sum->brief_ns = sum_unsigned(sum->brief_ns, part->brief_ns);
    sum->cpu_ns = sum_unsigned(sum->cpu_ns, sum_unsigned(part->cpu_ns, part->brief_ns));
    sum->samples = sum_unsigned(sum->samples, part->samples);
    sum->lost = sum_unsigned(sum->lost, part->lost);
    sum->truncated = sum_unsigned(sum->truncated, part->truncated);
    sum->guessed = sum_unsigned(sum->guessed, part->guessed);
    sum->broken = sum_unsigned(sum->broken, part->broken);
    sum->bytes = sum_unsigned(sum->bytes, part->bytes);
    sum->chunks = sum_unsigned(sum->chunks, part->chunks);
    sum->chunks_before = sum_unsigned(sum->chunks_before, part->chunks_before);
    sum->records_before = sum_unsigned(sum->records_before, part->records_before);
    sum->chunks_damaged = sum_unsigned(sum->chunks_damaged, part->chunks_damaged);
    sum->records_missing = sum_unsigned(sum->records_missing, part->records_missing);
    sum->chunks_untold = sum_unsigned(sum->chunks_untold, part->chunks_untold);
    sum->recovered_records = sum_unsigned(sum->recovered_records, part->recovered_records);
    sum->threads_cpu_ns = sum_unsigned(sum->threads_cpu_ns, part->threads_cpu_ns);
    coverage_add(&sum->coverage, &part->coverage);
    sum->looks = sum_unsigned(sum->looks, part->looks);
    sum->looking_ns = sum_unsigned(sum->looking_ns, part->looking_ns);
    sum->memory_processes += part->memory_processes;
    sum->foreign_threads += part->foreign_threads;
    sum->periods += part->periods;
    sum->stacks += part->stacks;
    add_memory(&sum->memory, &part->memory);
    sum->offcpu.stacks = sum_unsigned(sum->offcpu.stacks, part->offcpu.stacks);
    sum->offcpu.truncated = sum_unsigned(sum->offcpu.truncated, part->offcpu.truncated);
    sum->offcpu.guessed = sum_unsigned(sum->offcpu.guessed, part->offcpu.guessed);
    sum->offcpu.broken = sum_unsigned(sum->offcpu.broken, part->offcpu.broken);
    for (int i = 0; i < TRACE_UNWINDING_COUNT; i++)
        sum->unwinding[i] = sum_unsigned(sum->unwinding[i], part->unwinding[i]);
    handler_cost_add(&sum->handler, &part->handler);
}

void facts_init(struct facts *facts, const struct profile *profile)
{
    struct facts *processes = facts_of_processes(profile);

    *facts = (struct facts){.root = find_root(profile), .wall_ns = profile_wall_ns(profile)};
    for (size_t i = 0; i < profile->process_count; i++)
        add_facts(facts, &processes[i]);
    set_rates(facts);
    free(processes);
}

bool facts_never_resumed(const struct profile *profile, const struct facts *facts)
{
    bool all = facts->samples == 0 && profile->process_count > 0;

    for (size_t i = 0; i < profile->process_count && all; i++) {
        const char *start = profile_property(&profile->processes[i], "setting.start");
        all = start != NULL && strcmp(start, "paused") == 0;
    }
    return all;
}

struct end_text facts_end(const struct profile_process *process)
{
    struct end_text end = {"unknown"};

    switch (process->end) {
    case END_EXIT:
        snprintf(end.text, sizeof(end.text), "exit %d", process->end_status);
        break;
    case END_SIGNAL:
        snprintf(end.text, sizeof(end.text), "signal %d", process->end_status);
        break;
    case END_EXEC:
        return (struct end_text){"exec"};
    case END_UNKNOWN:
        break;
    }
    return end;
}

const char *facts_memory_reason(const struct profile_process *process)
{
    return process->memory_reason != NULL ? process->memory_reason : "not recorded";
}

double facts_look_rate(const struct facts *facts)
{
    return facts->looking_ns > 0 ? (double)facts->looks * 1e9 / (double)facts->looking_ns : 0;
}
