/*
 * Room for stack nodes (ring_format.h, STACKS): a program makes new ones for as long as it runs, and
 * the memory for them is bounded.
 *
 * Numbers are given away in eras, each a quarter of the array. With an era begins a generation of
 * loaded modules, so that whatever remembers nodes forgets them, and a stack that is taken
 * has nodes of the era in which its walk began, defined anew where they are needed. When all that
 * was committed before an era is in the trace, the nodes from before it make room.
 * A walk that takes longer, from before one pass of the drain to behind the next, may end in
 * nodes that are gone: the drain sees that, and the stack ends there as a broken one does.
 *
 * Eras and room: any thread, handlers too. Extending: who serves the ring. Recycling: the drain.
 */
#ifndef PROFINJECT_NODE_ROOM_H
#define PROFINJECT_NODE_ROOM_H

#include "preload/contract/ring_format.h"

static inline uint32_t node_room_era(const struct ring_file *ring)
{
    return ring->node_capacity / 4;
}

/* The number was given away, and the node is still that one. */
static inline bool node_room_has(const struct ring_file *file, uint32_t number)
{
    uint32_t next = __atomic_load_n(&file->node_next, __ATOMIC_ACQUIRE);
    uint32_t floor = __atomic_load_n(&file->node_floor, __ATOMIC_ACQUIRE);
    return number >= TRACE_STACK_FIRST && number - floor < next - floor;
}

/* The first number of the era that is under way. */
uint32_t node_room_era_start_sigsafe(const struct ring_file *ring);

/* Numbers that may be given away now. */
uint32_t node_room_left_sigsafe(const struct ring_file *ring);

/* True when the drain is to come for what is to make room. */
bool node_room_is_short(const struct ring_file *ring);

/* Gives memory to more nodes when less than half a batch is left, later lets those be used again
 * that mean nothing any more. `populate` makes pages present: 0 or a negative code. */
void node_room_extend(struct ring_file *ring, int (*populate)(const void *start, size_t size));

/* Numbers before `floor` mean nothing any more. True when that makes room. */
bool node_room_recycle(struct ring_file *ring, uint32_t floor);

#endif
