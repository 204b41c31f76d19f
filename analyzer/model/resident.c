/*
 * Taking resident memory apart. Its own file because what follows from what is an argument,
 * and stands here once.
 */
#include "analyzer/model/resident.h"

#include <math.h>

static uint64_t less(uint64_t value, uint64_t part)
{
    return value > part ? value - part : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void tell(struct resident_parts *parts, enum resident_part part, uint64_t bytes)
{
    parts->bytes[part] = bytes;
    parts->known |= 1u << part;
}

/*
 * Live blocks are in mappings of their own, which end with them, or where the allocator has
 * the others. What is resident there beyond what those need is nobody's. Blocks that were
 * never touched make it look smaller than it is.
 */
static void tell_heap(const struct profile_resident *look, struct resident_parts *parts)
{
    uint64_t fragmentation = less(look->held_resident, less(look->live, look->large));

    tell(parts, RESIDENT_FRAGMENTATION, fragmentation);
    tell(parts, RESIDENT_LIVE, look->held_resident - fragmentation + look->large_resident);
}

/* As the kernel counts, of all areas. */
static void tell_kinds(const struct profile_resident *look, struct resident_parts *parts)
{
    tell(parts, RESIDENT_STACKS, look->stacks);
    if (look->known & TRACE_RESIDENT_PAGES)
        tell(parts, RESIDENT_LAZY, look->lazy);
    tell(parts, RESIDENT_SHMEM, least(look->shmem, look->shared));
    tell(parts, RESIDENT_FILES, less(look->shared, look->shmem));
    tell(parts, RESIDENT_DATA, look->data);
    tell(parts, RESIDENT_OWN, look->own);
}

struct resident_parts resident_parts_of(const struct profile_resident *look)
{
    const unsigned heap = TRACE_RESIDENT_LIVE | TRACE_RESIDENT_HELD | TRACE_RESIDENT_KINDS;
    struct resident_parts parts = {.known = 1u << RESIDENT_OTHER};
    uint64_t rest = look->resident;

    if (look->known & TRACE_RESIDENT_KINDS)
        tell_kinds(look, &parts);
    else
        tell(&parts, RESIDENT_FILES, least(look->shared, look->resident));
    if (look->known & TRACE_RESIDENT_MAPPED)
        tell(&parts, RESIDENT_MAPPED, look->mapped_resident);
    if ((look->known & heap) == heap)
        tell_heap(look, &parts);
    for (int part = 0; part < RESIDENT_OTHER; part++) {
        parts.bytes[part] = least(parts.bytes[part], rest);
        rest -= parts.bytes[part];
    }
    parts.bytes[RESIDENT_OTHER] = rest;
    return parts;
}

size_t resident_peak(const struct profile_mapped *mapped)
{
    size_t peak = 0;

    for (size_t i = 1; i < mapped->look_count; i++)
        if (mapped->looks[i].resident > mapped->looks[peak].resident)
            peak = i;
    return peak;
}

typedef bool is_better(const struct resident_most *one, const struct resident_most *other);

static bool is_more(const struct resident_most *one, const struct resident_most *other)
{
    return one->bytes > other->bytes;
}

static bool is_later(const struct resident_most *one, const struct resident_most *other)
{
    return one->time_ns > other->time_ns;
}

/* A series may go on, or have begun, outside the time that was chosen. */
static void see_series(struct resident_most *best, const struct profile *profile,
                       const struct profile_process *process, is_better *better)
{
    const struct resource_series *series =
        resources_find(&profile->resources, "process.rss", NULL,
                       (uint32_t)(process - profile->processes), RESOURCE_NOBODY);

    for (size_t i = 0; series != NULL && i < series->count; i++) {
        const struct resource_point *point = &series->points[i];
        bool is_chosen = point->time_ns >= profile->from_ns &&
                         (profile->to_ns == 0 || point->time_ns <= profile->to_ns);
        if (!is_chosen || !isfinite(point->value) || point->value <= 0)
            continue;
        struct resident_most one = {RESIDENT_SEEN_BY_SERIES, (uint64_t)llround(point->value),
                                    point->time_ns};
        if (better(&one, best))
            *best = one;
    }
}

static struct resident_most seen_by_look(const struct profile_mapped *mapped, size_t number)
{
    if (mapped->look_count == 0)
        return (struct resident_most){.bytes = 0};
    const struct profile_resident *look = &mapped->looks[number];
    return (struct resident_most){RESIDENT_SEEN_BY_LOOK, look->resident, look->time_ns};
}

/* The mark is of the process's whole life: of a part it speaks only if it rose there. */
static void see_mark(struct resident_most *most, const struct profile *profile,
                     const struct profile_mapped *mapped)
{
    uint64_t mark = mapped->looks[mapped->look_count - 1].highest;
    struct resident_most one = {RESIDENT_SEEN_BY_KERNEL, mark, 0};

    if (profile->from_ns != 0 && mark <= mapped->looks[0].highest)
        return;
    if ((double)mark <= (1 + RESIDENT_UNSEEN_LEAST) * (double)most->bytes)
        one.time_ns = most->time_ns;
    if (is_more(&one, most))
        *most = one;
}

struct resident_most resident_most(const struct profile *profile,
                                   const struct profile_process *process)
{
    const struct profile_mapped *mapped = &process->mapped;
    struct resident_most most = seen_by_look(mapped, resident_peak(mapped));

    see_series(&most, profile, process, is_more);
    if (mapped->look_count > 0)
        see_mark(&most, profile, mapped);
    return most;
}

struct resident_most resident_last(const struct profile *profile,
                                   const struct profile_process *process)
{
    const struct profile_mapped *mapped = &process->mapped;
    struct resident_most last = seen_by_look(mapped, mapped->look_count - 1);

    see_series(&last, profile, process, is_later);
    return last;
}

const char *resident_part_name(enum resident_part part)
{
    static const char *const names[RESIDENT_PARTS] = {
        [RESIDENT_LIVE] = "live heap",       [RESIDENT_FRAGMENTATION] = "fragmentation",
        [RESIDENT_MAPPED] = "mapped",        [RESIDENT_STACKS] = "stacks",
        [RESIDENT_LAZY] = "lazily freed",    [RESIDENT_SHMEM] = "shared memory",
        [RESIDENT_FILES] = "files",          [RESIDENT_DATA] = "private file data",
        [RESIDENT_OWN] = "profinject's own", [RESIDENT_OTHER] = "other",
    };

    return names[part];
}

const char *resident_part_label(enum resident_part part)
{
    return part == RESIDENT_LIVE || part == RESIDENT_FRAGMENTATION || part == RESIDENT_OTHER
               ? "estimated"
               : "exact";
}
