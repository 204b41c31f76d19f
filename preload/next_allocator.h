/*
 * The allocator behind ours: its functions, found at the first call of any of them, and whether
 * it is at work. One that is not the C library's may serve one of its entries by another,
 * exported one, calloc by malloc say, and comes to our hooks in between.
 *
 * Any thread, also signal handlers of the target's own. next_allocator_mark() once, in the
 * constructor, before there are other threads.
 */
#ifndef PROFINJECT_NEXT_ALLOCATOR_H
#define PROFINJECT_NEXT_ALLOCATOR_H

#include "preload/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As the C library's functions of the same names; usable_size: malloc_usable_size, NULL where
 * there is none. */
struct allocator {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
    size_t (*usable_size)(void *);
};
extern struct allocator next_allocator __attribute__((visibility("hidden")));

/* It is the C library's own: found out by heap_hooks_init(). */
extern bool next_allocator_is_libc __attribute__((visibility("hidden")));

/* Where its malloc lies; NULL until it was called. */
const void *next_allocator_address(void);

/* For dlsym(), which may allocate before we know where from. Never freed. */
#define NEXT_ALLOCATOR_BOOT (64u << 10)
extern char next_allocator_boot[NEXT_ALLOCATOR_BOOT] __attribute__((visibility("hidden")));

/* True of blocks that served the search for it. They stay. */
static inline bool next_allocator_is_boot(const void *block)
{
    return (uintptr_t)block - (uintptr_t)next_allocator_boot < NEXT_ALLOCATOR_BOOT;
}

/* Resizes one: moves it out of there. NULL, errno set, without memory. */
void *next_allocator_leave_boot(void *block, size_t size);

/* From now on it is known when it is at work: it is not the C library's. 1 ns a call. */
void next_allocator_mark(void);

/* True when a call from `pc` may be its own, or one it has handed on to us by a jump. */
bool next_allocator_may_call(const void *pc);

/* It is at work for the calling thread. A signal handler's calls, and what one that leaves by
 * longjmp() leaves behind, look so too. */
extern __thread bool next_allocator_works
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* True when our hook was called, from `pc`, in the middle of another call of the allocator, by
 * itself: what the program called is counted, and not this. */
static inline bool next_allocator_is_inner(const void *pc)
{
    return PLATFORM_UNLIKELY(next_allocator_works) && next_allocator_may_call(pc);
}

#endif
