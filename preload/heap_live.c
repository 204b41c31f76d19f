/*
 * The table of sampled live blocks. Its own file because every free of the target
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
 * goes. Memory is touched as needed.
 */
#define TABLES 3
#define FIRST_BITS 12
#define WINDOW 32u

uint8_t heap_live_filter[1u << HEAP_LIVE_FILTER_BITS];

static struct heap_live_block *tables[TABLES];
static uint32_t tables_used; /* those below may hold blocks */

static size_t places_of(unsigned table)
{
    return (size_t)1 << (FIRST_BITS + 4 * table);
}

int heap_live_init(void)
{
    size_t size = 0;
    if (tables[0])
        return 0;
    for (unsigned i = 0; i < TABLES; i++)
        size += (places_of(i) + WINDOW) * sizeof *tables[i];
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (own_memory_note(memory, size, true) == MAP_FAILED)
        return -ENOMEM;
    struct heap_live_block *next = memory;
    for (unsigned i = 0; i < TABLES; i++) {
        tables[i] = next;
        next += places_of(i) + WINDOW;
    }
    return 0;
}

static struct heap_live_block *window_of(unsigned table, uint64_t hash)
{
    return tables[table] + (hash >> (64 - FIRST_BITS - 4 * table));
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

static bool put_in_table_sigsafe(unsigned table, uint64_t hash, const struct heap_live_block *block)
{
    struct heap_live_block *window = window_of(table, hash);
    for (uint32_t i = 0; i < WINDOW; i++) {
        uint64_t empty = 0;
        if (__atomic_load_n(&window[i].address, __ATOMIC_RELAXED) == 0 &&
            __atomic_compare_exchange_n(&window[i].address, &empty, block->address, false,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
            window[i].thread = block->thread;
            window[i].allocation = block->allocation;
            return true;
        }
    }
    return false;
}

bool heap_live_put_sigsafe(const struct heap_live_block *block)
{
    uint64_t hash = heap_live_hash(block->address);
    for (unsigned i = 0; i < TABLES; i++) {
        uint32_t used = __atomic_load_n(&tables_used, __ATOMIC_RELAXED);
        while (used <= i && !__atomic_compare_exchange_n(&tables_used, &used, i + 1, true,
                                                         __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            ;
        if (put_in_table_sigsafe(i, hash, block)) {
            count_sigsafe(filter_of(hash), 1);
            return true;
        }
    }
    return false;
}

bool heap_live_take_sigsafe(const void *address, struct heap_live_block *block)
{
    uint64_t hash = heap_live_hash((uint64_t)address);
    uint32_t used = __atomic_load_n(&tables_used, __ATOMIC_RELAXED);
    for (unsigned table = 0; table < used; table++) {
        struct heap_live_block *window = window_of(table, hash);
        for (uint32_t i = 0; i < WINDOW; i++) {
            if (__atomic_load_n(&window[i].address, __ATOMIC_RELAXED) != (uint64_t)address)
                continue;
            *block = window[i];
            __atomic_store_n(&window[i].address, 0, __ATOMIC_RELAXED);
            count_sigsafe(filter_of(hash), -1);
            return true;
        }
    }
    return false;
}

void heap_live_forget(void)
{
    memset(heap_live_filter, 0, sizeof heap_live_filter);
    for (unsigned i = 0; i < tables_used; i++)
        memset(tables[i], 0, (places_of(i) + WINDOW) * sizeof *tables[i]);
    tables_used = 0;
}
