/*
 * Entering and leaving regions. Its own file because both must be cheap enough to
 * stand around a request: a lock-free look-up by content, two clock readings.
 */
#include "preload/regions.h"

#include "preload/contract/libc_clock.h"
#include "preload/ring.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define INDEX_SIZE 4096u /* four times the regions; power of two */

static struct {
    struct ring_file *ring;
    pthread_mutex_t lock;       /* of making one */
    uint16_t index[INDEX_SIZE]; /* open addressing; 0: empty */
    uint64_t no_room, no_thread, unbalanced, deep;
} regions = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct {
    uint32_t depth;
    char names[THREAD_REGIONS][RING_NAME];
} saved;

void regions_use_ring(struct ring_file *ring)
{
    const pthread_mutex_t fresh = PTHREAD_MUTEX_INITIALIZER;
    regions.ring = ring;
    regions.lock = fresh; /* in a fork child another thread may have held it */
    memset(regions.index, 0, sizeof regions.index);
    regions.no_room = regions.no_thread = regions.unbalanced = regions.deep = 0;
}

/* FNV-1a; names are short. */
static uint32_t hash_of(uint32_t parent, const char *name, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325u ^ parent;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)name[i]) * 0x100000001b3u;
    hash *= 0x9E3779B97F4A7C15u;
    return (uint32_t)(hash >> 32);
}

/* The region's number, or 0 with the place in the index where it would go. */
static uint32_t find(uint32_t parent, const char *name, size_t length, uint32_t *at)
{
    for (*at = hash_of(parent, name, length) % INDEX_SIZE;; *at = (*at + 1) % INDEX_SIZE) {
        /* Pairs with the release store in make(): the region is whole. */
        uint32_t number = __atomic_load_n(&regions.index[*at], __ATOMIC_ACQUIRE);
        if (!number)
            return 0;
        const struct ring_region *region = &regions.ring->regions[number];
        if (region->parent == parent && memcmp(region->name, name, length) == 0 &&
            !region->name[length])
            return number;
    }
}

static uint32_t make(uint32_t parent, const char *name, size_t length)
{
    struct ring_file *ring = regions.ring;
    uint32_t at;
    pthread_mutex_lock(&regions.lock);
    uint32_t number = find(parent, name, length, &at);
    uint32_t next = ring->has_region ? ring->has_region : 1;
    if (!number && next <= RING_REGIONS && ring_extend_regions(ring, next)) {
        number = next;
        ring->regions[number].parent = parent;
        memcpy(ring->regions[number].name, name, length);
        ring->regions[number].used = 1;
        __atomic_store_n(&ring->has_region, number + 1, __ATOMIC_RELEASE);
        __atomic_store_n(&regions.index[at], (uint16_t)number, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&regions.lock);
    return number;
}

static void count(uint64_t *what)
{
    __atomic_add_fetch(what, 1, __ATOMIC_RELAXED);
}

static void push(struct thread *thread, const char *name)
{
    uint32_t depth = thread->region_depth++, at;
    if (depth >= THREAD_REGIONS) {
        count(&regions.deep);
        return;
    }
    size_t length = strnlen(name, RING_NAME - 1);
    uint32_t number = find(thread->region, name, length, &at);
    if (!number)
        number = make(thread->region, name, length);
    if (!number)
        count(&regions.no_room);
    thread->regions[depth] =
        (struct thread_region){.region = number, .start_ns = libc_clock_now_sigsafe()};
    if (number)
        __atomic_store_n(&thread->region, number, __ATOMIC_RELAXED); /* a handler reads it */
}

void regions_push(const char *name)
{
    struct thread *thread = threads_current_sigsafe();
    if (thread)
        push(thread, name ? name : "(null)");
    else
        count(&regions.no_thread);
}

static void note_left(struct ring_region *region, uint64_t ns)
{
    uint64_t longest = __atomic_load_n(&region->longest_ns, __ATOMIC_RELAXED);
    __atomic_add_fetch(&region->count, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&region->total_ns, ns, __ATOMIC_RELAXED);
    while (ns > longest && !__atomic_compare_exchange_n(&region->longest_ns, &longest, ns, true,
                                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

static void pop(struct thread *thread)
{
    uint32_t depth = --thread->region_depth;
    if (depth >= THREAD_REGIONS || !thread->regions[depth].region)
        return;
    const struct thread_region *level = &thread->regions[depth];
    struct ring_region *region = &regions.ring->regions[level->region];
    __atomic_store_n(&thread->region, region->parent, __ATOMIC_RELAXED);
    note_left(region, libc_clock_now_sigsafe() - level->start_ns);
}

void regions_pop(void)
{
    struct thread *thread = threads_current_sigsafe();
    if (thread && thread->region_depth)
        pop(thread);
    else if (thread)
        count(&regions.unbalanced);
}

void regions_leave_all(void)
{
    struct thread *thread = threads_current_sigsafe();
    while (thread && thread->region_depth)
        pop(thread);
}

void regions_fork_save(const struct thread *thread)
{
    uint32_t depth = thread ? thread->region_depth : 0;
    saved.depth = depth;
    for (uint32_t i = 0; i < depth && i < THREAD_REGIONS; i++) {
        uint32_t number = thread->regions[i].region;
        memcpy(saved.names[i], number ? regions.ring->regions[number].name : "?",
               number ? RING_NAME : 2);
    }
}

void regions_fork_restore(void)
{
    for (uint32_t i = 0; i < saved.depth; i++)
        regions_push(i < THREAD_REGIONS ? saved.names[i] : "");
}

static_assert(RING_REGIONS == 1023 && THREAD_REGIONS == 64, "told in words here");

bool regions_complaint(char *line, size_t size)
{
    const struct {
        uint64_t count;
        const char *what;
    } kinds[] = {
        {regions.no_room, "entered beyond the 1023 there is room for"},
        {regions.deep, "nested deeper than 64"},
        {regions.unbalanced, "left that had not been entered"},
        {regions.no_thread, "of threads that are not followed"},
    };
    size_t used = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].count && used < size)
            used += (size_t)snprintf(line + used, size - used, "%s%llu %s",
                                     used ? ", " : "regions: ", (unsigned long long)kinds[i].count,
                                     kinds[i].what);
    return used > 0;
}
