/* Lock order. Its own file because it alone puts waits of different locks together. */
#include "analyzer/model/lock_order.h"

#include "analyzer/model/wait_kind.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

#define EDGES_MAX 512u /* each is followed along all others */

struct pair {
    uint32_t held, asked;
};

/* Single waits for locks, by thread, then by time. */
struct line {
    const struct profile_single **waits;
    size_t count;
};

static int compare_waits(const void *a, const void *b)
{
    const struct profile_single *left = *(const struct profile_single *const *)a;
    const struct profile_single *right = *(const struct profile_single *const *)b;

    if (left->thread != right->thread)
        return left->thread < right->thread ? -1 : 1;
    return (left->begin_ns > right->begin_ns) - (left->begin_ns < right->begin_ns);
}

static struct line line_of(const struct profile *profile)
{
    struct line line = {.waits = memory_alloc((profile->single_count + 1) * sizeof(*line.waits))};

    for (size_t i = 0; i < profile->single_count; i++) {
        const struct profile_single *single = &profile->singles[i];
        if (wait_kind_group(single->kind) == WAIT_GROUP_LOCK && single->object != WAIT_OBJECT_NONE)
            line.waits[line.count++] = single;
    }
    if (line.count > 0)
        qsort(line.waits, line.count, sizeof(*line.waits), compare_waits);
    return line;
}

/* The first wait of a thread that begins at `time_ns` or later; others follow. */
static size_t first_from(const struct line *line, uint32_t thread, uint64_t time_ns)
{
    size_t low = 0, high = line->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct profile_single *wait = line->waits[middle];
        if (wait->thread < thread || (wait->thread == thread && wait->begin_ns < time_ns))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t end_of(const struct profile_single *single)
{
    return single->open ? UINT64_MAX : single->end_ns;
}

static void add_edge(struct lock_order *order, struct key_table *index,
                     const struct profile_single *holder, const struct profile_single *waiter)
{
    struct pair pair = {waiter->object, holder->object};
    struct lock_edge edge = {pair.held, pair.asked, holder, waiter, holder->open && waiter->open};

    if (pair.held == pair.asked || order->edge_count == EDGES_MAX)
        return;
    uint32_t number = key_table_add(index, &pair, (uint32_t)order->edge_count);
    if (number == order->edge_count) {
        order->edges = memory_grow(order->edges, order->edge_count, &order->edge_capacity,
                                   sizeof(*order->edges));
        order->edges[order->edge_count++] = edge;
    } else if (edge.open && !order->edges[number].open) {
        order->edges[number] = edge;
    }
}

/* What the thread waited for that had the lock `waiter` waits for, and did so until the thread went
 * on. Waits of one thread do not overlap: of those that began before the waiter's only the last can
 * reach into it. */
static void find_edges(struct lock_order *order, struct key_table *index, const struct line *line,
                       const struct profile_single *waiter)
{
    size_t at = first_from(line, waiter->peer_thread, waiter->begin_ns);

    at -= at > 0 && line->waits[at - 1]->thread == waiter->peer_thread;
    for (; at < line->count && line->waits[at]->thread == waiter->peer_thread; at++) {
        const struct profile_single *holder = line->waits[at];
        if (holder->begin_ns >= end_of(waiter))
            return;
        if (end_of(holder) > waiter->begin_ns && end_of(waiter) >= end_of(holder))
            add_edge(order, index, holder, waiter);
    }
}

/* The way from lock `from` to lock `to` with the fewest edges; how many, 0: there is none. */
static size_t shortest_way(const struct lock_order *order, uint32_t from, uint32_t to,
                           const struct lock_edge **way)
{
    struct visit {
        size_t edge, before;
    } *visits = memory_alloc((order->edge_count + 1) * sizeof(*visits));
    bool *used = memory_alloc(order->edge_count + 1);
    size_t count = 0, length = 0, found = SIZE_MAX;

    for (size_t next = 0; next <= count && found == SIZE_MAX; next++) {
        uint32_t lock = next == 0 ? from : order->edges[visits[next - 1].edge].asked;
        for (size_t e = 0; e < order->edge_count && found == SIZE_MAX; e++) {
            if (used[e] || order->edges[e].held != lock)
                continue;
            used[e] = true;
            visits[count++] = (struct visit){e, next};
            found = order->edges[e].asked == to ? count : SIZE_MAX;
        }
    }
    for (size_t at = found; found != SIZE_MAX && at > 0; at = visits[at - 1].before)
        length++;
    for (size_t at = found, i = length; i > 0 && length < LOCK_CYCLE_MAX;
         at = visits[at - 1].before)
        way[--i] = &order->edges[visits[at - 1].edge];
    free(used);
    free(visits);
    return length < LOCK_CYCLE_MAX ? length : 0;
}

/* Begins with the edge of the lowest lock, so that a cycle looks the same wherever it was found. */
static void turn(struct lock_cycle *cycle)
{
    const struct lock_edge *turned[LOCK_CYCLE_MAX];
    size_t lowest = 0;

    for (size_t i = 1; i < cycle->count; i++)
        if (cycle->edges[i]->held < cycle->edges[lowest]->held)
            lowest = i;
    for (size_t i = 0; i < cycle->count; i++)
        turned[i] = cycle->edges[(lowest + i) % cycle->count];
    memcpy(cycle->edges, turned, cycle->count * sizeof(*turned));
}

static bool is_known(const struct lock_order *order, const struct lock_cycle *cycle)
{
    for (size_t i = 0; i < order->cycle_count; i++)
        if (order->cycles[i].count == cycle->count &&
            memcmp(order->cycles[i].edges, cycle->edges, cycle->count * sizeof(*cycle->edges)) == 0)
            return true;
    return false;
}

static void find_cycle(struct lock_order *order, const struct lock_edge *edge)
{
    struct lock_cycle cycle = {.edges = {edge}, .deadlock = edge->open};
    size_t length = shortest_way(order, edge->asked, edge->held, cycle.edges + 1);

    if (length == 0)
        return;
    cycle.count = length + 1;
    for (size_t i = 1; i < cycle.count; i++)
        cycle.deadlock &= cycle.edges[i]->open;
    turn(&cycle);
    if (is_known(order, &cycle))
        return;
    order->cycles = memory_grow(order->cycles, order->cycle_count, &order->cycle_capacity,
                                sizeof(*order->cycles));
    order->cycles[order->cycle_count++] = cycle;
}

static int compare_cycles(const void *a, const void *b)
{
    const struct lock_cycle *left = a, *right = b;

    if (left->deadlock != right->deadlock)
        return left->deadlock ? -1 : 1;
    if (left->count != right->count)
        return left->count < right->count ? -1 : 1;
    return (left->edges[0] > right->edges[0]) - (left->edges[0] < right->edges[0]);
}

void lock_order_init(struct lock_order *order, const struct profile *profile)
{
    struct key_table *index = key_table_new(sizeof(struct pair));
    struct line line = line_of(profile);

    *order = (struct lock_order){.edge_count = 0};
    for (size_t i = 0; i < line.count; i++)
        if (line.waits[i]->peer_thread != WAIT_THREAD_NONE)
            find_edges(order, index, &line, line.waits[i]);
    for (size_t i = 0; i < order->edge_count; i++)
        find_cycle(order, &order->edges[i]);
    if (order->cycle_count > 0)
        qsort(order->cycles, order->cycle_count, sizeof(*order->cycles), compare_cycles);
    free(line.waits);
    key_table_free(index);
}

void lock_order_release(struct lock_order *order)
{
    free(order->edges);
    free(order->cycles);
}
