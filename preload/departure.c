/*
 * Leaving. Its own file because several hooks and the servant come to the same end.
 */
#include "preload/departure.h"

#include "preload/confinement.h"
#include "preload/crash.h"
#include "preload/fork_child.h"
#include "preload/heap_exact.h"
#include "preload/nap.h"
#include "preload/platform.h"
#include "preload/regions.h"
#include "preload/sampler.h"
#include "preload/servant.h"
#include "preload/session_state.h"
#include "preload/tasks.h"
#include "preload/thread_clock.h"
#include "preload/thread_hooks.h"
#include "preload/threads.h"
#include "preload/waits.h"

#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t strict_in; /* how this process ends will not be known */

static enum trace_end kind_of_end(void)
{
    return strict_in == session_process ? TRACE_END_UNKNOWN : TRACE_END_EXIT;
}

/* False in a thread made by clone() alone, which may have its maker's thread-local storage. */
static bool is_in_books(int tid)
{
    const struct thread *thread = threads_current_sigsafe();
    return thread ? thread->tid == tid : nap_is_deep_sigsafe() && tid == session_process;
}

static void close_session(void)
{
    sampler_enable(false);
    heap_exact_stop();
    session.open = false;
}

/* Of several threads that leave at once each may find that it is the last one. */
static void end_session(int status)
{
    static pid_t ended_in;
    if (__atomic_exchange_n(&ended_in, session_process, __ATOMIC_ACQ_REL) == session_process)
        return;
    threads_disarm_all(); /* a clock may be the process's */
    close_session();
    if (!servant_finish(kind_of_end(), status, SESSION_END_TIMEOUT_MS))
        return;
    session_remove_ring();
    servant_join();
}

void departure_of_last(void)
{
    if (session_is_ours())
        end_session(0);
}

/* The calling thread leaves, and is the last one. What naps has one thread. */
static void leave(int status)
{
    threads_lock();
    thread_clock_stop_ahead();
    threads_unlock();
    if (fork_child_is_counted()) {
        nap_end();
        return;
    }
    nap_wake();
    regions_leave_all();
    if (session.alone) {
        threads_disarm_all();
        session_end(kind_of_end(), status);
        return;
    }
    threads_detach_self();
    if (thread_hooks_no_more())
        end_session(status);
}

void departure_by_exit(int status)
{
    if (session_is_ours() && is_in_books((int)platform_syscall4_sigsafe(SYS_gettid, 0, 0, 0, 0)))
        leave(status & 0xff);
}

static void tell(int tid)
{
    char line[160];
    snprintf(line, sizeof line,
             "process %d: thread %d went into strict seccomp mode: from then on it is not profiled",
             (int)session_process, tid);
    recording_message(&session.recording, line);
}

void departure_into_strict(void)
{
    int tid = (int)syscall(SYS_gettid);
    bool ours = session_is_ours();
    if ((session_is_open() && !ours) || !confinement_allows_strict()) /* not of a vfork child */
        return;
    if (ours) {
        strict_in = session_process;
        tell(tid);
        if (is_in_books(tid))
            leave(0);
        else
            threads_let_go(tid);
    }
    crash_withdraw(); /* the way back from a handler of abort() is not open there */
    confinement_note_strict();
    waits_forget();
    threads_pause_counts();
    heap_exact_leave_out_self();
}

/* The other threads, as the kernel has them. */
struct others {
    int servant;
    bool any, strict;   /* that run; that are in that mode, and nobody's concern */
    bool listed, ended; /* there was a list; the first one has ended, */
    int status;         /* so */
};

/* A tracer may have kept others that ended; it is the first one that tells how. */
static void look_at(void *context, int tid)
{
    struct others *others = context;
    int status;
    if (tid == others->servant) {
        others->listed = true;
    } else if (tasks_has_ended(tid, &status)) {
        others->ended |= tid == session_process;
        others->status = tid == session_process ? status : others->status;
    } else if (confinement_is_strict_task(tid)) {
        others->strict = true;
    } else {
        others->any = true;
    }
}

static struct others look_at_others(int servant)
{
    struct others others = {.servant = servant};
    tasks_list(look_at, &others);
    return others;
}

bool departure_is_over(int servant, enum trace_end *kind, int *status)
{
    if (!thread_hooks_no_more())
        return false;
    struct others others = look_at_others(servant);
    if (!others.listed || others.any)
        return false;
    bool known = others.ended && !others.strict && WIFEXITED(others.status);
    *kind = known ? TRACE_END_EXIT : TRACE_END_UNKNOWN;
    *status = known ? WEXITSTATUS(others.status) : 0;
    return true;
}

/* By one of the two signals that end a thread alone: KILL in strict mode, SYS by a filter. */
static void die_by(int number)
{
    const struct sigaction by_default = {.sa_handler = SIG_DFL};
    sigset_t signals;
    crash_withdraw(); /* the place is that of this thread of ours */
    sigemptyset(&signals);
    sigaddset(&signals, number);
    sigaction(number, &by_default, NULL);
    kill(getpid(), number);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

void departure_end_process(void)
{
    struct others others = look_at_others((int)syscall(SYS_gettid));
    close_session();
    if (session.ring_path[0] && !confinement_all() &&
        !servant_leaves_rest()) /* the servant may, if a thread may not */
        unlink(session.ring_path);
    if (others.any || others.strict || !others.ended)
        return;
    if (WIFSIGNALED(others.status))
        die_by(WTERMSIG(others.status));
    syscall(SYS_exit_group, WEXITSTATUS(others.status));
}
