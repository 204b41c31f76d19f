/*
 * The index over the stack nodes. Its own file because lookup is the handler's
 * second largest cost after the walk, and its memory order is delicate.
 */
#include "preload/stack_table.h"

#include "preload/bell.h"
#include "preload/contract/node_room.h"
#include "preload/contract/own_memory.h"
#include "preload/modules.h"
#include "preload/pages.h"
#include "preload/platform.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>

/*
 * A line of the index is one cache line of words `hash's low half << 32 | node`. A node
 * is in the line of its parent's number, which four neighbours share: stacks get numbers
 * from the root up, so a walk along one finds line after line. Of a parent with more
 * children than fit, the others are where their hash says.
 *
 * There are 128 KiB of lines at first and 1 MiB, the stacks of a compiler run, at most:
 * what is in use is in the processor's cache and has its memory beforehand.
 */
#define WAYS 8u
#define LINES_FIRST (1u << 11)
#define LINES_MAX (1u << 14)
#define LINE_SIZE (WAYS * sizeof(uint64_t))

#define PARENTS_PER_LINE 4u

static uint64_t *lines;
static uint32_t line_count; /* in use; a power of two */

int stack_table_init(void)
{
    bool forked = lines != NULL; /* most children end before they have a sample */
    lines = own_memory_renew(lines, LINES_MAX * LINE_SIZE, LINES_MAX * LINE_SIZE);
    if (!lines)
        return -ENOMEM;
    line_count = LINES_FIRST;
    return forked || pages_populate(lines, LINES_FIRST * LINE_SIZE) == 0 ? 0 : -ENOMEM;
}

static uint64_t hash_of(uint32_t parent, uint64_t code, uint32_t generation)
{
    uint64_t hash = (code ^ ((uint64_t)generation << 52)) * 0x9E3779B97F4A7C15u;
    hash = (hash ^ (hash >> 32) ^ parent) * 0xD6E8FEB86659FD93u;
    return hash ^ (hash >> 32);
}

static uint64_t *near_line(uint32_t parent, uint32_t count)
{
    return &lines[(parent / PARENTS_PER_LINE & (count - 1)) * WAYS];
}

static uint64_t *far_line(uint64_t hash, uint32_t count)
{
    return &lines[(hash >> 32 & (count - 1)) * WAYS];
}

/* Where a table of `count` lines has the word that one half as large has in `line`. */
static uint64_t *line_in(struct ring_file *ring, uint64_t word, const uint64_t *line,
                         uint32_t count)
{
    const struct ring_node *node = ring_node_at(ring, (uint32_t)word);
    return near_line(node->parent, count / 2) == line
               ? near_line(node->parent, count)
               : far_line(hash_of(node->parent, node->code, node->generation), count);
}

/*
 * A node's line number has one more bit in a table twice as large, so it lies where it
 * did or as far behind. Those that move are copied, then the table is twice as large,
 * then they are taken from where they were: what is interned in between may be defined
 * again, no more.
 */
