/*
 * The notes. Its own file because what lets them do without a lock is delicate.
 */
#include "preload/wakers.h"

#include <errno.h>
#include <sys/stat.h>

/* Notes of an object are in one set of places. A note is two words that others may write at the
 * same time: the object is told by the exclusive or of both, so that halves of two notes are none. */
#define SETS 512u
#define WAYS 8u

#define TID_MASK ((1u << (WAKERS_TID_BITS - 1)) - 1) /* tids have 22 bits at most */
#define ALL_BIT (1ull << (WAKERS_TID_BITS - 1))
#define TICKS_MASK (~0ull >> WAKERS_TID_BITS) /* six hours */

#define TOGETHER_TICKS 16384u /* some 200 us: from the call that wakes to who is awake */

struct note {
    uint64_t key, word; /* key: scramble(word) ^ object; word 0: none, or taken */
};

static struct note notes[SETS][WAYS] __attribute__((aligned(128)));
uint64_t wakers_written[WAKERS_DESCRIPTORS];

static inline uint64_t scramble(uint64_t value)
{
    value *= 0x9E3779B97F4A7C15u;
    return value ^ value >> 29;
}

static inline struct note *set_of(uint64_t object)
{
    return notes[(object * 0x9E3779B97F4A7C15u) >> 55];
}
_Static_assert(SETS == 1u << (64 - 55), "a set for each of those numbers");

static inline uint64_t ticks_of(uint64_t word)
{
    return word >> WAKERS_TID_BITS;
}

void wakers_note(uint64_t object, int tid, uint64_t ticks, enum wakers_reach reach)
{
    struct note *set = set_of(object), *oldest = set;
    uint64_t word = wakers_word(tid, ticks) | (reach == WAKERS_ALL ? ALL_BIT : 0);
    uint64_t most = 0;
    for (struct note *note = set; note < set + WAYS; note++) {
        uint64_t there = __atomic_load_n(&note->word, __ATOMIC_RELAXED);
        uint64_t age = there ? (ticks - ticks_of(there)) & TICKS_MASK : ~0ull;
        if (age > most) {
            most = age;
            oldest = note;
        }
    }
    __atomic_store_n(&oldest->key, scramble(word) ^ object, __ATOMIC_RELAXED);
    __atomic_store_n(&oldest->word, word, __ATOMIC_RELAXED);
}

/* One of the object's notes, by another than `tid`, between the two. */
static bool is_meant(const struct note *note, uint64_t object, int tid, uint64_t begin,
                     uint64_t end, uint64_t *word, uint64_t *since)
{
    *word = __atomic_load_n(&note->word, __ATOMIC_RELAXED);
    *since = (ticks_of(*word) - begin) & TICKS_MASK;
    return *word && (scramble(*word) ^ __atomic_load_n(&note->key, __ATOMIC_RELAXED)) == object &&
           *since <= end - begin && (int)(*word & TID_MASK) != tid;
}

/* The last of them; of several who wake one each at about the same time the first, as whom it
 * woke is the one who waited longest. One from long before was in vain: somebody else, who came just
 * then, got what it gave. */
static struct note *choose(uint64_t object, int tid, uint64_t begin, uint64_t end, uint64_t *chosen)
{
    struct note *set = set_of(object), *found = NULL;
    uint64_t word, since, last = 0, first = ~0ull;
    for (struct note *note = set; note < set + WAYS; note++)
        if (is_meant(note, object, tid, begin, end, &word, &since) && since >= last)
            last = since;
    for (struct note *note = set; note < set + WAYS; note++) {
        if (!is_meant(note, object, tid, begin, end, &word, &since) ||
            since + (word & ALL_BIT ? 0 : TOGETHER_TICKS) < last || since > first)
            continue;
        found = note;
        first = since;
        *chosen = word;
    }
    return found;
}

int wakers_find(uint64_t object, int tid, uint64_t begin, uint64_t end)
{
    for (unsigned i = 0; i < WAYS; i++) {
        uint64_t word = 0;
        struct note *note = choose(object, tid, begin, end, &word);
        if (!note)
            return 0;
        uint64_t expected = word;
        if (word & ALL_BIT || __atomic_compare_exchange_n(&note->word, &expected, 0, false,
                                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            return (int)(word & TID_MASK);
    }
    return 0;
}

int wakers_find_last(uint64_t object, int tid)
{
    uint64_t word = 0;
    return choose(object, tid, 0, TICKS_MASK, &word) ? (int)(word & TID_MASK) : 0;
}

int wakers_find_writer(int fd, int tid, uint64_t begin, uint64_t end)
{
    struct stat own, other;
    int saved_errno = errno, found = 0;
    uint64_t latest = 0;
    if (fstat(fd, &own) != 0 || !S_ISFIFO(own.st_mode)) {
        errno = saved_errno;
        return 0;
    }
    for (int i = 0; i < (int)WAKERS_DESCRIPTORS; i++) {
        uint64_t word = __atomic_load_n(&wakers_written[i], __ATOMIC_RELAXED);
        uint64_t since = (ticks_of(word) - begin) & TICKS_MASK;
        if (!word || since > end - begin || since < latest || (int)(word & TID_MASK) == tid ||
            fstat(i, &other) != 0 || other.st_ino != own.st_ino || other.st_dev != own.st_dev)
            continue;
        latest = since;
        found = (int)(word & TID_MASK);
    }
    errno = saved_errno;
    return found;
}
