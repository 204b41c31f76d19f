/*
 * Where the time of threads went that did not run: what hooks saw of waits, set against what the
 * kernel counted, so that per thread
 *     wall = on the processor + ready to run + blocked,  blocked = in waits + elsewhere.
 *
 * A wait as hooks see it is wall time of a call: the thread may have run in it, or been ready to.
 * Between two TRACE_SCHEDULING of a thread it was blocked for so long: its waits in that time share
 * this. Where they are more, the rest of them is time ready to run as far as there is, then CPU
 * time; where they are less, the rest is blocked elsewhere. Which of them had more than blocked time
 * nobody counted: time ready to run is taken to be alike in all, as each ends with some; CPU time to be
 * where data were copied. (Of 1523 fsync and 1523 sleeps in 2 s, 324 and 1651 ms long, the thread
 * was blocked 191 and 1609 ms; in proportion to their length that would be 305 and 1494.)
 *
 * Records of a wait come when it is over, or later: intervals between two TRACE_SCHEDULING are
 * kept, as many as LEDGER_INTERVALS per thread, with what of them no wait has claimed; older ones
 * become one. Memory grows with distinct places of waits, not with waits.
 *
 * Where a thread has no TRACE_SCHEDULING, its waits count as they are. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_WAIT_LEDGER_H
#define PROFINJECT_LOAD_WAIT_LEDGER_H

#include "analyzer/load/time_window.h"
#include "analyzer/load/timed_parts.h"
#include "analyzer/model/waits.h"
#include "analyzer/trace/trace_reader.h"

#define LEDGER_INTERVALS 64u

/* Where a thread waits, and for what; keys of a table: no padding. */
struct wait_place {
    uint32_t thread, stack, region, kind; /* kind: see wait_kind.h */
    uint64_t object, peer;
};

/* Some that are not settled. */
struct ledger_wait {
    uint32_t place;
    uint64_t begin_ns, end_ns, total_ns, longest_ns, count, bytes;
};

/* Between two TRACE_SCHEDULING: what of it no wait has claimed. */
struct ledger_interval {
    uint64_t begin_ns, end_ns, blocked_ns, runnable_ns;
    bool inside; /* the window */
};

struct ledger_thread {
    bool has_scheduling;
    struct trace_scheduling last; /* as of the last one; times as far as accounted, known: of all */
    struct ledger_interval *intervals;
    size_t interval_count, interval_capacity;
    struct ledger_wait *pending, *held;
    size_t pending_count, pending_capacity, held_count, held_capacity;
    bool has_open;
    struct ledger_wait
        open; /* the last that was told of before it was over; until `open_until_ns` */
    uint64_t open_until_ns; /* the thread ran then; 0: not since */
    /* In the window: */
    uint64_t wall_ns, cpu_ns, runnable_ns, blocked_ns;
    uint64_t hooked_ns; /* blocked in waits */
    /* Once it is finished, not in any wait: */
    uint64_t blocked_left_ns, runnable_left_ns;
};

struct wait_ledger {
    struct time_window window;
    uint64_t from_ns;          /* what was before is not in the trace */
    struct timed_parts *parts; /* takes what is settled with its time; NULL: nobody does */
    struct ledger_thread *threads;
    size_t thread_count, thread_capacity;
    struct wait_place *places;
    struct wait_sums *sums; /* one per place */
    size_t place_count, place_capacity, sum_capacity;
    struct key_table *index;
};

void wait_ledger_init(struct wait_ledger *ledger);
void wait_ledger_release(struct wait_ledger *ledger);

/* Waits of a place. Those held until it is known that the trace's end holds are told by
 * `waits->held`. Returns the number of the place. */
uint32_t wait_ledger_waits(struct wait_ledger *ledger, const struct wait_place *place,
                           const struct trace_waits *waits);

/* Time that looks found it blocked in such a call, outside of waits that hooks saw. */
void wait_ledger_looked(struct wait_ledger *ledger, const struct wait_place *place,
                        uint64_t blocked_ns);

/* The thread ran at that time: it did not wait any more. */
void wait_ledger_ran(struct wait_ledger *ledger, uint32_t thread, uint64_t time_ns);

/* `start_ns`: of the thread. CPU time in `scheduling` is that outside of pauses. */
void wait_ledger_scheduling(struct wait_ledger *ledger, uint32_t thread, uint64_t start_ns,
                            const struct trace_scheduling *scheduling);

/* The end does not hold: neither does what was held. */
void wait_ledger_go_on(struct wait_ledger *ledger);

/* Nothing more comes of the thread, which ended then, or was last heard of, with so much CPU
 * time by its clock outside of pauses. */
void wait_ledger_finish(struct wait_ledger *ledger, uint32_t thread, uint64_t end_ns,
                        uint64_t cpu_ns);

/* NULL where nothing is known of the thread. */
const struct ledger_thread *wait_ledger_thread(const struct wait_ledger *ledger, uint32_t thread);

#endif
