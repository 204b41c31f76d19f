/* Following of wake-ups. Its own file because it goes from thread to thread in time. */
#include "analyzer/model/wake_chains.h"

#include "analyzer/model/wait_kind.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>
#include <string.h>

/* Single waits that somebody ended, by thread, then by their ends. */
struct ends {
    const struct profile_single **waits;
    size_t count;
};

/* No padding: key_table compares bytes. */
struct chain_key {
    uint32_t threads[WAKE_CHAIN_MAX], count;
};

static int compare_ends(const void *a, const void *b)
{
    const struct profile_single *left = *(const struct profile_single *const *)a;
    const struct profile_single *right = *(const struct profile_single *const *)b;

    if (left->thread != right->thread)
        return left->thread < right->thread ? -1 : 1;
    return (left->end_ns > right->end_ns) - (left->end_ns < right->end_ns);
}

static bool is_woken(const struct profile_single *single)
{
    return single->peer_thread != WAIT_THREAD_NONE && single->peer_thread != single->thread &&
           !single->open && wait_kind_group(single->kind) != WAIT_GROUP_LOCK;
}

static struct ends ends_of(const struct profile *profile)
{
    struct ends ends = {.waits = memory_alloc((profile->single_count + 1) * sizeof(*ends.waits))};

    for (size_t i = 0; i < profile->single_count; i++)
        if (is_woken(&profile->singles[i]))
            ends.waits[ends.count++] = &profile->singles[i];
    if (ends.count > 0)
        qsort(ends.waits, ends.count, sizeof(*ends.waits), compare_ends);
    return ends;
}

/* The last wait of who ended `wait`, that ended while that lasted; NULL: none. */
static const struct profile_single *cause_of(const struct ends *ends,
                                             const struct profile_single *wait)
{
    size_t low = 0, high = ends->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct profile_single *other = ends->waits[middle];
        if (other->thread < wait->peer_thread ||
            (other->thread == wait->peer_thread && other->end_ns <= wait->end_ns))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || ends->waits[low - 1]->thread != wait->peer_thread ||
        ends->waits[low - 1]->end_ns < wait->begin_ns)
        return NULL;
    return ends->waits[low - 1];
}

static bool is_in(const struct chain_key *chain, uint32_t thread)
{
    for (uint32_t i = 0; i < chain->count; i++)
        if (chain->threads[i] == thread)
            return true;
    return false;
}

/* Ends where a thread comes again: two that hand each other work are no chain. */
static struct chain_key follow(const struct ends *ends, const struct profile_single *wait)
{
    struct chain_key chain = {.threads = {wait->thread}, .count = 1};

    for (; wait != NULL && chain.count < WAKE_CHAIN_MAX && !is_in(&chain, wait->peer_thread);
         wait = cause_of(ends, wait))
        chain.threads[chain.count++] = wait->peer_thread;
    return chain;
}

static int compare_chains(const void *a, const void *b)
{
    const struct wake_chain *left = a, *right = b;

    if (left->waited_ns != right->waited_ns)
        return left->waited_ns > right->waited_ns ? -1 : 1;
    return memcmp(left->threads, right->threads, sizeof(left->threads));
}

void wake_chains_init(struct wake_chains *chains, const struct profile *profile)
{
    struct key_table *index = key_table_new(sizeof(struct chain_key));
    struct ends ends = ends_of(profile);
    size_t capacity = 0;

    *chains = (struct wake_chains){.count = 0};
    for (size_t i = 0; i < ends.count; i++) {
        struct chain_key key = follow(&ends, ends.waits[i]);
        if (key.count < 3)
            continue;
        uint32_t number = key_table_add(index, &key, (uint32_t)chains->count);
        if (number == chains->count) {
            chains->items =
                memory_grow(chains->items, chains->count, &capacity, sizeof(*chains->items));
            struct wake_chain *new = &chains->items[chains->count++];
            *new = (struct wake_chain){.count = key.count};
            memcpy(new->threads, key.threads, sizeof(key.threads));
        }
        struct wake_chain *chain = &chains->items[number];
        chain->times++;
        chain->waited_ns =
            sum_unsigned(chain->waited_ns, ends.waits[i]->end_ns - ends.waits[i]->begin_ns);
    }
    if (chains->count > 0)
        qsort(chains->items, chains->count, sizeof(*chains->items), compare_chains);
    free(ends.waits);
    key_table_free(index);
}

void wake_chains_release(struct wake_chains *chains)
{
    free(chains->items);
}
