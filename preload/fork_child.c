/*
 * From the parent's session to the child's own. Its own file because most children never
 * need the second, and what is left to them of the first is decided here.
 */
#include "preload/fork_child.h"

#include "preload/cfi_scratch.h"
#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/own_memory.h"
#include "preload/control.h"
#include "preload/hard_states.h"
#include "preload/heap_exact.h"
#include "preload/nap.h"
#include "preload/next_allocator.h"
#include "preload/platform.h"
#include "preload/regions.h"
#include "preload/ring.h"
#include "preload/sampler.h"
#include "preload/servant.h"
#include "preload/session_state.h"
#include "preload/signals.h"
#include "preload/threads.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

/* Found out in the parent, which has it all in the cache; in a child every page that is looked
 * at, or written to, costs half a microsecond or a whole one. */
static PLATFORM_FORK_DATA struct {
    uint64_t time_ns;
    struct stack_bounds bounds; /* of the thread that called fork */
    bool may_wait, counts;      /* begin later; its allocations count */
} forked;

/* Its only thread becomes one of two, and its ring a file. */
static void wake_up(void)
{
    char line[256];
    if (!session_is_ours())
        return;
    uint64_t before = signals_block_all_sigsafe(); /* nothing is sampled meanwhile */
    threads_pause_counts();
    int status = ring_share(session.ring, session.recording.rings, session.recording.id,
                            session.ring_path, sizeof session.ring_path);
    if (status == 0)
        status = session_start_servant();
    nap_end();
    threads_resume_counts();
    session.alone = status != 0;
    if (session.alone) {
        snprintf(line, sizeof line, "process %d: only its first samples are kept: %s",
                 (int)session_process, strerrordesc_np(-status));
        recording_message(&session.recording, line);
    } else {
        heap_exact_start();
    }
    signals_restore_sigsafe(before);
}

/* A child that has things to do for others than its samples is awake from the start, as
 * is one whose allocations do not come by us: nothing would wake it. */
static bool may_nap(void)
{
    return control_is_settled() && !session_wall_is_asked() &&
           strcmp(session.facts.heap, "unavailable") != 0;
}

/* Everything of the parent's that its threads, or a handler, may have been in the middle of. */
static void forget_parent(void)
{
    own_memory_fork_child();
    hard_states_fork_child();
    cfi_scratch_fork_child();
    control_fork_child();
    heap_exact_stop();
}

/* The image began with the process, whenever it was that anybody asked. */
static void date_back(void)
{
    uint64_t late_ns = session.facts.start_monotonic_ns - forked.time_ns;
    struct thread *self = threads_current_sigsafe();
    session.facts.start_monotonic_ns = forked.time_ns;
    session.facts.start_realtime_ns -= late_ns;
    session.cpu_start_ns = 0;
    if (!self)
        return;
    self->slot->start_ns = forked.time_ns;
    self->slot->cpu_start_ns = 0;
}

static int share_at_once(void)
{
    int status = ring_share(session.ring, session.recording.rings, session.recording.id,
                            session.ring_path, sizeof session.ring_path);
    if (status == 0)
        status = session_start_servant();
    if (status == 0)
        heap_exact_start();
    return status;
}

/* Code that it made is in the child as well, and named by the parent alone. */
static void note_parent(int parent, uint64_t parent_start_ns)
{
    session.ring->start_ns = forked.time_ns;
    session.ring->parent = parent;
    session.ring->parent_start_ns = parent_start_ns;
}

/* In memory of its own, or, where it may not nap, in all it needs. */
static void begin(void)
{
    char why[256];
    regions_fork_save(threads_current_sigsafe());
    sampler_enable(false);
    servant_fork_child();
    forget_parent();
    session.forked = true;
    session.alone = session.late = false;
    session.ring_path[0] = '\0';
    const int parent = session.ring->pid;
    const uint64_t parent_start_ns = session.ring->start_ns;
    int status = ring_renew(session.ring);
    if (status == 0)
        note_parent(parent, parent_start_ns);
    if (status == 0)
        status = session_begin_image(&forked.bounds);
    nap_end();
    if (status == 0) {
        date_back();
        if (may_nap())
            nap_begin(wake_up, (uint64_t)next_allocator_address());
        else
            status = share_at_once();
    }
    session.open = status == 0;
    if (status != 0) {
        snprintf(why, sizeof why, "process %d is not profiled: %s", (int)session_process,
                 strerrordesc_np(-status));
        recording_message(&session.recording, why);
        return;
    }
    regions_fork_restore();
    if (control_is_on())
        control_switch(true);
}

void fork_child_prepare(void)
{
    const struct thread *self = threads_current_sigsafe();
    bool grandchild = nap_is_deep_sigsafe(); /* of whom what was found out for the child is true */
    forked.time_ns = libc_clock_now_sigsafe();
    if (grandchild)
        return;
    servant_fork_prepare();
    forked.bounds = self ? self->bounds : (struct stack_bounds){0, 0};
    forked.counts = strcmp(session.facts.heap, "off") != 0;
    forked.may_wait = self && !self->region_depth && may_nap() && !ring_is_private();
}

static void leave_session(void)
{
    session.open = false;
    nap_end();
    forget_parent();
    threads_forget();
    ring_close(session.ring);
}

void fork_child_begin(void)
{
    session_process = (pid_t)platform_syscall4_sigsafe(SYS_getpid, 0, 0, 0, 0);
    if (!settings_flag(&session.settings, SETTING_ID_children) || confinement_any_sigsafe())
        leave_session();
    else if (forked.may_wait && threads_tick_ahead(session_process, forked.counts))
        nap_begin_deep(begin);
    else
        begin();
}

static uint64_t own_cpu_ns(void)
{
    struct timespec time = {0, 0};
    platform_syscall4_sigsafe(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, (long)&time, 0, 0);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

bool fork_child_is_counted(void)
{
    if (!nap_is_deep_sigsafe())
        return false;
    sampler_enable(false);
    if (!nap_end_deep())
        return false;
    bool counted = ring_count_child(session.ring, own_cpu_ns());
    if (counted)
        session_process = 0;
    else
        begin();
    return counted;
}
