/*
 * Taking resident memory apart. Its own file because what follows from what is an argument,
 * and stands here once.
 */
#include "analyzer/model/resident.h"

static uint64_t less(uint64_t value, uint64_t part)
{
    return value > part ? value - part : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Private memory neither of the program's mappings nor where the allocator has its small
 * blocks: large blocks, which have mappings of their own, stacks, data of libraries. */
static uint64_t outside(const struct profile_resident *look)
{
    return less(less(look->resident, look->shared), look->mapped_resident + look->held_resident);
}

/* What of it is no large block: as much as there was when there was least. */
static uint64_t base_of(const struct profile_mapped *mapped)
{
    uint64_t base = UINT64_MAX;

    for (size_t i = 0; i < mapped->look_count; i++)
        base = least(base, outside(&mapped->looks[i]));
    return base;
}

/*
 * Live blocks are where the allocator has its small ones, or outside. What is resident
 * outside beyond the base is large blocks, as far as there are live bytes; what is left of
 * the live bytes is inside. Where that is less than what is resident there, the rest is
 * nobody's. Blocks that were never touched make it look smaller than it is.
 */
static void tell_heap(const struct profile_resident *look, uint64_t base,
                      struct resident_parts *parts)
{
    uint64_t large = least(look->live, less(outside(look), base));
    uint64_t inside = look->live - large;

    parts->bytes[RESIDENT_FRAGMENTATION] = less(look->held_resident, inside);
    parts->bytes[RESIDENT_LIVE] =
        look->held_resident - parts->bytes[RESIDENT_FRAGMENTATION] + large;
    parts->known |= 1u << RESIDENT_FRAGMENTATION | 1u << RESIDENT_LIVE;
}

struct resident_parts resident_parts_of(const struct profile_mapped *mapped, size_t number)
{
    const unsigned heap = TRACE_RESIDENT_LIVE | TRACE_RESIDENT_HELD;
    const struct profile_resident *look = &mapped->looks[number];
    struct resident_parts parts = {.known = 1u << RESIDENT_SHARED | 1u << RESIDENT_OTHER};
    uint64_t rest = look->resident;

    parts.bytes[RESIDENT_SHARED] = least(look->shared, look->resident);
    if (look->known & TRACE_RESIDENT_MAPPED) {
        parts.bytes[RESIDENT_MAPPED] = look->mapped_resident;
        parts.known |= 1u << RESIDENT_MAPPED;
    }
    if ((look->known & heap) == heap)
        tell_heap(look, base_of(mapped), &parts);
    for (int part = 0; part < RESIDENT_OTHER; part++)
        rest = less(rest, parts.bytes[part]);
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

const char *resident_part_name(enum resident_part part)
{
    static const char *const names[RESIDENT_PARTS] = {
        [RESIDENT_LIVE] = "live heap", [RESIDENT_FRAGMENTATION] = "fragmentation",
        [RESIDENT_MAPPED] = "mapped",  [RESIDENT_SHARED] = "files and shared",
        [RESIDENT_OTHER] = "other",
    };

    return names[part];
}

const char *resident_part_label(enum resident_part part)
{
    static const char *const labels[RESIDENT_PARTS] = {
        [RESIDENT_LIVE] = "estimated",  [RESIDENT_FRAGMENTATION] = "estimated",
        [RESIDENT_MAPPED] = "exact",    [RESIDENT_SHARED] = "exact",
        [RESIDENT_OTHER] = "estimated",
    };

    return labels[part];
}

enum resident_part resident_most_beyond(const struct resident_parts *parts)
{
    enum resident_part most = RESIDENT_FRAGMENTATION;

    for (enum resident_part part = RESIDENT_MAPPED; part < RESIDENT_PARTS; part++)
        if (parts->bytes[part] > parts->bytes[most])
            most = part;
    return most;
}
