/*
 * The table of sampled live blocks, and of late frees. Its own file because every free of the target
 * depends on it.
 */
#include "preload/heap_live.h"

#include "preload/contract/own_memory.h"
#include "preload/platform.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

/*
 * Three tables, each 16 times the one before: the first is enough for 1 GiB of live
 * heap and takes 64 KiB, the last for 256 GiB. A block lies within WINDOW places of its
 * hash in the first table with room there: nothing has to be moved or marked when one
 * goes. Memory is touched as needed; the larger ones are hardly ever, and made then.
 *
 * A place holds a live block, or the free of one that could not be recorded yet: the low
 * bits of the key tell. `word` has the image in its lowest byte; above it of a block its
 * thread (24 bits) and allocation (32), of a free its time in units of 16 ns, rounded up.
 */
#define TABLES 3
#define FIRST_BITS 12
#define FIRST_PLACES (1u << FIRST_BITS)
#define WINDOW 32u

#define KIND_BITS 3u
#define KIND_MASK ((1u << KIND_BITS) - 1) /* of a free: 1 + enum trace_heap_event */
#define TAKEN KIND_MASK                   /* key of a place that is being filled in */
#define TIME_SHIFT 4u
#define THREAD_MASK 0xffffffu

struct place {
    uint64_t key; /* 0: empty */
    uint64_t word;
};

uint8_t heap_live_filter[1u << HEAP_LIVE_FILTER_BITS];

static struct place first[FIRST_PLACES + WINDOW];
static struct place *tables[TABLES] = {first};
static uint32_t tables_used; /* those below may hold blocks */
static uint8_t image;        /* what is of another is the parent's */
static uint32_t late;        /* frees in the tables */

static size_t size_of(unsigned table)
{
    return (((size_t)FIRST_PLACES << 4 * table) + WINDOW) * sizeof *tables[table];
}

