/*
 * Fitting of parts to their entries. Its own file because entries know nothing of time.
 */
#include "analyzer/load/timed_parts.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

struct fit {
    double whole;  /* of the parts noted, in their unit */
    double before; /* of it: of those fitted */
    uint64_t told; /* nanoseconds of those */
};

void timed_parts_add(struct timed_parts *parts, const struct timed_part *part)
{
    if (!parts->wanted || part->length == 0)
        return;
    parts->items = memory_grow(parts->items, parts->count, &parts->capacity, sizeof(*parts->items));
    parts->items[parts->count++] = *part;
}

void timed_parts_release(struct timed_parts *parts)
{
    free(parts->items);
    memset(parts, 0, sizeof(*parts));
}

/* Looks end as the waits they found, see wait_visitor.c. */
static enum entry_state final_state(uint32_t state)
{
    return (enum entry_state)(state >= ENTRY_LOOKED ? state - ENTRY_LOOKED + ENTRY_WAITING : state);
}

void timed_parts_find(struct timed_parts *parts, struct trace_entries *entries)
{
    for (size_t i = 0; i < parts->count; i++) {
        struct timed_part *part = &parts->items[i];
        const struct trace_entry *entry = trace_entries_find(
            entries, part->thread, part->stack, part->region, final_state(part->state));
        part->entry = (uint32_t)(entry - entries->items);
    }
}

static void fit_part(struct timed_part *part, struct fit *fit, int64_t time_ns)
{
    double whole_ns = time_ns > 0 ? (double)time_ns : 0;

    fit->before += (double)part->length;
    uint64_t until = fit->before >= fit->whole ? (uint64_t)(time_ns > 0 ? time_ns : 0)
                                               : (uint64_t)(whole_ns * (fit->before / fit->whole));
    part->length = until > fit->told ? until - fit->told : 0;
    fit->told += part->length;
}

static void add_whole(struct timed_parts *parts, const struct trace_entry *entry, uint32_t number,
                      const struct profile_thread *thread)
{
    timed_parts_add(parts, &(struct timed_part){.time_ns = thread->end_ns,
                                                .span_ns = thread->end_ns > thread->start_ns
                                                               ? thread->end_ns - thread->start_ns
                                                               : 0,
                                                .length = (uint64_t)entry->time_ns,
                                                .thread = entry->thread,
                                                .stack = entry->stack,
                                                .region = entry->region,
                                                .state = entry->state,
                                                .entry = number});
}

void timed_parts_fit(struct timed_parts *parts, const struct trace_entries *entries,
                     const struct profile_thread *threads)
{
    if (!parts->wanted)
        return;
    struct fit *fits = memory_alloc((entries->count + 1) * sizeof(*fits));
    for (size_t i = 0; i < parts->count; i++)
        fits[parts->items[i].entry].whole += (double)parts->items[i].length;
    for (size_t i = 0; i < parts->count; i++) {
        struct timed_part *part = &parts->items[i];
        fit_part(part, &fits[part->entry], entries->items[part->entry].time_ns);
    }
    for (size_t i = 0; i < entries->count; i++) {
        const struct trace_entry *entry = &entries->items[i];
        if (fits[i].whole == 0 && entry->time_ns > 0)
            add_whole(parts, entry, (uint32_t)i, &threads[entry->thread]);
    }
    free(fits);
}
