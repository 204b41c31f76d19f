/*
 * The servant's thread form. Its own file because it is the only thread we add,
 * and how the target's threads talk to it is here: requests and answers.
 */
#include "preload/servant_state.h"

#include "preload/bell.h"
#include "preload/clock_wall.h"
#include "preload/complaints.h"
#include "preload/confinement.h"
#include "preload/contract/drain.h"
#include "preload/contract/drain_due.h"
#include "preload/contract/drain_limit.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/long_looks.h"
#include "preload/contract/long_waits.h"
#include "preload/contract/pace.h"
#include "preload/contract/trace_parts.h"
#include "preload/control.h"
#include "preload/descriptors.h"
#include "preload/hard_states.h"
#include "preload/heap_exact.h"
#include "preload/heap_sample.h"
#include "preload/leak_scan.h"
#include "preload/modules.h"
#include "preload/nap.h"
#include "preload/outside.h"
#include "preload/platform.h"
#include "preload/resident.h"
#include "preload/ring.h"
#include "preload/ring_start.h"
#include "preload/sampler.h"
#include "preload/servant_resources.h"
#include "preload/signals.h"
#include "preload/stack_table.h"
#include "preload/thread_hooks.h"
#include "preload/threads.h"
#include "preload/turn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define STACK_SIZE (256u << 10)
#define MOST_PASSES 64     /* that make room for late frees, at the end */
#define FILLED_NS 1000000u /* a ring that filled while it was written has rung already */

struct servant servant;

/* One line where the user will find it; the target hears nothing. */
static void tell(const char *what, int status)
{
    char line[512];
    snprintf(line, sizeof line, "process %d: %s '%s': %s", (int)getpid(), what,
             servant.options.trace, strerrordesc_np(-status));
    recording_message(servant.options.recording, line);
}

/* The trace cannot be written: profiling ends, the target goes on. */
static void fail(const char *what, int status)
{
    servant.failed = true;
    servant.crowded = drain_limit_is_no_room(status);
    heap_exact_stop();
    control_end();
    tell(what, status);
}

void servant_set_up(const struct servant_options *options, const char *form)
{
    memset(&servant, 0, sizeof servant);
    servant.options = *options;
    servant.fd = -1;
    servant.made = options->ring->trace_written > 0; /* somebody else has begun it */
    servant.drain_ready = drain_init(&servant.drain, options->ring, 0) == 0;
    if (!servant.drain_ready)
        fail("profiling stopped: no memory to write", -ENOMEM);
    else
        options->describe(&servant.drain, form);
}

