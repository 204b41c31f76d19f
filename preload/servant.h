/*
 * The servant: the one thread of ours in the target, or, where `record` runs and nothing else
 * needs it, none (outside.h). Drains the rings, writes the trace, makes states for hard
 * frames, looks for threads.
 *
 * It keeps its descriptors in a table of its own, so that a target that closes or
 * numbers descriptors neither loses nor sees them, and it takes no lock the target
 * could hold while waiting for it.
 */
#ifndef PROFINJECT_SERVANT_H
#define PROFINJECT_SERVANT_H

#include "preload/clock_wall.h"
#include "preload/contract/drain.h"
#include "preload/contract/recording.h"
#include "preload/contract/ring_format.h"
#include "preload/contract/trace_format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct servant_options {
    struct ring_file *ring;
    const struct recording *recording; /* outlives the servant */
    char trace[64]; /* name of the trace in the recording; made when there is something to write */
    uint64_t period_ns;              /* how fast rings fill */
    uint64_t cpu_start_ns;           /* the process's CPU clock when the session began */
    bool wall;                       /* threads are looked at off the processor as well, */
    struct clock_wall_options looks; /* in this way */
    unsigned resources_rate;         /* looks at resources per second, 0: none */
    const char *resources_root;      /* as collector.h has it; outlives the servant */
    bool late;                       /* nobody saw this program's threads being made */
    /* A filter was found on the target, on `all` threads when on ours as well. */
    void (*confined)(bool all);
    /* True when no thread but the servant's, `tid`, is left to be followed, with how the image
     * ended; then the trace is, and `gone` is called when that is done: it may end the process. */
    bool (*over)(int tid, enum trace_end *kind, int *status);
    void (*gone)(void);
    bool outside; /* what is asked for can be had without a thread */
    /* Tells the drain about the process, which has a servant of this `form` (facts.h); called
     * once, before there is the thread. */
    void (*describe)(struct drain *drain, const char *form);
};

/* Finds somebody who drains from outside, or starts the thread. 0 or a negative errno. */
int servant_start(const struct servant_options *options);

/*
 * Everything committed so far goes to the trace, and the modules are looked at.
 * Waits at most `timeout_ms`; false when the servant did not answer in time.
 */
bool servant_flush(unsigned timeout_ms);

/* Waits, at most `timeout_ms`, until clocks of threads that were disarmed stand still: from then on
 * they send no signal, not even to a program that the process becomes. */
bool servant_stop_clocks(unsigned timeout_ms);

/* Makes sure that the trace is there and open, before it may be out of reach. */
bool servant_hold_trace(unsigned timeout_ms);

/* As servant_flush(), and the trace says that the image ended by exec. With
 * `keep_empty` false only when there is any sample. The only thread of a target writes
 * itself. */
bool servant_note_exec(bool keep_empty, bool single_threaded, unsigned timeout_ms);

/* Ends the trace with `kind` and `status`, and the thread with it. Waits at most
 * `timeout_ms`. */
bool servant_finish(enum trace_end kind, int status, unsigned timeout_ms);

/* As servant_finish(), by the calling thread itself where that is possible: the thread is
 * left where it is, for the end of the process is near. */
bool servant_finish_process(enum trace_end kind, int status, unsigned timeout_ms);

/*
 * Ends the thread for a while, its trace left open: for system calls that need a
 * process with one thread, or that leave threads differing. False when it did not
 * answer; nothing then has changed. servant_resume() makes it again; 0 or a negative
 * errno: then the end of the trace is written by whoever calls servant_finish().
 * Between the two the caller's table of descriptors holds two more.
 */
bool servant_suspend(unsigned timeout_ms);
int servant_resume(void);

/* Writes the whole trace of a process that never had the thread, by the caller. */
void servant_write_alone(const struct servant_options *options, enum trace_end kind, int status);

/* True while the thread is there and answers. */
bool servant_is_running(void);

/* True when what could not be written for want of room is in the ring: it stays, unless the
 * process execs, and is taken in by who reads the recording when there is room. */
bool servant_leaves_rest(void);

/* Where there is no thread, because somebody outside drains or because the process had taken
 * the drain back, there is one now. 0 or a negative errno. */
int servant_come_inside(unsigned timeout_ms);

/* After an end by exec that was none. Likewise. */
int servant_go_on(void);

/* The thread's tid, once it has begun; 0 when it is not there, -1 when it has not begun in
 * that time. */
int servant_tid(unsigned timeout_ms);

/* Waits until the thread is gone, after servant_finish() succeeded: the C library
 * counts it, and ends a process whose last thread ends. */
void servant_join(void);

/* In the parent, before a fork: notes what its blocks are that the child has, too. */
void servant_fork_prepare(void);

/* In a fork child, which may wait with it: forgets the parent's thread and gives its memory
 * back. */
void servant_fork_child(void);

#endif
