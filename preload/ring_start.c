/*
 * Beginnings of traces in rings. Its own file because constructor and servant both may be the
 * one that has room on its stack for it.
 */
#include "preload/ring_start.h"

#include "preload/contract/drain_encode.h"
#include "preload/modules.h"
#include "preload/pages.h"
#include "preload/ring.h"

#include <string.h>

#define LARGEST (2 * sizeof(struct module)) /* record of a module */

static void put_records(struct drain *drain)
{
    const struct module_map *map = &drain->modules;
    struct buffer *to = &drain->payload;
    buffer_clear(to);
    buffer_bytes(to, drain->properties.bytes, drain->properties.size);
    for (uint32_t i = 0; i < map->count && to->size + LARGEST < RING_START; i++)
        encode_module(to, &drain->columns, i + 1, &map->modules[i]);
}

void ring_start_leave(struct drain *drain)
{
    struct ring_file *ring = drain->ring;
    bool known = ring && ring->start_size && drain->modules.count;
    if (!ring || known || drain_scan_modules(drain, modules_told_generation()) != 0 ||
        ring->start_size)
        return;
    put_records(drain);
    const struct buffer *records = &drain->payload;
    if (records->size > sizeof ring->start || ring_is_private() ||
        pages_populate(ring->start, records->size) != 0)
        return;
    memcpy(ring->start, records->bytes, records->size);
    __atomic_store_n(&ring->start_size, records->size, __ATOMIC_RELEASE);
}
