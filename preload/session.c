/*
 * Starting and ending in the right order. Its own file because constructor,
 * interface, fork and exit all need the same order.
 */
#include "preload/session_state.h"

#include "preload/choices.h"
#include "preload/chores.h"
#include "preload/clock.h"
#include "preload/clock_wall.h"
#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/long_waits.h"
#include "preload/contract/recording.h"
#include "preload/control.h"
#include "preload/counters.h"
#include "preload/crash.h"
#include "preload/departure.h"
#include "preload/facts.h"
#include "preload/fork_child.h"
#include "preload/hardware_counters.h"
#include "preload/heap_exact.h"
#include "preload/heap_sample.h"
#include "preload/leak_scan.h"
#include "preload/main_stack.h"
#include "preload/modules.h"
#include "preload/nap.h"
#include "preload/next_allocator.h"
#include "preload/outside.h"
#include "preload/place.h"
#include "preload/platform.h"
#include "preload/quiet.h"
#include "preload/regions.h"
#include "preload/resident.h"
#include "preload/ring.h"
#include "preload/safe_read.h"
#include "preload/sampler.h"
#include "preload/servant.h"
#include "preload/signals.h"
#include "preload/stack_table.h"
#include "preload/thread_hooks.h"
#include "preload/threads.h"
#include "preload/unwind_rules.h"
#include "preload/wait_hooks.h"
#include "preload/wait_stack.h"
#include "preload/waits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STACK_NEEDED (96u << 10) /* to write a trace */

struct session session;
PLATFORM_FORK_DATA pid_t session_process;

/* Whoever is filtered may be killed for it: `record` then removes what is left. */
void session_remove_ring(void)
{
    if (session.ring_path[0] && !confinement_any_sigsafe() && !servant_leaves_rest())
        unlink(session.ring_path);
}

static void describe(struct drain *drain, const char *form)
{
    session.facts.servant = form;
    facts_describe(&session.facts, drain);
}

bool session_wall_is_asked(void)
{
    return strcmp(session.settings.text[SETTING_ID_clock], "wall") == 0;
}

static void gather_facts(void)
{
    session.facts.settings = &session.settings;
    session.facts.clock = session_wall_is_asked() ? "wall" : session.clock->name;
    bool kernel = settings_flag(&session.settings, SETTING_ID_kernel);
    session.facts.kernel = !kernel ? "off" : session.facts.kernel_reason ? "unavailable" : "on";
    choice_of_counters(session.clock, &session.facts);
    uint64_t hz = session.settings.number[SETTING_ID_frequency];
    session.facts.looks_asked = !session_wall_is_asked() ? 0
                                : hz < CLOCK_WALL_HZ     ? hz
                                                         : CLOCK_WALL_HZ;
    session.facts.ring_file = session.ring_path;
    session.facts.weight_unit_ns =
        choice_of_period(&session.settings, session.clock, &session.recording);
}

int session_begin_image(const struct stack_bounds *bounds)
{
    session_process = getpid();
    session.facts.start_monotonic_ns = libc_clock_now_sigsafe();
    session.facts.start_realtime_ns = libc_clock_read_sigsafe(CLOCK_REALTIME);
    session.cpu_start_ns = libc_clock_read_sigsafe(CLOCK_PROCESS_CPUTIME_ID);
    session.ring->max_size = session.settings.number[SETTING_ID_max_size];
    session.ring->rotates = settings_flag(&session.settings, SETTING_ID_rotate);
    control_use_ring(session.ring);
    regions_use_ring(session.ring);
    counters_use_ring(session.ring);
    hardware_counters_use_ring();
    int status = threads_init(session.ring, session.clock, session.facts.weight_unit_ns);
    if (status == 0)
        status = stack_table_init();
    if (status == 0)
        status = heap_exact_init(session.ring);
    if (status != 0)
        return status;
    heap_sample_init(session.ring, session.facts.heap_interval);
    resident_init(session.ring, session.facts.memory_known, session.forked);
    sampler_use_ring(session.ring);
    waits_use_ring(session.ring);
    crash_use_ring(session.ring);
    chores_use_ring(session.ring);
    modules_tell_generation(&session.ring->generation);
    threads_attach_self(bounds);
    if (!session.forked) /* else the thread is followed since it was the parent's */
        thread_hooks_follow_self();
    return 0;
}

