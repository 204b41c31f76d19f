/*
 * Starting and ending in the right order. Its own file because constructor,
 * interface, fork and exit all need the same order.
 */
#include "preload/session.h"

#include "preload/clock.h"
#include "preload/clock_perf.h"
#include "preload/clock_wall.h"
#include "preload/confinement.h"
#include "preload/contract/recording.h"
#include "preload/control.h"
#include "preload/counters.h"
#include "preload/facts.h"
#include "preload/hardware_counters.h"
#include "preload/heap_hooks.h"
#include "preload/libc_clock.h"
#include "preload/modules.h"
#include "preload/regions.h"
#include "preload/retry_hooks.h"
#include "preload/ring.h"
#include "preload/safe_read.h"
#include "preload/sampler.h"
#include "preload/servant.h"
#include "preload/stack_table.h"
#include "preload/thread_hooks.h"
#include "preload/threads.h"
#include "preload/unwind_libunwind.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define END_TIMEOUT_MS 2000
#define IMAGES_MAX 10000

static struct {
    struct settings settings;
    struct recording recording;
    struct facts facts;
    struct ring_file *ring;
    const struct clock *clock;
    char ring_path[PATH_MAX];
    char variable[PATH_MAX + sizeof RECORDING_VARIABLE + 1]; /* putenv keeps it */
    pid_t pid;
    bool open, forked, preloaded;
} session;

