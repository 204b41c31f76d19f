/*
 * Looking up addresses. Its own file because it is tuned for processors' caches, and
 * knows nothing of what the addresses are.
 */
#include "analyzer/model/address_index.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

#define GRANULE_BITS 8          /* bytes: a few small blocks begin in each */
#define GAP ((uint64_t)1 << 16) /* larger ones are not indexed */
#define AHEAD 16                /* look-ups between a fetch and its use */

static uint64_t address_at(const struct address_index *index, size_t number)
{
    uint64_t address;

    memcpy(&address, index->addresses + number * index->stride, sizeof(address));
    return address;
}

/* The extent's granules up to `end` begin with address `number`, or later. */
static void fill(struct address_index *index, struct address_extent *extent, size_t end,
                 size_t number)
{
    for (; extent->granules < end; extent->granules++) {
        index->first = memory_grow(index->first, index->granule_count, &index->granule_capacity,
                                   sizeof(*index->first));
        index->first[index->granule_count++] = (uint32_t)number;
    }
}

static size_t granule_of(const struct address_extent *extent, uint64_t address)
{
    return (size_t)((address - extent->start) >> GRANULE_BITS);
}

void address_index_init(struct address_index *index, const uint64_t *addresses, size_t stride,
                        size_t count)
{
    struct address_extent *extent = NULL;
    uint64_t before = 0;

    *index = (struct address_index){
        .addresses = (const char *)addresses, .stride = stride, .count = count};
    for (size_t i = 0; i < count; i++) {
        uint64_t address = address_at(index, i);
        if (extent == NULL || address - before >= GAP) {
            if (extent != NULL)
                fill(index, extent, extent->granules + 1, i);
            index->extents = memory_grow(index->extents, index->extent_count,
                                         &index->extent_capacity, sizeof(*index->extents));
            extent = &index->extents[index->extent_count++];
            *extent = (struct address_extent){.start = address, .granule = index->granule_count};
        }
        fill(index, extent, granule_of(extent, address) + 1, i);
        before = address;
    }
    if (extent != NULL)
        fill(index, extent, extent->granules + 1, count);
}

void address_index_release(struct address_index *index)
{
    free(index->extents);
    free(index->first);
    memset(index, 0, sizeof(*index));
}

/* The last extent that begins at or below; NULL: none. `hint` is one of them. */
static const struct address_extent *extent_of(const struct address_index *index, uint64_t address,
                                              const struct address_extent *hint)
{
    const struct address_extent *end = index->extents + index->extent_count;
    size_t low = 0, high = index->extent_count;

    if (hint != NULL && hint->start <= address && (hint + 1 == end || hint[1].start > address))
        return hint;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->extents[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &index->extents[low - 1] : NULL;
}

/* Where it says what begins behind the granule of `address`; NULL: all are above. */
static const uint32_t *slot_of(const struct address_index *index, uint64_t address,
                               const struct address_extent **hint)
{
    const struct address_extent *extent = extent_of(index, address, *hint);

    if (extent == NULL)
        return NULL;
    *hint = extent;
    size_t granule = granule_of(extent, address) + 1;
    if (granule >= extent->granules)
        granule = extent->granules - 1;
    return &index->first[extent->granule + granule];
}

/* From the first address behind the granule backwards. */
static uint32_t last_before(const struct address_index *index, const uint32_t *slot,
                            uint64_t address)
{
    size_t number = *slot - 1;

    while (address_at(index, number) > address)
        number--;
    return (uint32_t)number;
}

/* Three look-ups at a time: for one the index is fetched, for one the addresses it names,
 * and one is done. */
void address_index_find(const struct address_index *index, const uint64_t *wanted,
                        uint32_t *numbers, size_t count)
{
    const uint32_t *slots[2 * AHEAD];
    const struct address_extent *hint = NULL;

    for (size_t i = 0; i < count + 2 * AHEAD; i++) {
        if (i >= 2 * AHEAD) {
            const uint32_t *slot = slots[i % (2 * AHEAD)];
            uint64_t address = wanted[i - 2 * AHEAD];
            numbers[i - 2 * AHEAD] =
                slot != NULL ? last_before(index, slot, address) : ADDRESS_INDEX_NONE;
        }
        if (i >= AHEAD && i < count + AHEAD && slots[(i - AHEAD) % (2 * AHEAD)] != NULL)
            __builtin_prefetch(index->addresses +
                               (*slots[(i - AHEAD) % (2 * AHEAD)] - (size_t)1) * index->stride);
        if (i < count) {
            slots[i % (2 * AHEAD)] = slot_of(index, wanted[i], &hint);
            __builtin_prefetch(slots[i % (2 * AHEAD)]);
        }
    }
}
