/*
 * The threads of the process, as sampled: one `struct thread` each, private to
 * the process, beside its slot in the ring file.
 *
 * A thread made by pthread_create (or the first one) attaches itself and has its
 * memory counted; one found in /proc/self/task is foreign: sampled, not counted.
 */
#ifndef PROFINJECT_THREADS_H
#define PROFINJECT_THREADS_H

#include "preload/byte_sampler.h"
#include "preload/clock.h"
#include "preload/contract/ring_format.h"
#include "preload/io_counts.h"
#include "preload/kernel_frames.h"
#include "preload/unwind.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Nested regions a thread keeps apart; deeper ones count as the last of these. */
#define THREAD_REGIONS 64u

struct thread_region {
    uint32_t region; /* 0: there was no room for it */
    uint64_t start_ns;
};

/*
 * Up to the walk's first codes this is one page of memory; the middle of the walk's
 * memory, where shallow stacks have everything else, is another. These two are given
 * to a thread when it starts.
 */
struct thread {
    struct ring_slot *slot; /* NULL while this entry is unused */
    bool has_pages;
    int tid;
    struct thread *next_same;  /* of the threads whose tids look alike */
    const struct clock *clock; /* it is sampled by: the one asked for, or what was to be had */
    int timer;                 /* that clock's handle, -1: none */
    bool waiting;              /* for the servant to start it */
    int early_timer;           /* of clock_cpu until that clock has ticked, -1: none */
    bool overtaken;            /* it has: the early timer's ticks count no more */
    uint64_t armed_ns;         /* the CPU clock when it was to be sampled, and */
    uint64_t armed_periods;    /* what its samples stood for by then; */
    uint64_t late_periods;     /* how many had passed when that clock came */
    bool foreign;
    struct ring_memory seen; /* memory figures at the sample before */
    struct stack_bounds bounds;
    uint32_t region, region_depth; /* innermost; pushed, not popped */
    struct thread_region regions[THREAD_REGIONS];
    int64_t counted[RING_COUNTERS];     /* counters at the sample before */
    struct byte_sampler bytes;          /* of the allocation hooks, as what follows */
    uint64_t heap_serial;               /* of the slot when `bytes` was begun */
    struct walk walk;                   /* of samples, and of the hooks, with all signals blocked */
    uint64_t kernel[KERNEL_FRAMES_MAX]; /* of the sample being taken */
    struct io_counts io;
} __attribute__((aligned(RING_PAGE)));
static_assert(offsetof(struct thread, walk.memory.owner) % RING_PAGE >=
                      40 * sizeof(struct fresh_frame) &&
                  offsetof(struct thread, walk.memory.frames[40]) % RING_PAGE >=
                      40 * sizeof(struct remembered_frame),
              "forty frames lie in one page");

/* Reserves the table, one entry per slot of the ring; `clock` will tick every
 * `period_ns` of CPU time. A fork child calls it again and starts empty. 0 or
 * -ENOMEM. */
int threads_init(struct ring_file *ring, const struct clock *clock, uint64_t period_ns);

/* The calling thread, or NULL when it is not (or no longer) profiled. */
struct thread *threads_current_sigsafe(void);

/* True when the tick is from a clock of ours: it carries an entry of the table, or
 * what nobody else can send. */
bool threads_sent_sigsafe(const struct clock_tick *tick);

/* The thread a tick is for, when its clock still runs and it came where it belongs:
 * the calling thread, at stack pointer `sp`. Else NULL. Corrects the weight of a clock's
 * first tick. */
struct thread *threads_addressee_sigsafe(struct clock_tick *tick, uint64_t sp);

/* Where the calling thread's memory counts go: its slot's, or, for threads that
 * are not profiled, a place nobody reads. */
extern __thread struct ring_memory *threads_memory_pointer
    __attribute__((tls_model("initial-exec"), visibility("hidden")));
extern struct ring_memory threads_memory_unread __attribute__((visibility("hidden")));

/* For a thread without a place: finds it one, and wakes a process that naps. */
struct ring_memory *threads_memory_slow(void);

static inline struct ring_memory *threads_memory(void)
{
    struct ring_memory *memory = threads_memory_pointer;
    return PLATFORM_LIKELY(memory != NULL) ? memory : threads_memory_slow();
}

/* The calling thread's memory counts nowhere, or where it did before. */
void threads_pause_counts(void);
void threads_resume_counts(void);

/* Attaches the calling thread and arms its timer when sampling is on. */
void threads_attach_self(const struct stack_bounds *bounds);

/* Detaches the calling thread for good: its slot is handed to the drain. */
void threads_detach_self(void);

/* Likewise another one, or one the caller is not known to be. Nothing when there is none. */
void threads_let_go(int tid);

/* True when the caller is on its thread's own stack, with that many bytes left. */
bool threads_stack_has(uint64_t room);

/* Bounds of a thread's stack, 0 and 0 where they are not known. */
struct stack_bounds threads_bounds_of(int tid);

/* Copies those of up to `most` threads but the first, whose may be all there is; returns
 * how many. */
uint32_t threads_stacks(struct stack_bounds *stacks, uint32_t most);

/*
 * Adopts threads nobody attached, but those in strict mode, and lets go of those that ended
 * where nobody told. By one thread at a time.
 * `skip_tid` is the servant's own, 0: it has none. A thread just being made looks like
 * a foreign one, so unless `at_once` it must be seen by two scans. Opens
 * /proc/self/task only when the number of threads is not what it should be.
 */
void threads_scan(int skip_tid, bool at_once);

/* Starts, or stops, the clocks of all threads, and of those that come later. Where only
 * the servant can, it is called and does so with threads_serve(). */
void threads_arm_all(void);
void threads_disarm_all(void);

/* True when clocks end with the servant. They must be stopped before exec, too: their
 * signals would meet the new program. */
bool threads_are_armed_by_servant(void);

/* Starts and stops the clocks that wait for it. Servant only. */
void threads_serve(void);

/* From now on a slot whose thread ended is RING_SLOT_LEAVING until the servant has
 * seen it. */
void threads_leave_slowly(void);

/* True while any thread of the table lives. */
bool threads_any_live(void);

/* In a fork child, whose table is its parent's until threads_init() was called: its thread is
 * nobody's as yet, but a clock ticks for it already, as it will for the table's first. The
 * next allocation, if they count, comes by threads_memory_slow(). False: there is none. */
bool threads_tick_ahead(int tid, bool counts);

/* In a fork child that is not profiled: nothing counts any more. */
void threads_forget(void);

/* Held around fork: nobody attaches or detaches in between. */
void threads_lock(void);
void threads_unlock(void);

/* True when nobody holds it: for a handler, which may have interrupted who does. */
bool threads_are_free(void);

#endif
