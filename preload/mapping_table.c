/*
 * A small array with a claim per entry. Its own file because hooks in every thread and
 * its signal handlers meet here.
 */
#include "preload/mapping_table.h"

#include "preload/platform.h"

#include <string.h>
#include <sys/syscall.h>

/* No mapping starts at these: */
#define EMPTY 0u
#define CLAIMED 1u

#define TOLD 0x100u

/* Some 20 ms: who has an entry may have been put aside by another program for as long as that. */
#define TURNS 40000u
#define TURNS_AWAKE 1000u

/* `start` says whose the entry is: EMPTY nobody's, CLAIMED of who claimed it, else it is
 * there. The others may be read by anybody and are right when `start` has not changed. */
struct entry {
    uint64_t start, length;
    uint32_t owner; /* enum mapping_owner, TOLD */
};

static struct entry table[MAPPING_TABLE_SIZE];
static uint32_t used;  /* entries from there on were never in use */
static bool overflown; /* some are left out */
static uint32_t moves; /* of ranges to another entry: who did not find one looks again */

static bool claim(struct entry *entry, uint64_t start)
{
    return __atomic_compare_exchange_n(&entry->start, &start, CLAIMED, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

static void fill(struct entry *entry, const struct mapping *mapping)
{
    __atomic_store_n(&entry->length, mapping->length, __ATOMIC_RELAXED);
    __atomic_store_n(&entry->owner, (uint32_t)mapping->owner | (mapping->told ? TOLD : 0),
                     __ATOMIC_RELAXED);
    /* Pairs with the acquire load in read_entry(). */
    __atomic_store_n(&entry->start, mapping->start, __ATOMIC_RELEASE);
}

static void raise_used(uint32_t least)
{
    uint32_t now = __atomic_load_n(&used, __ATOMIC_RELAXED);
    while (now < least && !__atomic_compare_exchange_n(&used, &now, least, true, __ATOMIC_RELEASE,
                                                       __ATOMIC_RELAXED))
        ;
}

/* False when there is none, or not any more. */
static bool read_entry(const struct entry *entry, struct mapping *mapping)
{
    mapping->start = __atomic_load_n(&entry->start, __ATOMIC_ACQUIRE);
    if (mapping->start == EMPTY || mapping->start == CLAIMED)
        return false;
    mapping->length = __atomic_load_n(&entry->length, __ATOMIC_RELAXED);
    uint32_t owner = __atomic_load_n(&entry->owner, __ATOMIC_ACQUIRE);
    mapping->owner = (enum mapping_owner)(owner & ~TOLD);
    mapping->told = owner & TOLD;
    return __atomic_load_n(&entry->start, __ATOMIC_RELAXED) == mapping->start;
}

/* As read_entry(), of one that may be another thread's for a moment, or for as long as that
 * does not run; or of what the calling handler interrupted, and then it is not waited for. */
static bool await_entry(const struct entry *entry, struct mapping *mapping)
{
    for (unsigned turn = 0; turn < TURNS; turn++) {
        if (read_entry(entry, mapping))
            return true;
        if (__atomic_load_n(&entry->start, __ATOMIC_RELAXED) == EMPTY)
            return false;
        if (turn >= TURNS_AWAKE)
            platform_syscall4_sigsafe(SYS_sched_yield, 0, 0, 0, 0);
    }
    return false;
}

/* Claims what was read, unless it has changed since. */
static bool claim_as_read(struct entry *entry, const struct mapping *mapping)
{
    struct mapping now;
    if (!claim(entry, mapping->start))
        return false;
    now = (struct mapping){mapping->start, __atomic_load_n(&entry->length, __ATOMIC_RELAXED),
                           mapping->owner, mapping->told};
    if (now.length == mapping->length)
        return true;
    fill(entry, &now);
    return false;
}

static bool overlap(const struct mapping *mapping, uint64_t start, uint64_t length)
{
    return start < mapping->start + mapping->length && mapping->start < start + length;
}

static bool touches_any(uint64_t start, uint64_t length)
{
    struct mapping mapping;
    uint32_t count = __atomic_load_n(&used, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++)
        if (await_entry(&table[i], &mapping) && overlap(&mapping, start, length))
            return true;
    return __atomic_load_n(&overflown, __ATOMIC_RELAXED);
}

bool mapping_table_touches_sigsafe(uint64_t start, uint64_t length)
{
    uint32_t before;
    bool touches;
    do {
        before = __atomic_load_n(&moves, __ATOMIC_ACQUIRE);
        touches = touches_any(start, length);
    } while (!touches && before != __atomic_load_n(&moves, __ATOMIC_ACQUIRE));
    return touches;
}

/* Programs and allocators take memory piece by piece, each beside the one before: one entry
 * for all of them. */
static bool join(const struct mapping *mapping)
{
    struct mapping other;
    uint32_t count = __atomic_load_n(&used, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++) {
        if (!read_entry(&table[i], &other) || other.owner != mapping->owner ||
            other.told != mapping->told)
            continue;
        bool behind = other.start + other.length == mapping->start;
        bool before = mapping->start + mapping->length == other.start;
        if ((!behind && !before) || !claim_as_read(&table[i], &other))
            continue;
        other.start = behind ? other.start : mapping->start;
        other.length += mapping->length;
        fill(&table[i], &other);
        return true;
    }
    return false;
}

bool mapping_table_put_sigsafe(const struct mapping *mapping)
{
    if (join(mapping))
        return true;
    for (uint32_t i = 0; i < MAPPING_TABLE_SIZE; i++) {
        struct entry *entry = &table[i];
        if (__atomic_load_n(&entry->start, __ATOMIC_RELAXED) != EMPTY || !claim(entry, EMPTY))
            continue;
        raise_used(i + 1);
        fill(entry, mapping);
        return true;
    }
    __atomic_store_n(&overflown, true, __ATOMIC_RELAXED);
    return false;
}

/* What is left of a mapping on both sides of the range; the entry is the caller's. */
static void keep_rest(struct entry *entry, const struct mapping *mapping, uint64_t start,
                      uint64_t end)
{
    uint64_t mapping_end = mapping->start + mapping->length;
    struct mapping head = {mapping->start, start - mapping->start, mapping->owner, mapping->told};
    struct mapping tail = {end, mapping_end - end, mapping->owner, mapping->told};
    bool has_head = start > mapping->start, has_tail = end < mapping_end;
    if (has_head && has_tail) { /* it is there before this entry is anybody's again */
        mapping_table_put_sigsafe(&tail);
        __atomic_add_fetch(&moves, 1, __ATOMIC_RELEASE);
    }
    if (has_head)
        fill(entry, &head);
    else if (has_tail)
        fill(entry, &tail);
    else
        __atomic_store_n(&entry->start, EMPTY, __ATOMIC_RELEASE);
}

/* Takes the range out of each entry there is; true where one was told. */
static bool cut_all(uint64_t start, uint64_t length)
{
    struct mapping mapping;
    uint32_t count = __atomic_load_n(&used, __ATOMIC_ACQUIRE);
    bool told = false;
    for (uint32_t i = 0; i < count; i++)
        while (await_entry(&table[i], &mapping) && overlap(&mapping, start, length)) {
            if (!claim_as_read(&table[i], &mapping))
                continue;
            keep_rest(&table[i], &mapping, start, start + length);
            told |= mapping.told;
            break;
        }
    return told;
}

bool mapping_table_cut_sigsafe(uint64_t start, uint64_t length)
{
    uint32_t before;
    bool told = __atomic_load_n(&overflown, __ATOMIC_RELAXED);
    do {
        before = __atomic_load_n(&moves, __ATOMIC_ACQUIRE);
        told |= cut_all(start, length);
    } while (before != __atomic_load_n(&moves, __ATOMIC_ACQUIRE) &&
             mapping_table_touches_sigsafe(start, length));
    return told;
}

void mapping_table_assign(enum mapping_owner owner)
{
    for (uint32_t i = 0; i < used; i++)
        __atomic_store_n(&table[i].owner, (uint32_t)owner, __ATOMIC_RELAXED);
}

size_t mapping_table_copy(struct mapping *to, size_t most)
{
    size_t copied = 0;
    uint32_t count = __atomic_load_n(&used, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count && copied < most; i++)
        copied += read_entry(&table[i], &to[copied]);
    return copied;
}

void mapping_table_inherit(void)
{
    for (uint32_t i = 0; i < used; i++)
        table[i].owner &= ~TOLD;
}

void mapping_table_forget(void)
{
    memset(table, 0, sizeof table);
    used = 0;
    overflown = false;
}