void servant_prepare(void)
{
    const struct servant_options *options = &servant.options;
    /* Held from now on: the target may change its root directory. */
    servant.directory = open(options->recording->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (servant.directory < 0)
        fail("profiling stopped: cannot reach", -errno);
    bool looks = options->wall && !servant.failed;
    int status = looks ? clock_wall_init(options->ring, &options->looks) : 0;
    if (status != 0)
        tell("threads that wait are not seen: cannot look at them for", status);
}

/* The trace is made when there is something to write: most children of shells
 * never have anything. */
bool servant_open_trace(int directory, const char *name)
{
    int flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
    char part[PATH_MAX + 80];
    if (trace_part_name(part, sizeof part, name, servant.drain.part) != 0)
        return false;
    servant.fd = openat(directory, part, flags | (servant.made ? 0 : O_CREAT | O_EXCL), 0600);
    drain_name_trace(&servant.drain, directory, name);
    servant.part = servant.drain.part;
    servant.made |= servant.fd >= 0;
    return servant.fd >= 0;
}

static bool trace_is_open(void)
{
    if (servant.fd >= 0 &&
        servant.part != servant.drain.part) { /* an end was written that was none */
        close(servant.fd);
        servant.fd = -1;
    }
    if (servant.fd < 0 && !servant.failed &&
        !servant_open_trace(servant.directory, servant.options.trace))
        fail("profiling stopped: cannot make", -errno);
    return servant.fd >= 0;
}

/* What a pass may have come upon. */
static void note_limit(void)
{
    char line[512];
    servant.part = servant.drain.part;
    if (drain_limit_tell(&servant.drain, servant.options.trace, line, sizeof line))
        recording_message(servant.options.recording, line);
}

static void write_pass(void)
{
    if (!trace_is_open())
        return;
    /* Read first: who ends meanwhile may be left for the next. */
    uint32_t ended = __atomic_load_n(&servant.options.ring->slots_ended, __ATOMIC_RELAXED);
    heap_sample_flush();
    if (servant.tid == gettid()) /* not the target's own time */
        servant.drain.servant_ns = libc_clock_read_sigsafe(CLOCK_THREAD_CPUTIME_ID);
    int status = drain_pass(&servant.drain, servant.fd, modules_told_generation());
    servant.ended_written = ended;
    servant.last_write_ns = libc_clock_now_sigsafe();
    if (status != 0)
        fail("profiling stopped: cannot write", status);
    note_limit();
}

bool servant_leaves_rest(void)
{
    return servant.crowded;
}

uint64_t servant_cpu_used_ns(void)
{
    return libc_clock_read_sigsafe(CLOCK_PROCESS_CPUTIME_ID) - servant.options.cpu_start_ns;
}

static void write_end(enum trace_end kind, int end_status)
{
    complaints_tell(servant.options.recording, servant.options.ring);
    if (!trace_is_open())
        return;
    /* As long as frees wait for room in rings that a pass makes. */
    for (int passes = 0; passes < MOST_PASSES && !heap_sample_flush(); passes++)
        write_pass();
    int scanned = leak_scan_write(&servant.drain, servant.fd, modules_told_generation());
    if (scanned != 0)
        fail("the scan for leaks is incomplete: cannot write", scanned);
    resident_tell_end(servant.options.ring);
    servant_resources_finish();
    int status = drain_finish(&servant.drain, servant.fd, modules_told_generation(), kind,
                              end_status, servant_cpu_used_ns());
    if (status != 0)
        fail("the end is missing: cannot write", status);
    note_limit();
}

/* For who reads what there was no room for. */
static void leave_end(enum trace_end kind, int end_status)
{
    struct ring_file *ring = servant.options.ring;
    ring->end_cpu_ns = servant_cpu_used_ns();
    ring->end_status = end_status;
    __atomic_store_n(&ring->end_kind, kind, __ATOMIC_RELEASE);
}

void servant_write_end(enum trace_end kind, int end_status)
{
    if (!servant.failed)
        write_end(kind, end_status);
    if (servant.crowded)
        leave_end(kind, end_status);
}

static uint64_t age_ns(void)
{
    return libc_clock_now_sigsafe() - servant.begun_ns;
}

/* For what no hook sees: filters installed by a bare system call, in time for what follows;
 * threads made so; and the last one's end, for which then nobody asks. */
static uint32_t look_around(void)
{
    struct servant_options *options = &servant.options;
    if (!confinement_any_sigsafe() && confinement_count_first() > servant.filters)
        options->confined(confinement_count_own() > servant.filters);
    threads_scan(servant.tid, options->late);
    options->late = false;
    servant.over = options->over(servant.tid, &servant.end_kind, &servant.end_status);
    return servant.over ? REQUEST_FINISH : 0;
}

/* Where those are that have not run for long; the wall clock finds that without a signal. */
static void look_at_threads(void)
{
    if (servant.options.wall)
        return;
    long_waits_ask(servant.options.ring, getpid(), LONG_WAITS_NS);
    long_looks_look(servant.options.ring, getpid());
}

static void write_end_of(uint32_t requests)
{
    bool finish = requests & REQUEST_FINISH;
    servant_write_end(finish ? servant.end_kind : TRACE_END_EXEC, finish ? servant.end_status : 0);
}

static void serve(uint32_t requests)
{
    signals_keep();
    threads_serve();
    if (servant.failed) {
        if (requests & (REQUEST_FINISH | REQUEST_EXEC))
            write_end_of(requests);
        return;
    }
    hard_states_make();
    ring_extend_nodes(servant.options.ring);
    stack_table_extend(servant.options.ring);
    if (servant.options.wall)
        clock_wall_settle(
            (requests & ~(uint32_t)REQUEST_FLUSH) ||
            (requests && libc_clock_now_sigsafe() - servant.last_write_ns >= PACE_LOOK_MIN_NS));
    if (requests & REQUEST_FLUSH) {
        drain_scan_modules(&servant.drain, modules_told_generation());
        resource_log_want(servant.drain.resources);
    }
    resident_tell(pace_soon_ns(age_ns(), PACE_WRITE_MIN_NS, PACE_MEMORY_MAX_NS),
                  servant.options.ring);
    if (!confinement_any_sigsafe())
        look_at_threads();
    code_names_look(&servant.drain, libc_clock_now_sigsafe());
    uint64_t waited_ns = libc_clock_now_sigsafe() - servant.last_write_ns;
    bool ends = requests & REQUEST_EXEC &&
                (servant.keep_empty || drain_has_samples(&servant.drain, servant.options.ring));
    if (requests & REQUEST_FINISH || ends)
        write_end_of(requests);
    else if ((requests & REQUEST_FLUSH) ||
             drain_is_due(&servant.drain, age_ns(), waited_ns, servant.ended_written))
        write_pass();
}

/* Until there is something to do: at threads, or in rings. */
static uint64_t rest_ns(void)
{
    if (!servant.failed && drain_fill(&servant.drain) >= DRAIN_WRITE_FILL)
        return FILLED_NS;
    uint64_t rest =
        pace_soon_ns(age_ns(), PACE_LOOK_MIN_NS, pace_look_ns(servant.options.period_ns));
    uint64_t wall = servant.options.wall ? clock_wall_look(sampler_enabled_since_ns()) : rest;
    return wall < rest ? wall : rest;
}

static void await(uint32_t *turn)
{
    while (!turn_take(turn, PACE_LOOK_MAX_NS))
        ;
}

/* The descriptors of the target are neither seen nor kept open by us. */
static void begin(void)
{
    uint64_t here = (uint64_t)__builtin_frame_address(0);
    leak_scan_servant_stack(here - STACK_SIZE, here);
    if (servant.resumed && servant.directory >= 0)
        descriptors_keep_only(servant.directory, servant.fd);
    else
        descriptors_keep_none();
    heap_exact_leave_out_self();
    prctl(PR_SET_NAME, "profinject");
    __atomic_store_n(&servant.tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
    bell_wake_word_sigsafe((const uint32_t *)&servant.tid);
    servant.last_write_ns = libc_clock_now_sigsafe();
    if (!servant.resumed) {
        servant.begun_ns = servant.last_write_ns;
        servant.filters = confinement_count_own();
        servant_prepare();
        ring_start_leave(&servant.drain);
        servant_resources_begin();
        return;
    }
    servant_resources_begin();
    drain_name_trace(&servant.drain, servant.directory, servant.options.trace);
    if (servant.options.wall)
        clock_wall_reopen();
    turn_leave(&servant.released);
}

static void *run(void *unused __attribute__((unused)))
{
    begin();
    for (uint32_t requests = 0; !(requests & (REQUEST_FINISH | REQUEST_SUSPEND));) {
        uint32_t rings = bell_rings();
        uint32_t asked = __atomic_load_n(&servant.asked, __ATOMIC_ACQUIRE);
        uint32_t asked_outside = control_asked();
        requests = __atomic_exchange_n(&servant.requests, 0, __ATOMIC_ACQUIRE) | look_around();
        serve(requests | (control_serve() ? REQUEST_FLUSH : 0u));
        if (requests & REQUEST_SUSPEND)
            servant_resources_suspend();
        if (requests & (REQUEST_FINISH | REQUEST_SUSPEND))
            __atomic_store_n(&servant.running, 0, __ATOMIC_RELEASE);
        __atomic_store_n(&servant.answered, asked, __ATOMIC_RELEASE);
        bell_wake_word_sigsafe(&servant.answered);
        control_answer(asked_outside);
        turn_leave(&servant.turn);
        if (requests & REQUEST_SUSPEND)
            await(&servant.released);
        else if (!(requests & REQUEST_FINISH))
            servant_resources_wait(rings, control_wait_ns(rest_ns()));
        await(&servant.turn);
        if (requests & REQUEST_FINISH)
            servant_resources_end();
    }
    turn_leave(&servant.turn);
    if (servant.over)
        servant.options.gone();
    return NULL;
}

static int make_thread(void)
{
    pthread_attr_t attributes;
    servant.running = 1;
    servant.tid = 0;
    servant.turn = 1; /* the thread's, until it has prepared */
    servant.released = 1;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    uint64_t before = signals_block_all_sigsafe(); /* the thread inherits it */
    int status = thread_hooks_create_unhooked(&servant.thread, &attributes, run, NULL);
    signals_restore_sigsafe(before);
    pthread_attr_destroy(&attributes);
    if (status != 0)
        servant.running = servant.turn = 0;
    return -status;
}

int servant_start(const struct servant_options *options)
{
    bool there = options->outside && outside_is_there(options->ring, options->recording);
    servant_set_up(options, there ? "outside" : "inside");
    if (threads_stack_has(SERVANT_STACK_NEEDED))
        ring_start_leave(&servant.drain);
    if (!there || !options->ring->start_size)
        return make_thread();
    drain_release(&servant.drain); /* most never need it */
    servant.drain_ready = false;
    servant.handed_over = true;
    outside_offer(options->ring);
    return 0;
}

int servant_come_inside(unsigned timeout_ms)
{
    struct servant_options options = servant.options;
    if (!servant.handed_over || (outside_is_on_sigsafe() && !outside_leave(timeout_ms)))
        return 0;
    servant_set_up(&options, "inside");
    return make_thread();
}

int servant_go_on(void)
{
    if (!outside_is_on_sigsafe()) {
        __atomic_store_n(&servant.options.ring->end_kind, 0, __ATOMIC_RELEASE);
        return servant_come_inside(0);
    }
    outside_go_on();
    return 0;
}

bool servant_ask(enum servant_request request, unsigned timeout_ms)
{
    if (!servant_is_running())
        return false;
    uint64_t deadline = libc_clock_now_sigsafe() + timeout_ms * 1000000ull;
    __atomic_or_fetch(&servant.requests, request, __ATOMIC_RELEASE);
    uint32_t mine = __atomic_add_fetch(&servant.asked, 1, __ATOMIC_RELEASE);
    bell_ring_sigsafe();
    for (;;) {
        uint32_t answered = __atomic_load_n(&servant.answered, __ATOMIC_ACQUIRE);
        uint64_t now = libc_clock_now_sigsafe();
        if ((int32_t)(answered - mine) >= 0)
            return true;
        if (now >= deadline)
            return false;
        bell_wait_word(&servant.answered, answered, deadline - now);
    }
}

bool servant_flush(unsigned timeout_ms)
{
    if (outside_is_on_sigsafe())
        return outside_ask(RING_ASK_FLUSH, timeout_ms);
    return servant_ask(REQUEST_FLUSH, timeout_ms);
}

bool servant_stop_clocks(unsigned timeout_ms)
{
    return servant_ask(REQUEST_NOTHING, timeout_ms);
}

bool servant_hold_trace(unsigned timeout_ms)
{
    return __atomic_load_n(&servant.fd, __ATOMIC_RELAXED) >= 0 || servant_flush(timeout_ms);
}

bool servant_suspend(unsigned timeout_ms)
{
    if (!servant_ask(REQUEST_SUSPEND, timeout_ms))
        return false;
    servant.directory = descriptors_borrow(servant.tid, servant.directory, O_PATH | O_DIRECTORY);
    servant.fd = descriptors_borrow(servant.tid, servant.fd, O_WRONLY | O_APPEND);
    turn_leave(&servant.released);
    thread_hooks_join_unhooked(servant.thread);
    return true;
}

int servant_resume(void)
{
    int held[] = {servant.directory, servant.fd};
    servant.resumed = true;
    int status = make_thread();
    servant.orphaned = status != 0;
    if (status == 0)
        await(&servant.released);
    for (int i = 0; i < 2; i++)
        if (held[i] >= 0)
            close(held[i]);
    return status;
}

bool servant_is_running(void)
{
    return __atomic_load_n(&servant.running, __ATOMIC_ACQUIRE) && !nap_is_deep_sigsafe();
}

int servant_tid(unsigned timeout_ms)
{
    uint64_t deadline = libc_clock_now_sigsafe() + timeout_ms * 1000000ull;
    int tid = 0;
    while (servant_is_running() && !(tid = __atomic_load_n(&servant.tid, __ATOMIC_ACQUIRE)) &&
           libc_clock_now_sigsafe() < deadline)
        bell_wait_word((const uint32_t *)&servant.tid, 0, PACE_LOOK_MIN_NS);
    return servant_is_running() && !tid ? -1 : tid;
}

void servant_join(void)
{
    if (!servant.tid) /* there was none */
        return;
    pthread_join(servant.thread, NULL);
}

void servant_fork_prepare(void)
{
    resident_fork_prepare(servant.options.ring);
}

/* The drain's memory stayed with the parent. What is left unwritten is not copied. */
void servant_fork_child(void)
{
    modules_fork_child();
    if (servant.options.wall)
        clock_wall_release();
    outside_forget();
    servant.handed_over = false;
    servant.running = 0;
    servant.orphaned = servant.drain_ready = servant.crowded = false;
    servant.collector = NULL;
}