/* NULL when there is no memory. Several threads may find it missing at once. */
static __attribute__((noinline, cold)) struct place *make_table(unsigned table)
{
    int saved_errno = errno;
    struct place *none = NULL;
    void *memory = mmap(NULL, size_of(table), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    errno = saved_errno;
    if (memory == MAP_FAILED)
        return NULL;
    if (__atomic_compare_exchange_n(&tables[table], &none, memory, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_ACQUIRE))
        return own_memory_note(memory, size_of(table), true);
    munmap(memory, size_of(table));
    return none;
}

static struct place *table_at(unsigned table)
{
    struct place *found = __atomic_load_n(&tables[table], __ATOMIC_ACQUIRE);
    return PLATFORM_LIKELY(found != NULL) ? found : make_table(table);
}

static size_t home_of(unsigned table, uint64_t hash)
{
    return hash >> (64 - FIRST_BITS - 4 * table);
}

static uint8_t *filter_of(uint64_t hash)
{
    return &heap_live_filter[hash >> (64 - HEAP_LIVE_FILTER_BITS)];
}

/* Adds 1, or takes 1 away; a byte that has reached 255 no longer knows how many. */
static void count_sigsafe(uint8_t *byte, int change)
{
    uint8_t old = __atomic_load_n(byte, __ATOMIC_RELAXED);
    while (old != UINT8_MAX &&
           !__atomic_compare_exchange_n(byte, &old, (uint8_t)(old + change), true, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
        ;
}

/* The key comes last: who reads it finds the word behind it. */
static bool put_in_window(struct place *window, uint64_t key, uint64_t word)
{
    for (uint32_t i = 0; i < WINDOW; i++) {
        uint64_t empty = 0;
        if (__atomic_load_n(&window[i].key, __ATOMIC_RELAXED) == 0 &&
            __atomic_compare_exchange_n(&window[i].key, &empty, TAKEN, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED)) {
            window[i].word = word;
            __atomic_store_n(&window[i].key, key, __ATOMIC_RELEASE);
            return true;
        }
    }
    return false;
}

static bool put(uint64_t hash, uint64_t key, uint64_t word)
{
    for (unsigned i = 0; i < TABLES; i++) {
        uint32_t used = __atomic_load_n(&tables_used, __ATOMIC_RELAXED);
        struct place *table = table_at(i);
        if (!table)
            return false;
        while (used <= i && !__atomic_compare_exchange_n(&tables_used, &used, i + 1, true,
                                                         __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            ;
        if (put_in_window(table + home_of(i, hash), key, word))
            return true;
    }
    return false;
}

bool heap_live_put(const struct heap_live_block *block)
{
    uint64_t hash = heap_live_hash(block->address);
    uint64_t word =
        (uint64_t)block->allocation << 32 | (uint64_t)(block->thread & THREAD_MASK) << 8 | image;
    if (block->address & KIND_MASK || !put(hash, block->address, word))
        return false;
    count_sigsafe(filter_of(hash), 1);
    return true;
}

bool heap_live_take_sigsafe(const void *address, struct heap_live_block *block)
{
    uint64_t hash = heap_live_hash((uint64_t)address);
    uint32_t used = __atomic_load_n(&tables_used, __ATOMIC_RELAXED);
    for (unsigned table = 0; table < used; table++) {
        struct place *window = tables[table] + home_of(table, hash);
        for (uint32_t i = 0; i < WINDOW; i++) {
            if (__atomic_load_n(&window[i].key, __ATOMIC_ACQUIRE) != (uint64_t)address)
                continue;
            uint64_t word = window[i].word;
            __atomic_store_n(&window[i].key, 0, __ATOMIC_RELEASE);
            count_sigsafe(filter_of(hash), -1);
            *block = (struct heap_live_block){.address = (uint64_t)address,
                                              .thread = (uint32_t)(word >> 8) & THREAD_MASK,
                                              .allocation = (uint32_t)(word >> 32)};
            if ((uint8_t)word == image)
                return true;
        }
    }
    return false;
}

void heap_live_each(bool (*take)(uint64_t address))
{
    for (unsigned table = 0; table < tables_used; table++) {
        const struct place *places = tables[table];
        for (size_t i = 0; i < size_of(table) / sizeof *places; i++) {
            uint64_t key = __atomic_load_n(&places[i].key, __ATOMIC_ACQUIRE);
            if (key && !(key & KIND_MASK) && (uint8_t)places[i].word == image && !take(key))
                return;
        }
    }
}

bool heap_live_is_of(const struct heap_live_block *block, uint64_t thread, uint64_t allocation)
{
    return block->thread == (thread & THREAD_MASK) && block->allocation == (uint32_t)allocation;
}

bool heap_live_put_late(const struct heap_late *free)
{
    uint64_t units = (free->time_ns + (1u << TIME_SHIFT) - 1) >> TIME_SHIFT;
    if (!put(heap_live_hash(free->address), free->address | (free->kind + 1), units << 8 | image))
        return false;
    __atomic_add_fetch(&late, 1, __ATOMIC_RELEASE);
    return true;
}

bool heap_live_has_late(void)
{
    return __atomic_load_n(&late, __ATOMIC_ACQUIRE) != 0;
}

/* Empties the place when it is the parent's. */
static bool is_late(struct place *place, struct heap_late *free)
{
    uint64_t key = __atomic_load_n(&place->key, __ATOMIC_ACQUIRE);
    uint32_t kind = key & KIND_MASK;
    if (!kind || kind == TAKEN)
        return false;
    bool ours = (uint8_t)place->word == image;
    free->address = key - kind;
    free->kind = kind - 1;
    free->time_ns = place->word >> 8 << TIME_SHIFT;
    if (!ours)
        __atomic_store_n(&place->key, 0, __ATOMIC_RELEASE);
    return ours;
}

bool heap_live_each_late(bool (*take)(const struct heap_late *))
{
    struct heap_late free;
    for (unsigned table = 0; table < tables_used; table++) {
        struct place *places = tables[table];
        for (size_t i = 0; i < size_of(table) / sizeof *places; i++) {
            if (!is_late(&places[i], &free))
                continue;
            if (!take(&free))
                return false;
            __atomic_store_n(&places[i].key, 0, __ATOMIC_RELEASE);
            __atomic_sub_fetch(&late, 1, __ATOMIC_RELAXED);
        }
    }
    return true;
}

void heap_live_forget(void)
{
    late = 0;
    if (++image != 0)
        return;
    memset(heap_live_filter, 0, sizeof heap_live_filter);
    for (unsigned i = 0; i < tables_used; i++)
        memset(tables[i], 0, size_of(i));
    tables_used = 0;
}
