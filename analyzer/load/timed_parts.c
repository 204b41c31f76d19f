/*
 * Fitting of parts to their entries. Its own file because entries know nothing of time.
 */
#include "analyzer/load/timed_parts.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

#define WIDEST_NS ((uint64_t)1 << 50) /* 13 days: all of a recording is one slice */

struct fit {
    double whole;  /* of the parts noted, in their unit */
    double before; /* of it: of those fitted */
    uint64_t told; /* nanoseconds of those */
};

static void append(struct timed_parts *parts, const struct timed_part *part)
{
    parts->items = memory_grow(parts->items, parts->count, &parts->capacity, sizeof(*parts->items));
    parts->items[parts->count++] = *part;
}

/* To the part of the same entry in the same slice, which begins when the first did and ends with
 * the last. */
static void add_to_slice(struct timed_parts *parts, const struct timed_part *part)
{
    struct timed_part sliced = *part;

    sliced.slice = part->time_ns / parts->slice_ns;
    size_t number = element_index_add(&parts->index, parts->items, &sliced);
    if (number == parts->count) {
        append(parts, &sliced);
        return;
    }
    struct timed_part *of = &parts->items[number];
    uint64_t begin_ns = of->time_ns - of->span_ns;
    if (part->time_ns - part->span_ns < begin_ns)
        begin_ns = part->time_ns - part->span_ns;
    if (part->time_ns > of->time_ns)
        of->time_ns = part->time_ns;
    of->span_ns = of->time_ns - begin_ns;
    of->length += part->length;
}

void timed_parts_slice(struct timed_parts *parts, uint64_t slice_ns)
{
    parts->slice_ns = slice_ns;
    element_index_release(&parts->index);
    element_index_init(&parts->index, sizeof(*parts->items), offsetof(struct timed_part, time_ns));
}

static void widen(struct timed_parts *parts)
{
    size_t count = parts->count;

    timed_parts_slice(parts, parts->slice_ns == 0 ? TIMED_PARTS_FIRST_NS : 2 * parts->slice_ns);
    parts->count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct timed_part part = parts->items[i]; /* never behind what is written */
        add_to_slice(parts, &part);
    }
}

/* A quarter, so that it is not soon wanted again; of entries there may be more than that. */
static void make_room(struct timed_parts *parts)
{
    while (parts->count > TIMED_PARTS_MOST / 4 * 3 && parts->slice_ns < WIDEST_NS)
        widen(parts);
    parts->most = parts->count > TIMED_PARTS_MOST / 4 * 3 ? 2 * parts->count : TIMED_PARTS_MOST;
}

void timed_parts_add(struct timed_parts *parts, const struct timed_part *part)
{
    if (!parts->wanted || part->length == 0)
        return;
    if (parts->slice_ns == 0)
        append(parts, part);
    else
        add_to_slice(parts, part);
    if (parts->count >= (parts->most > 0 ? parts->most : TIMED_PARTS_MOST))
        make_room(parts);
}

void timed_parts_release(struct timed_parts *parts)
{
    free(parts->items);
    element_index_release(&parts->index);
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