static bool needs_no_thread(void)
{
    return !session_wall_is_asked() && !session.clock->by_servant && !session.late &&
           !confinement_any_sigsafe() && control_has_no_plan() &&
           !settings_flag(&session.settings, SETTING_ID_leak_scan);
}

/* Names the trace, and says all the servant has to know. */
static int instruct_servant(struct servant_options *servant)
{
    int status = place_of_trace(&session.recording, servant->trace, sizeof servant->trace);
    snprintf(session.ring->trace, sizeof session.ring->trace, "%.4000s/%s", session.recording.path,
             servant->trace);
    servant->recording = &session.recording;
    servant->describe = describe;
    servant->confined = session_confined;
    servant->over = departure_is_over;
    servant->gone = departure_end_process;
    servant->ring = session.ring;
    servant->cpu_start_ns = session.cpu_start_ns;
    servant->period_ns = session.facts.weight_unit_ns;
    servant->late = session.late;
    servant->wall = session_wall_is_asked();
    servant->outside = needs_no_thread();
    servant->resources_rate = (unsigned)session.settings.number[SETTING_ID_resources];
    servant->resources_root = settings_text(&session.settings, SETTING_ID_resources_root);
    servant->looks.max_depth = (uint32_t)session.settings.number[SETTING_ID_max_depth];
    servant->looks.frequency = (uint32_t)session.settings.number[SETTING_ID_frequency];
    return status;
}

int session_start_servant(void)
{
    struct servant_options servant = {0};
    int status = instruct_servant(&servant);
    if (servant.wall)
        threads_leave_slowly();
    threads_pause_counts(); /* what the C library allocates for a thread of ours */
    if (status == 0)
        status = servant_start(&servant);
    threads_resume_counts();
    return status;
}

static int open_image(const struct stack_bounds *bounds, char *why, size_t why_size)
{
    int status;
    session.ring = ring_open(session.recording.rings, session.recording.id, session.ring_path,
                             sizeof session.ring_path, &status);
    if (!session.ring) {
        snprintf(why, why_size, "cannot make ring file '%s': %s", session.ring_path,
                 strerrordesc_np(-status));
        return status;
    }
    status = session_begin_image(bounds);
    if (status == 0)
        status = session_start_servant();
    if (status != 0) {
        snprintf(why, why_size, "cannot start: %s", strerrordesc_np(-status));
        unlink(session.ring_path);
        return status;
    }
    heap_exact_start();
    session.open = true;
    return 0;
}

/* 0 when it is not known. */
static unsigned count_threads(void)
{
    struct stat tasks;
    int saved_errno = errno;
    bool known = stat("/proc/self/task", &tasks) == 0;
    errno = saved_errno;
    return known ? (unsigned)tasks.st_nlink - 2 : 0; /* two links are the directory's own */
}

