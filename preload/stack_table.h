/*
 * Interning of stacks: (caller's node, frame) -> node number, in the ring file's
 * nodes, shared by all threads of the process.
 *
 * The index over the nodes is a cache. A node that dropped out of
 * it is defined again under a new number, as all are from time to time (node_room.h): memory stays
 * bounded, nothing is ever locked, and the reader merges equal stacks anyway.
 */
#ifndef PROFINJECT_STACK_TABLE_H
#define PROFINJECT_STACK_TABLE_H

#include "preload/contract/ring_format.h"

#include <stdint.h>

/* Reserves the index (once per process; a fork child empties it). 0 or -ENOMEM. */
int stack_table_init(void);

/* Enlarges it when the nodes fill a quarter of it: a line seldom overflows then. Called by the servant, as
 * ring_extend_nodes(). */
void stack_table_extend(struct ring_file *ring);

/*
 * The number of the node (parent, code) in `generation` of loaded modules;
 * `code` as in struct ring_node. 0 when there is no memory for another node.
 */
uint32_t stack_table_intern_sigsafe(struct ring_file *ring, uint32_t parent, uint64_t code,
                                    uint32_t generation);

#endif
