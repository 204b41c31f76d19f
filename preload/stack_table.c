/*
 * The index over the stack nodes. Its own file because lookup is the handler's
 * second largest cost after the walk, and its memory order is delicate.
 */
#include "preload/stack_table.h"

#include "preload/platform.h"

#include <errno.h>
#include <sys/mman.h>

/* A line of the index is one cache line of words `hash's low half << 32 | node`.
 * 16384 lines hold the stacks of a compiler run; 1 MiB, touched as needed. */
#define WAYS 8u
#define LINE_BITS 14
#define INDEX_SIZE ((size_t)WAYS << LINE_BITS)

static uint64_t *lines;

int stack_table_init(void)
{
    if (lines)
        munmap(lines, INDEX_SIZE * sizeof *lines);
    void *memory = mmap(NULL, INDEX_SIZE * sizeof *lines, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    lines = memory == MAP_FAILED ? NULL : memory;
    return lines ? 0 : -ENOMEM;
}

static uint64_t hash_of(uint32_t parent, uint64_t code, uint32_t generation)
{
    uint64_t hash = (code ^ ((uint64_t)generation << 52)) * 0x9E3779B97F4A7C15u;
    hash = (hash ^ (hash >> 32) ^ parent) * 0xD6E8FEB86659FD93u;
    return hash ^ (hash >> 32);
}

/* A new number with its node filled in, 0 when there is no room. */
static uint32_t define_sigsafe(struct ring_file *ring, uint32_t parent, uint64_t code,
                               uint32_t generation)
{
    uint32_t number = __atomic_load_n(&ring->node_next, __ATOMIC_RELAXED);
    do {
        if (number >= __atomic_load_n(&ring->node_limit, __ATOMIC_ACQUIRE))
            return 0;
    } while (!__atomic_compare_exchange_n(&ring->node_next, &number, number + 1, true,
                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    struct ring_node *node = ring_nodes(ring) + number;
    node->parent = parent;
    node->generation = generation;
    __atomic_store_n(&node->code, code, __ATOMIC_RELEASE);
    return number;
}

uint32_t stack_table_intern_sigsafe(struct ring_file *ring, uint32_t parent, uint64_t code,
                                    uint32_t generation)
{
    uint64_t hash = hash_of(parent, code, generation);
    uint64_t *line = lines + (hash >> (64 - LINE_BITS)) * WAYS;
    const struct ring_node *nodes = ring_nodes(ring);

    for (unsigned way = 0; way < WAYS; way++) {
        /* Pairs with the release store below: the node is whole. */
        uint64_t word = __atomic_load_n(&line[way], __ATOMIC_ACQUIRE);
        if ((uint32_t)hash != word >> 32 || !word)
            continue;
        const struct ring_node *node = &nodes[(uint32_t)word];
        if (PLATFORM_LIKELY(node->code == code && node->parent == parent &&
                            node->generation == generation))
            return (uint32_t)word;
    }
    uint32_t number = define_sigsafe(ring, parent, code, generation);
    if (!number)
        return 0;
    unsigned victim = number % WAYS;
    for (unsigned way = 0; way < WAYS; way++)
        if (!__atomic_load_n(&line[way], __ATOMIC_RELAXED))
            victim = way;
    __atomic_store_n(&line[victim], hash << 32 | number, __ATOMIC_RELEASE);
    return number;
}