int session_begin(const struct settings *settings, bool preloaded, char *why, size_t why_size)
{
    session.settings = *settings;
    session.preloaded = preloaded;
    session.late = !preloaded || count_threads() > 1;
    int status = place_of_recording(&session.settings, &session.recording, why, why_size);
    if (status != 0)
        return status;
    if (confinement_kills(CONFINEMENT_TIMER)) {
        snprintf(
            why, why_size,
            "process %d is not profiled: a seccomp filter kills on timer_create; allow it there",
            (int)getpid());
        recording_message(&session.recording, why);
        return -EPERM;
    }
    safe_read_init();
    wait_hooks_init();
    modules_init();
    unwind_rules_init();
    session.clock = choice_of_clock(settings, &session.recording, why, why_size);
    if (!session.clock)
        return -ENOTSUP;
    session.facts.kernel_reason = choice_of_kernel(settings, &session.recording);
    enum unwind_mode unwinder = choice_of_unwinder(settings, preloaded, &session.recording,
                                                   &session.facts.unwinder, why, why_size);
    thread_hooks_init(departure_of_last);
    choice_of_heap(&session.settings, preloaded, &session.facts);
    choice_of_waits(settings, preloaded, &session.facts);
    quiet_init((uint64_t)next_allocator_address());
    heap_exact_walk(unwinder == UNWIND_AUTO, (uint32_t)settings->number[SETTING_ID_max_depth]);
    gather_facts();
    struct sampler_options options = {
        .max_depth = (uint32_t)settings->number[SETTING_ID_max_depth],
        .unwinder = unwinder,
        .measure = settings_flag(settings, SETTING_ID_measure_handler),
    };
    struct stack_bounds bounds = main_stack_of_caller();
    choice_of_plan(settings, &session.recording);
    status = sampler_init(&options);
    if (status == 0)
        status = open_image(&bounds, why, why_size);
    if (status == 0)
        crash_init(session.clock->by_servant);
    return status;
}

void session_hand_down(const struct settings *settings)
{
    char why[256];
    session.settings = *settings;
    place_of_recording(&session.settings, &session.recording, why, sizeof why);
}

bool session_is_open(void)
{
    return session.open;
}

bool session_is_ours(void)
{
    return session.open && !confinement_is_strict_sigsafe() && session_process == getpid();
}

bool session_is_single_threaded(void)
{
    return session_is_ours() && count_threads() == 1u + servant_is_running();
}

void session_hold_trace(void)
{
    int saved_errno = errno;
    nap_wake();
    if (session_is_ours())
        servant_hold_trace(SESSION_END_TIMEOUT_MS);
    errno = saved_errno;
}

static void go_on(void)
{
    ring_open_children(session.ring);
    threads_pause_counts();
    servant_go_on();
    threads_resume_counts();
    if (control_is_on() && threads_are_armed_by_servant())
        threads_arm_all();
}

bool session_withdraw(void)
{
    int saved_errno = errno;
    session_hold_trace();
    threads_pause_counts();
    /* A thread made again would be under the caller's filter. */
    bool alone = servant_is_running() && !confinement_any_sigsafe() && session_is_single_threaded();
    if (alone && threads_are_armed_by_servant())
        threads_disarm_all(); /* what the servant holds open ends with it */
    bool away = alone && servant_suspend(SESSION_END_TIMEOUT_MS);
    if (alone && !away)
        go_on();
    threads_resume_counts();
    errno = saved_errno;
    return away;
}

void session_rejoin(void)
{
    int saved_errno = errno;
    threads_pause_counts();
    int status = servant_resume();
    threads_resume_counts();
    go_on();
    if (status != 0)
        recording_message(&session.recording,
                          "no thread of ours is possible any more: of what follows only the last "
                          "samples are kept, written when the process exits");
    errno = saved_errno;
}

bool session_flush(void)
{
    nap_wake();
    return servant_flush(SESSION_END_TIMEOUT_MS);
}

uint64_t session_start_ns(void)
{
    return session.facts.start_monotonic_ns;
}

const char *session_trace(void)
{
    return session.ring->trace;
}

/* The thread sanitizer reports, and fails for, threads nobody waits for. Asked of the loader
 * before there is a program: dlsym(), where it finds nothing, allocates for the message. */
extern void __tsan_init(void) __attribute__((weak)); /* NOLINT(bugprone-reserved-identifier) */

static bool is_thread_sanitized(void)
{
    return __tsan_init != NULL;
}