void stack_table_extend(struct ring_file *ring)
{
    const uint32_t count = line_count, words = count * WAYS;
    uint32_t nodes = __atomic_load_n(&ring->node_next, __ATOMIC_RELAXED);
    uint64_t *upper = lines + words;
    if (count == LINES_MAX || nodes < words / 4 || pages_populate(upper, count * LINE_SIZE) != 0)
        return;
    for (uint32_t i = 0; i < words; i++) {
        uint64_t word = __atomic_load_n(&lines[i], __ATOMIC_ACQUIRE);
        if (word && line_in(ring, word, &lines[i / WAYS * WAYS], 2 * count) >= upper)
            __atomic_store_n(&upper[i], word, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&line_count, 2 * count, __ATOMIC_RELEASE);
    for (uint32_t i = 0; i < words; i++) {
        uint64_t word = __atomic_load_n(&upper[i], __ATOMIC_RELAXED);
        if (word)
            __atomic_compare_exchange_n(&lines[i], &word, 0, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED);
    }
}

/* An era begins with its first number; and the servant is to see to it that there are always some. */
static __attribute__((noinline, cold)) void turn_sigsafe(const struct ring_file *ring,
                                                         uint32_t number)
{
    if (number % node_room_era(ring) == 0)
        modules_begin_era_sigsafe();
    bell_ring_sigsafe();
}

/* A new number with its node filled in, 0 when there is no room. */
static uint32_t define_sigsafe(struct ring_file *ring, uint32_t parent, uint64_t code,
                               uint32_t generation)
{
    uint32_t number = __atomic_load_n(&ring->node_next, __ATOMIC_RELAXED);
    do {
        if ((int32_t)(__atomic_load_n(&ring->node_limit, __ATOMIC_ACQUIRE) - number) <= 0)
            return 0;
    } while (!__atomic_compare_exchange_n(&ring->node_next, &number, number + 1, true,
                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    if (PLATFORM_UNLIKELY(number % (RING_NODE_BATCH / 2) == 0))
        turn_sigsafe(ring, number);
    if (PLATFORM_UNLIKELY(number < TRACE_STACK_FIRST)) /* once round: these are reserved */
        return define_sigsafe(ring, parent, code, generation);
    struct ring_node *node = ring_node_at(ring, number);
    node->parent = parent;
    node->generation = generation;
    __atomic_store_n(&node->code, code, __ATOMIC_RELEASE);
    return number;
}

/* What is asked for; `number` is 0 until it is known. */
struct question {
    uint64_t hash, code;
    uint32_t parent, generation, number;
};

static bool find_sigsafe(const uint64_t *line, struct ring_file *ring, struct question *question)
{
    for (unsigned way = 0; way < WAYS; way++) {
        /* Pairs with the release store of the word: the node is whole. */
        uint64_t word = __atomic_load_n(&line[way], __ATOMIC_ACQUIRE);
        if ((uint32_t)question->hash != word >> 32 || !word)
            continue;
        const struct ring_node *node = ring_node_at(ring, (uint32_t)word);
        if (PLATFORM_LIKELY(node->code == question->code && node->parent == question->parent &&
                            node->generation == question->generation)) {
            question->number = (uint32_t)word;
            return true;
        }
    }
    return false;
}

/* A word of the line that is empty, or of a node of before this era; NULL when there is none. */
static uint64_t *room_in(uint64_t *line, uint32_t era_start)
{
    for (unsigned way = 0; way < WAYS; way++) {
        uint64_t word = __atomic_load_n(&line[way], __ATOMIC_RELAXED);
        if (!word || (int32_t)((uint32_t)word - era_start) < 0)
            return &line[way];
    }
    return NULL;
}

uint32_t stack_table_intern_sigsafe(struct ring_file *ring, uint32_t parent, uint64_t code,
                                    uint32_t generation)
{
    struct question question = {.hash = hash_of(parent, code, generation),
                                .code = code,
                                .parent = parent,
                                .generation = generation};
    /* Pairs with the release store in stack_table_extend(): the lines are copied. */
    uint32_t count = __atomic_load_n(&line_count, __ATOMIC_ACQUIRE);
    uint64_t *near = near_line(parent, count), *far = far_line(question.hash, count);

    if (PLATFORM_LIKELY(find_sigsafe(near, ring, &question)))
        return question.number;
    uint32_t era_start = node_room_era_start_sigsafe(ring);
    uint64_t *place = room_in(near, era_start);
    if (!place && find_sigsafe(far, ring, &question))
        return question.number;
    uint32_t number = define_sigsafe(ring, parent, code, generation);
    if (!number)
        return 0;
    if (!place)
        place = room_in(far, era_start);
    if (!place)
        place = &far[number % WAYS];
    __atomic_store_n(place, question.hash << 32 | number, __ATOMIC_RELEASE);
    return number;
}
