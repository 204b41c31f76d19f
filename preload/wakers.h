/*
 * Who ends others' waits: who is about to wake somebody notes so, and the woken one, who knows
 * when its wait began and ended, looks the note up. Of locks, conditions and the like by address,
 * of descriptors by number.
 *
 * Lock-free, any thread, signal handlers of the target's too; errno is as before. Notes
 * are overwritten by later ones, and then the waker is not known.
 */
#ifndef PROFINJECT_WAKERS_H
#define PROFINJECT_WAKERS_H

#include "preload/platform.h"

#include <stdbool.h>
#include <stdint.h>

enum wakers_reach {
    WAKERS_ONE, /* the waker wakes one: its note is taken by who was woken */
    WAKERS_ALL, /* it may wake many: its note stays */
};

/* Thread `tid` wakes who waits for `object` now, at `ticks` (waits.h). */
void wakers_note(uint64_t object, int tid, uint64_t ticks, enum wakers_reach reach);

/* Who woke the caller, `tid`, which waited for `object` from `begin` to `end`; 0: not known. Of
 * several who woke one each just then the first: whom it woke is the one who waited longest. */
int wakers_find(uint64_t object, int tid, uint64_t begin, uint64_t end);

/* Who noted the object last, whenever that was. */
int wakers_find_last(uint64_t object, int tid);

#define WAKERS_DESCRIPTORS 1024u
extern uint64_t wakers_written[WAKERS_DESCRIPTORS] __attribute__((visibility("hidden")));

#define WAKERS_TID_BITS 23
static inline uint64_t wakers_word(int tid, uint64_t ticks)
{
    return ticks << WAKERS_TID_BITS | (uint64_t)(unsigned)tid;
}

/* Thread `tid` writes to descriptor `fd`. */
static inline void wakers_note_write(int fd, int tid, uint64_t ticks)
{
    if (PLATFORM_LIKELY((unsigned)fd < WAKERS_DESCRIPTORS))
        __atomic_store_n(&wakers_written[fd], wakers_word(tid, ticks), __ATOMIC_RELAXED);
}

/* Who in this process wrote what the caller, `tid`, got from descriptor `fd`: the last to write
 * to a pipe's other end meanwhile; 0: not known. Makes system calls. */
int wakers_find_writer(int fd, int tid, uint64_t begin, uint64_t end);

#endif