static void end_session(enum trace_end kind, int status, unsigned timeout_ms)
{
    struct servant_options alone = {0};
    if (!nap_is_on_sigsafe())
        wait_stacks_collect(session.ring);
    waits_settle();
    sampler_enable(false);
    heap_exact_stop();
    session.open = false;
    if (nap_is_on_sigsafe() && !threads_stack_has(STACK_NEEDED))
        nap_wake();
    if (nap_is_on_sigsafe() || session.alone) {
        nap_end();
        session.facts.brief = true;
        if (instruct_servant(&alone) == 0)
            servant_write_alone(&alone, kind, status);
        session_remove_ring();
        return;
    }
    if (!is_thread_sanitized()) {
        if (servant_finish_process(kind, status, timeout_ms))
            session_remove_ring();
        return;
    }
    bool has_thread = servant_is_running();
    if (!servant_finish(kind, status, timeout_ms))
        return;
    session_remove_ring();
    if (has_thread)
        servant_join();
}

/* From here to the end of the scan nothing of the target runs, and no block comes or goes.
 * `sp`: what lies below on the stack is ours. */
static unsigned begin_leak_scan(uint64_t sp)
{
    bool recorded = !session.late && !sampler_was_off();
    struct leak_scan_options options = {.whole = recorded, .sp = sp};
    if (!choice_of_leak_scan(&session.settings, &session.recording, &session.facts, &options))
        return 0;
    options.servant = servant_tid(SESSION_END_TIMEOUT_MS);
    if (options.servant >= 0)
        leak_scan_begin(&options);
    return LEAK_SCAN_MS;
}

void session_end(enum trace_end kind, int status)
{
    uint64_t frame = (uint64_t)__builtin_frame_address(0);
    if (kind == TRACE_END_EXIT && fork_child_is_counted())
        return;
    regions_leave_all();
    unsigned timeout_ms = SESSION_END_TIMEOUT_MS + begin_leak_scan(frame - PLATFORM_SAVED_BYTES);
    end_session(kind, status, timeout_ms);
    leak_scan_end();
}

static void come_inside(void)
{
    threads_pause_counts();
    servant_come_inside(SESSION_END_TIMEOUT_MS);
    threads_resume_counts();
}

void session_hides(void)
{
    nap_wake();
    if (session_is_ours())
        come_inside();
}

void session_confined(bool all)
{
    char line[256];
    nap_wake();
    if (!session_is_ours() || (all ? confinement_all() : confinement_any_sigsafe())) {
        confinement_note_sigsafe(all);
        return;
    }
    come_inside(); /* who is not filtered, and starts clocks for others */
    snprintf(line, sizeof line,
             "process %d put a seccomp filter on itself: from then on %sprocesses it forks are not "
             "profiled",
             (int)getpid(), all ? "its new threads and the " : "the ");
    confinement_note_sigsafe(all);
    recording_message(&session.recording, line);
}

/* True when samples were taken that nobody has written. */
static bool is_worth_waking(void)
{
    const struct thread *self = threads_current_sigsafe();
    return self && (self->slot->samples || self->slot->lost);
}

void session_exec(void)
{
    if (nap_is_on_sigsafe() && !is_worth_waking())
        return;
    nap_wake();
    long_waits_close(session.ring);
    waits_settle();
    if (threads_are_armed_by_servant()) {
        threads_disarm_all();
        servant_stop_clocks(SESSION_END_TIMEOUT_MS);
    }
    /* A fork child that only execs is the gap between two programs: unless it was
     * sampled there is nothing to tell. */
    if (servant_note_exec(!session.forked, session_is_single_threaded(), SESSION_END_TIMEOUT_MS) &&
        !outside_is_on_sigsafe()) /* whoever has it removes it when exec has not failed */
        session_remove_ring();
}

/* A file for the ring again, which had been removed. Of several threads others write to it. */
static void share_again(void)
{
    if (!servant_is_running() || access(session.ring_path, F_OK) == 0 || !session_withdraw())
        return;
    uint64_t before = signals_block_all_sigsafe();
    ring_share(session.ring, session.recording.rings, session.recording.id, session.ring_path,
               sizeof session.ring_path);
    signals_restore_sigsafe(before);
    session_rejoin();
}

void session_go_on(void)
{
    long_waits_open(session.ring);
    go_on();
    share_again();
}