static uint64_t clock_now(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Makes the recording the output setting names. */
static int make_recording(void)
{
    char path[PATH_MAX], comm[16];
    facts_comm(comm, sizeof comm);
    int status = recording_expand(session.settings.output, comm, path, sizeof path);
    if (status != 0)
        return status;
    if (settings_is_default(&session.settings, SETTING_ID_output))
        return recording_create_numbered(&session.recording, path);
    return recording_create(&session.recording, path, false);
}

/* Joins the recording handed down, or makes one and hands it down. */
static int find_recording(char *why, size_t why_size)
{
    const char *given = getenv(RECORDING_VARIABLE);
    int status = given ? recording_open(&session.recording, given) : make_recording();
    if (status != 0) {
        snprintf(why, why_size, "cannot %s '%s': %s", given ? "join" : "make",
                 given ? given : session.settings.output, strerrordesc_np(-status));
        return status;
    }
    snprintf(session.settings.output, sizeof session.settings.output, "%s", session.recording.path);
    if (!given) {
        snprintf(session.variable, sizeof session.variable, "%s=%s", RECORDING_VARIABLE,
                 session.recording.path);
        putenv(session.variable);
    }
    return 0;
}

/* COMM.PID.pinj, or COMM.PID.N.pinj when this pid ran that program before. */
static int name_trace(char *name, size_t size)
{
    char comm[16], path[PATH_MAX];
    struct stat status;
    facts_comm(comm, sizeof comm);
    for (unsigned image = 0; image < IMAGES_MAX; image++) {
        char number[16] = "";
        if (image)
            snprintf(number, sizeof number, ".%u", image);
        snprintf(name, size, "%s.%d%s.pinj", comm, (int)session.pid, number);
        int length = snprintf(path, sizeof path, "%s/%s", session.recording.path, name);
        if (length < 0 || (size_t)length >= sizeof path)
            return -ENAMETOOLONG;
        if (lstat(path, &status) != 0)
            return 0;
    }
    return -EEXIST;
}

/* Whoever is filtered may be killed for it: `record` then removes what is left. */
static void remove_ring(void)
{
    if (!confinement_any())
        unlink(session.ring_path);
}

static void describe(struct drain *drain)
{
    facts_describe(&session.facts, drain);
}

static enum unwind_mode chosen_unwinder(void)
{
    bool fp = strcmp(session.settings.text[SETTING_ID_unwinder], "fp") == 0;
    return fp ? UNWIND_FP : UNWIND_AUTO;
}

/* The wall clock is the cpu clock, and looks at the threads that do not run. */
static bool wall_is_asked(void)
{
    return strcmp(session.settings.text[SETTING_ID_clock], "wall") == 0;
}

/* The hardware's counters come with the perf clock. */
static void find_counters(void)
{
    static char why[128] = "--clock perf counts them";
    int status = -ENOTSUP;
    if (session.clock == &clock_perf)
        status = hardware_counters_try(hardware_events, why, sizeof why);
    session.facts.counters = status != 0                     ? "unavailable"
                             : hardware_counters_by_sample() ? "by sample"
                                                             : "by thread";
    session.facts.counters_reason = status != 0 ? why : NULL;
}

static void gather_facts(const char *heap_reason)
{
    bool off = strcmp(session.settings.text[SETTING_ID_heap], "off") == 0;
    session.facts.settings = &session.settings;
    session.facts.heap_reason = off ? "--heap off" : heap_reason;
    session.facts.heap = off ? "off" : heap_reason ? "unavailable" : "counters";
    session.facts.clock = wall_is_asked() ? "wall" : session.clock->name;
    bool kernel = settings_flag(&session.settings, SETTING_ID_kernel);
    session.facts.kernel = !kernel ? "off" : session.facts.kernel_reason ? "unavailable" : "on";
    find_counters();
    uint64_t hz = session.settings.number[SETTING_ID_frequency];
    session.facts.looks_asked = !wall_is_asked() ? 0 : hz < CLOCK_WALL_HZ ? hz : CLOCK_WALL_HZ;
    session.facts.unwinder = chosen_unwinder() == UNWIND_FP ? "fp" : "auto";
    session.facts.ring_file = session.ring_path;
    session.facts.weight_unit_ns = 1000000000u / session.settings.number[SETTING_ID_frequency];
}

/* What every image of the session needs anew: ring, threads, trace, servant. */
static int open_image(const struct stack_bounds *bounds, char *why, size_t why_size)
{
    struct servant_options servant = {.recording = &session.recording, .describe = describe};
    int status;

    session.pid = getpid();
    session.facts.start_monotonic_ns = clock_now(CLOCK_MONOTONIC);
    session.facts.start_realtime_ns = clock_now(CLOCK_REALTIME);
    session.ring = ring_open(session.recording.rings, session.recording.id, session.ring_path,
                             sizeof session.ring_path, &status);
    if (!session.ring) {
        snprintf(why, why_size, "cannot make ring file '%s': %s", session.ring_path,
                 strerrordesc_np(-status));
        return status;
    }
    status = name_trace(servant.trace, sizeof servant.trace);
    snprintf(session.ring->trace, sizeof session.ring->trace, "%.4000s/%s", session.recording.path,
             servant.trace);
    control_use_ring(session.ring);
    regions_use_ring(session.ring);
    counters_use_ring(session.ring);
    hardware_counters_use_ring();
    if (status == 0)
        status = threads_init(session.ring, session.clock, session.facts.weight_unit_ns);
    if (status == 0)
        status = stack_table_init();
    if (status == 0) {
        sampler_use_ring(session.ring);
        threads_attach_self(bounds);
        threads_pause_counts(); /* what the C library allocates for a thread of ours */
        thread_hooks_follow_self();
        servant.ring = session.ring;
        servant.cpu_start_ns = clock_now(CLOCK_PROCESS_CPUTIME_ID);
        servant.period_ns = session.facts.weight_unit_ns;
        servant.late = !session.preloaded;
        servant.wall = wall_is_asked();
        servant.looks.max_depth = (uint32_t)session.settings.number[SETTING_ID_max_depth];
        servant.looks.frequency = (uint32_t)session.settings.number[SETTING_ID_frequency];
        if (servant.wall)
            threads_leave_slowly();
        status = servant_start(&servant);
        threads_resume_counts();
    }
    if (status != 0) {
        snprintf(why, why_size, "cannot start: %s", strerrordesc_np(-status));
        unlink(session.ring_path);
        return status;
    }
    session.open = true;
    return 0;
}

/* Times of the plan count from the recording's beginning, whichever process asks. */
static void make_plan(void)
{
    const uint64_t *number = session.settings.number;
    uint64_t age = clock_now(CLOCK_REALTIME) - session.recording.created_ns;
    uint64_t now = clock_now(CLOCK_MONOTONIC);
    uint64_t began = session.recording.created_ns && age < now ? now - age : now;
    uint64_t start = began + number[SETTING_ID_delay], length = number[SETTING_ID_duration];
    struct control_plan plan = {
        .paused = strcmp(session.settings.text[SETTING_ID_start], "paused") == 0,
        .start_ns = start,
        .end_ns = length ? start + length : 0,
        .toggle_signal = (int)number[SETTING_ID_toggle_signal],
    };
    control_init(&plan);
}

static struct stack_bounds caller_bounds(void)
{
    const struct stack_bounds unknown = {0, 0};
    return syscall(SYS_gettid) == getpid() ? threads_main_bounds() : unknown;
}

/* Every thread left by pthread_exit: the process ends with the last one, unless our
 * own is still there. */
static void end_with_last_thread(void)
{
    if (!session_is_ours())
        return;
    sampler_enable(false);
    session.open = false;
    if (servant_finish(TRACE_END_EXIT, 0, END_TIMEOUT_MS)) {
        remove_ring();
        servant_join();
    }
}

/* Frames of the kernel were asked for: says where they are not to be had. */
static void tell_kernel(void)
{
    char line[200];
    session.facts.kernel_reason = clock_perf_why_no_kernel();
    if (!session.facts.kernel_reason)
        return;
    snprintf(line, sizeof line, "no frames of the kernel: %s", session.facts.kernel_reason);
    recording_message(&session.recording, line);
}

/* The clock asked for, or the one to be had, which is then said. */
static int choose_clock(char *why, size_t why_size)
{
    const char *name = session.settings.text[SETTING_ID_clock];
    bool kernel = settings_flag(&session.settings, SETTING_ID_kernel);
    if (kernel)
        clock_perf_want_kernel();
    bool killed = strcmp(name, "perf") == 0 && confinement_kills(CONFINEMENT_PERF);
    session.clock = clock_choose(killed ? "cpu" : name, why, why_size);
    if (!session.clock)
        return -ENOTSUP;
    if (killed && !why[0])
        snprintf(why, why_size, "clock perf: a seccomp filter kills on perf_event_open; using cpu");
    if (why[0])
        recording_message(&session.recording, why);
    if (kernel)
        tell_kernel();
    return 0;
}

int session_begin(const struct settings *settings, bool preloaded, char *why, size_t why_size)
{
    session.settings = *settings;
    session.preloaded = preloaded;
    int status = find_recording(why, why_size);
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
    libc_clock_init();
    retry_hooks_init();
    modules_init();
    hard_frames_init();
    status = choose_clock(why, why_size);
    if (status != 0)
        return status;
    thread_hooks_init(end_with_last_thread);
    bool heap_off = strcmp(settings->text[SETTING_ID_heap], "off") == 0;
    const char *heap_reason = !preloaded ? "not preloaded" : heap_off ? NULL : heap_hooks_init();
    gather_facts(heap_reason);
    struct sampler_options options = {
        .max_depth = (uint32_t)settings->number[SETTING_ID_max_depth],
        .unwinder = chosen_unwinder(),
        .measure = settings_flag(settings, SETTING_ID_measure_handler),
    };
    struct stack_bounds bounds = caller_bounds();
    make_plan();
    status = sampler_init(&options);
    if (status == 0)
        status = open_image(&bounds, why, why_size);
    return status;
}

void session_hand_down(const struct settings *settings)
{
    char why[256];
    session.settings = *settings;
    find_recording(why, sizeof why);
}

bool session_is_open(void)
{
    return session.open;
}

bool session_is_ours(void)
{
    return session.open && session.pid == getpid();
}

bool session_is_single_threaded(void)
{
    struct stat tasks;
    int saved_errno = errno;
    /* Two links are the directory's own. */
    bool known = session_is_ours() && stat("/proc/self/task", &tasks) == 0;
    errno = saved_errno;
    return known && tasks.st_nlink == 3u + servant_is_running();
}

bool session_withdraw(void)
{
    int saved_errno = errno;
    threads_pause_counts();
    /* A thread made again would be under the caller's filter. */
    bool alone = !confinement_any() && session_is_single_threaded();
    if (alone && threads_are_armed_by_servant())
        threads_disarm_all(); /* what the servant holds open ends with it */
    bool away = alone && servant_suspend(END_TIMEOUT_MS);
    if (alone && !away)
        session_go_on();
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
    session_go_on();
    if (status != 0)
        recording_message(&session.recording,
                          "no thread of ours is possible any more: of what follows only the last "
                          "samples are kept, written when the process exits");
    errno = saved_errno;
}

bool session_flush(void)
{
    return servant_flush(END_TIMEOUT_MS);
}

const char *session_trace(void)
{
    return session.ring->trace;
}

void session_end(enum trace_end kind, int status)
{
    regions_leave_all();
    sampler_enable(false);
    session.open = false;
    bool has_thread = servant_is_running();
    if (!servant_finish(kind, status, END_TIMEOUT_MS))
        return;
    remove_ring();
    /* The thread sanitizer reports, and fails for, threads nobody waits for. */
    if (has_thread)
        servant_join();
}

void session_confined(bool all)
{
    char line[256];
    if (!session_is_ours() || (all ? confinement_all() : confinement_any())) {
        confinement_note(all);
        return;
    }
    snprintf(line, sizeof line,
             "process %d put a seccomp filter on itself: from then on %sprocesses it forks are not "
             "profiled",
             (int)getpid(), all ? "its new threads and the " : "the ");
    confinement_note(all);
    recording_message(&session.recording, line);
}

void session_exec(void)
{
    if (threads_are_armed_by_servant())
        threads_disarm_all(); /* the servant does so before it answers */
    /* A fork child that only execs is the gap between two programs: unless it was
     * sampled there is nothing to tell. */
    if (servant_note_exec(!session.forked, END_TIMEOUT_MS))
        remove_ring();
}

void session_go_on(void)
{
    if (control_is_on() && threads_are_armed_by_servant())
        threads_arm_all();
}

void session_fork_child(void)
{
    struct thread *self = threads_current_sigsafe();
    struct stack_bounds bounds = self ? self->bounds : (struct stack_bounds){0, 0};
    char why[256];
    sampler_enable(false);
    regions_fork_save(self);
    servant_fork_child();
    control_fork_child();
    session.open = false;
    session.forked = true;
    threads_forget();
    ring_close(session.ring);
    if (!settings_flag(&session.settings, SETTING_ID_children) || confinement_any())
        return;
    if (open_image(&bounds, why, sizeof why) != 0)
        recording_message(&session.recording, why);
    else {
        regions_fork_restore();
        if (control_is_on())
            control_switch(true);
    }
}
