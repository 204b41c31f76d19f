/*
 * The ends of a trace that are written, or asked for, by the thread that comes to them. Its own
 * file beside servant.c, which is the servant's thread.
 */
#include "preload/servant_state.h"

#include "preload/chores.h"
#include "preload/complaints.h"
#include "preload/confinement.h"
#include "preload/contract/drain_due.h"
#include "preload/contract/libc_clock.h"
#include "preload/heap_sample.h"
#include "preload/outside.h"
#include "preload/resident.h"
#include "preload/signals.h"
#include "preload/threads.h"
#include "preload/turn.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TURN_NS 40000000ull /* that long the end of a process waits for the drain */
#define MOST_PASSES 64      /* that make room for late frees */

/* By its caller, who finds the trace by its name and has the turn. */
static bool write_end_by_name(enum trace_end kind, int status)
{
    char path[PATH_MAX + 80];
    const int held = servant.fd;
    const uint32_t part = servant.part;
    if (servant.failed)
        servant_write_end(kind, status);
    if (servant.failed || !servant.drain_ready)
        return servant.failed;
    snprintf(path, sizeof path, "%s/%s", servant.options.recording->path, servant.options.trace);
    bool found = servant_open_trace(AT_FDCWD, path);
    if (found) {
        servant_write_end(kind, status);
        close(servant.fd);
    }
    servant.fd = held;
    servant.part = part;
    drain_name_trace(&servant.drain, servant.directory, servant.options.trace);
    return found;
}

/* True when the calling thread may do the servant's work: nothing it might be stopped or
 * killed for, which the servant is not. */
static bool may_write_here(void)
{
    struct rlimit limit;
    return !servant.options.wall && !confinement_any_sigsafe() &&
           threads_stack_has(SERVANT_STACK_NEEDED) && getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
           limit.rlim_cur == RLIM_INFINITY;
}

/* Waits for its turn, not for the servant, which has to be given a processor first: on a
 * busy machine that took up to 120 ms. */
static bool write_end_here(enum trace_end kind, int status)
{
    if (!may_write_here() || !turn_take(&servant.turn, TURN_NS))
        return false;
    /* Other threads may go on closing descriptors until the process is gone. */
    if (kind == TRACE_END_EXIT)
        syscall(SYS_unshare, CLONE_FILES);
    uint64_t before = signals_block_all_sigsafe(); /* a handler may not come back */
    bool done = write_end_by_name(kind, status);
    signals_restore_sigsafe(before);
    if (!done || kind != TRACE_END_EXIT) /* else nothing may follow */
        turn_leave(&servant.turn);
    return done;
}

/* Modules are looked at if there is any sample; memory goes with the process. */
void servant_write_alone(const struct servant_options *options, enum trace_end kind, int status)
{
    servant_set_up(options, "none");
    servant_prepare();
    servant_write_end(kind, status);
    close(servant.fd);
    close(servant.directory);
}

/* The whole trace by the calling thread, when nobody outside has begun it. */
static bool write_all_here(enum trace_end kind, int status)
{
    struct servant_options options = servant.options;
    if (!may_write_here() || !outside_take_back())
        return false;
    if (kind == TRACE_END_EXIT)
        syscall(SYS_unshare, CLONE_FILES);
    uint64_t before = signals_block_all_sigsafe();
    servant_write_alone(&options, kind, status);
    if (kind != TRACE_END_EXIT && servant.drain_ready) /* else the process is gone */
        drain_release(&servant.drain);
    servant.handed_over = true;
    signals_restore_sigsafe(before);
    return true;
}

static void flush_here(unsigned timeout_ms)
{
    for (int passes = 0; passes < MOST_PASSES && !heap_sample_flush(); passes++)
        outside_ask(RING_ASK_FLUSH, timeout_ms);
    if (threads_stack_has(SERVANT_STACK_NEEDED))
        resident_tell_end(servant.options.ring);
}

static bool finish_outside(enum trace_end kind, int status, unsigned timeout_ms)
{
    bool held = chores_hold(); /* who does them, looks at memory and at frees that wait */
    bool done = held && write_all_here(kind, status);
    if (!done)
        complaints_tell(servant.options.recording, servant.options.ring);
    if (!done && held)
        flush_here(timeout_ms);
    if (held && kind == TRACE_END_EXEC)
        chores_release();
    return done ? !servant.failed : outside_end(kind, status, servant_cpu_used_ns(), timeout_ms);
}

bool servant_note_exec(bool keep_empty, bool single_threaded, unsigned timeout_ms)
{
    if (outside_is_on_sigsafe())
        return (!keep_empty && !drain_has_samples(&servant.drain, servant.options.ring)) ||
               finish_outside(TRACE_END_EXEC, 0, timeout_ms);
    if (single_threaded && servant_is_running()) {
        if (!keep_empty && !drain_has_samples(&servant.drain, servant.options.ring))
            return true;
        if (write_end_here(TRACE_END_EXEC, 0))
            return true;
    }
    servant.keep_empty = keep_empty;
    return servant_ask(REQUEST_EXEC, timeout_ms);
}

bool servant_finish(enum trace_end kind, int status, unsigned timeout_ms)
{
    if (outside_is_on_sigsafe())
        return finish_outside(kind, status, timeout_ms);
    servant.end_kind = kind;
    servant.end_status = status;
    if (servant.orphaned) {
        servant.orphaned = false;
        return write_end_by_name(kind, status);
    }
    return servant_ask(REQUEST_FINISH, timeout_ms);
}

bool servant_finish_process(enum trace_end kind, int status, unsigned timeout_ms)
{
    return (servant_is_running() && write_end_here(kind, status)) ||
           servant_finish(kind, status, timeout_ms);
}
