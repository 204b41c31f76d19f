/*
 * Reading threads. Its own file beside process_monitor.c because there are many, most of which do
 * nothing most of the time.
 */
#include "preload/resources/thread_monitor.h"

#include "preload/contract/libc_clock.h"
#include "preload/resources/process_monitor.h"
#include "preload/resources/task_stat.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROOM_KEPT 128       /* descriptors left to run times: others are read by opening */
#define QUIET_CLOSE 50u     /* looks after which the other descriptors of a thread are closed */
#define AWAKE 10u           /* looks without having run after which a thread sleeps */
#define ASLEEP 10u          /* such a one is read in one look of so many */
#define BEHIND_NS 4000000u  /* what schedstat has of a thread that runs may be as old as a tick */
#define BRIEF_NS 2000000u   /* a new thread that has run for less is told of by the next look */
#define OFTEN 5u            /* looks in which it had run make a thread worth all series */
#define SWITCHES_AT_ONCE 2u /* threads that run whose switches are read in one look: of more */
#define SWITCHES_LOOKS 8u   /* less often, but of each once in so many of its looks */
/* Times are told as multiples of these but at the end, a 2000th and a thousandth of the time between
 * looks: what is below was most of what a trace had of resources. */
#define RAN_UNIT_NS 50000u
#define WAITED_UNIT_NS 100000u
#define NEW_MOST 64u       /* threads that are met in one look */
#define LAST_NS 2000000ull /* for looks at the end, which the process waits for */

#define PLACE(resource) ((resource)-RESOURCE_THREAD_CPU)

static const enum resource of_io[] = {RESOURCE_THREAD_READ, RESOURCE_THREAD_WRITTEN};
static const enum resource of_status[] = {RESOURCE_THREAD_VOLUNTARY, RESOURCE_THREAD_INVOLUNTARY};

void thread_monitor_init(struct thread_monitor *monitor, struct kept_folder *folder,
                         struct resource_log *log, struct followed_thread *threads, int own_tid,
                         uint64_t tick_ns)
{
    memset(monitor, 0, sizeof *monitor);
    monitor->log = log;
    monitor->folder = folder;
    monitor->threads = threads;
    monitor->own_tid = own_tid;
    monitor->tick_ns = tick_ns;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    monitor->processors = processors > 0 ? (uint32_t)processors : 1;
}

/* Of all threads: told once, not for each. NULL: there are values. */
static void tell_reason(struct thread_monitor *monitor, const enum resource *resources,
                        size_t count, const char *reason)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t *id = &monitor->reasons[PLACE(resources[i])];
        if (!*id && reason)
            *id = resource_log_add(monitor->log, resources[i], NULL, 0);
        if (*id)
            resource_log_unavailable(monitor->log, *id, reason);
    }
}

static ssize_t read_of(struct thread_monitor *monitor, struct followed_thread *thread,
                       struct kept_file *file, const char *name, char *text, size_t size)
{
    char path[48];
    bool keep = file == &thread->times || monitor->folder->room > ROOM_KEPT || file->fd >= 0;
    snprintf(path, sizeof path, "task/%d/%s", thread->tid, name);
    return kept_file_read(monitor->folder, keep ? file : NULL, path, text, size);
}

static void forget_files(struct thread_monitor *monitor, struct followed_thread *thread, bool all)
{
    kept_file_close(monitor->folder, &thread->stat);
    kept_file_close(monitor->folder, &thread->io);
    kept_file_close(monitor->folder, &thread->status);
    if (all)
        kept_file_close(monitor->folder, &thread->times);
}

static void end_thread(struct thread_monitor *monitor, struct followed_thread *thread)
{
    for (unsigned i = 0; i < THREAD_VALUES; i++)
        if (thread->ids[i])
            resource_log_end(monitor->log, thread->ids[i]);
    forget_files(monitor, thread, true);
    thread->tid = 0;
}

static bool is_time(enum resource resource)
{
    return resource == RESOURCE_THREAD_CPU || resource == RESOURCE_THREAD_RUN_QUEUE;
}

/* thread->values[] is what it was by the look before: where that was at the moment before, both are
 * put when it is told of for the first time. What does not change of a thread that ran now and then,
 * as when it was asked where it waits, is not told of. */
static void put(struct thread_monitor *monitor, struct followed_thread *thread,
                enum resource resource, uint64_t value)
{
    uint32_t *id = &thread->ids[PLACE(resource)];
    uint64_t *before = &thread->values[PLACE(resource)];
    if (thread->told && !*id && (value != *before || thread->ran >= OFTEN || is_time(resource))) {
        *id = resource_log_add(monitor->log, resource, NULL, thread->tid);
        if (thread->looked + 1 == monitor->looks)
            resource_log_put_before(monitor->log, *id, (int64_t)*before);
    }
    if (*id)
        resource_log_put(monitor->log, *id, (int64_t)value);
    *before = value;
}

static void put_times(struct thread_monitor *monitor, struct followed_thread *thread, bool last)
{
    uint64_t unit = last ? 1 : RAN_UNIT_NS, waited_unit = last ? 1 : WAITED_UNIT_NS;
    put(monitor, thread, RESOURCE_THREAD_CPU, thread->cpu_ns / unit * unit);
    put(monitor, thread, RESOURCE_THREAD_RUN_QUEUE, thread->queue_ns / waited_unit * waited_unit);
}

/* False when it is another thread of that number. */
static bool look_at_stat(struct thread_monitor *monitor, struct followed_thread *thread)
{
    struct task_stat stat;
    char text[1024];
    if (read_of(monitor, thread, &thread->stat, "stat", text, sizeof text) <= 0 ||
        !task_stat_parse(text, &stat))
        return true;
    if (thread->start_ticks && thread->start_ticks != stat.start_ticks)
        return false;
    thread->start_ticks = stat.start_ticks;
    put(monitor, thread, RESOURCE_THREAD_USER, stat.user_ticks * monitor->tick_ns);
    put(monitor, thread, RESOURCE_THREAD_SYSTEM, stat.system_ticks * monitor->tick_ns);
    put(monitor, thread, RESOURCE_THREAD_FAULTS, stat.faults);
    put(monitor, thread, RESOURCE_THREAD_MAJOR_FAULTS, stat.major_faults);
    put(monitor, thread, RESOURCE_THREAD_PROCESSOR, stat.processor);
    return true;
}

/* Two numbers of a file, for two series; or why they are not there. */
static void look_at_two(struct thread_monitor *monitor, struct followed_thread *thread,
                        struct kept_file *file, const char *name, const char *const names[2],
                        const enum resource resources[2])
{
    char text[4096];
    uint64_t values[2];
    ssize_t status = read_of(monitor, thread, file, name, text, sizeof text);
    if (kept_folder_is_gone(monitor->folder, status))
        return;
    bool found = status > 0 && kept_file_named(text, names[0], &values[0]) &&
                 kept_file_named(text, names[1], &values[1]);
    tell_reason(monitor, resources, 2, found ? NULL : kept_file_reason(status));
    for (unsigned i = 0; found && i < 2; i++)
        put(monitor, thread, resources[i], values[i]);
}

static void look_at_io(struct thread_monitor *monitor, struct followed_thread *thread)
{
    static const char *const names[] = {"read_bytes:", "write_bytes:"};
    look_at_two(monitor, thread, &thread->io, "io", names, of_io);
}

static void look_at_switches(struct thread_monitor *monitor, struct followed_thread *thread)
{
    static const char *const names[] = {"voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"};
    look_at_two(monitor, thread, &thread->status, "status", names, of_status);
}

/* The dear ones in turn, stat of 6 us and status of 10 to 20, which is read less often where many
 * run; both when it has come to rest. The turns are the thread's own: of very many threads each is
 * looked at every so many looks only. False when it is another thread of that number. */
static bool look_at_rest(struct thread_monitor *monitor, struct followed_thread *thread, bool all)
{
    uint8_t turn = ++thread->turn;
    bool same = all || turn % 2 ? look_at_stat(monitor, thread) : true;
    if (same && (all || turn % monitor->switches_looks == 0))
        look_at_switches(monitor, thread);
    if (same)
        look_at_io(monitor, thread);
    thread->owes = !all;
    return same;
}

static void note_quiet(struct thread_monitor *monitor, struct followed_thread *thread)
{
    if (thread->owes)
        look_at_rest(monitor, thread, true);
    for (unsigned i = 0; i < THREAD_VALUES; i++)
        if (thread->ids[i])
            resource_log_unchanged(monitor->log, thread->ids[i]);
    thread->quiet += thread->quiet < QUIET_CLOSE;
    if (thread->quiet == QUIET_CLOSE)
        forget_files(monitor, thread, false);
}

/* `ran waited slices`. */
static bool read_times(struct thread_monitor *monitor, struct followed_thread *thread,
                       uint64_t *cpu_ns, uint64_t *queue_ns)
{
    static const enum resource both[] = {RESOURCE_THREAD_CPU, RESOURCE_THREAD_RUN_QUEUE};
    char text[128];
    const char *at = text;
    ssize_t status = read_of(monitor, thread, &thread->times, "schedstat", text, sizeof text);
    if (status > 0 && kept_file_number(&at, cpu_ns) && kept_file_number(&at, queue_ns))
        return true;
    if (kept_folder_is_gone(monitor->folder, status))
        monitor->some_gone = true;
    else
        tell_reason(monitor, both, 2, kept_file_reason(status));
    return false;
}

/* What it had done before is not told, but when it does something more. */
static void look_first(struct thread_monitor *monitor, struct followed_thread *thread)
{
    look_at_rest(monitor, thread, true);
    thread->told = true;
    thread->looked = monitor->looks;
    put_times(monitor, thread, false);
}

/* A thread that has hardly run may be gone by the next look, and its series with it. */
static bool is_brief(struct followed_thread *thread)
{
    bool seen = thread->seen;
    thread->seen = true;
    return !seen && thread->cpu_ns < BRIEF_NS;
}

static void look_at(struct thread_monitor *monitor, struct followed_thread *thread, bool last)
{
    uint64_t cpu_ns, queue_ns;
    if (!read_times(monitor, thread, &cpu_ns, &queue_ns))
        return;
    bool same = cpu_ns == thread->cpu_ns && queue_ns == thread->queue_ns;
    bool other = cpu_ns < thread->cpu_ns;
    monitor->unknown_ns -= other ? 0 : (int64_t)(cpu_ns - thread->cpu_ns);
    thread->cpu_ns = cpu_ns;
    thread->queue_ns = queue_ns;
    if (!thread->told && thread->was_there)
        look_first(monitor, thread);
    else if (thread->told && same)
        note_quiet(monitor, thread);
    else if (thread->told || last || !is_brief(thread)) {
        thread->told = true;
        thread->quiet = 0;
        thread->ran += thread->ran < OFTEN;
        monitor->running++;
        put_times(monitor, thread, last);
        other |= !look_at_rest(monitor, thread, last);
    }
    if (other) {
        end_thread(monitor, thread);
        monitor->some_gone = true;
    }
    thread->looked = monitor->looks;
}

/* Listed in the order in which they were made, as they stand in the table. */
static struct followed_thread *find(struct thread_monitor *monitor, int tid, uint32_t *hint)
{
    for (uint32_t i = 0; i < monitor->count; i++) {
        uint32_t at = (*hint + i) % monitor->count;
        if (monitor->threads[at].tid != tid)
            continue;
        *hint = at + 1;
        return &monitor->threads[at];
    }
    return NULL;
}

/* One that is new among so many, as far as there is room. */
static void meet(struct thread_monitor *monitor, int tid)
{
    if (monitor->count >= THREAD_MONITOR_MOST)
        return;
    struct followed_thread *thread = &monitor->threads[monitor->count++];
    const struct kept_file none = {-1};
    memset(thread, 0, sizeof *thread);
    thread->tid = tid;
    thread->turn = (uint8_t)tid; /* not all at once */
    thread->was_there = monitor->looks == 1;
    thread->looked = monitor->looks - 1;
    thread->times = thread->stat = thread->io = thread->status = none;
    look_at(monitor, thread, false);
}

/* Those that ended make room. */
static void compact(struct thread_monitor *monitor)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < monitor->count; i++)
        if (monitor->threads[i].tid) {
            if (i != count)
                monitor->threads[count] = monitor->threads[i];
            count++;
        }
    monitor->count = count;
}

/* What was found when they were listed: which of the table are still there, and who is new. */
struct listing {
    struct thread_monitor *monitor;
    uint32_t hint, known, fresh, there;
    uint8_t listed[THREAD_MONITOR_MOST / 8];
    int tids[NEW_MOST];
};

static bool note_listed(void *context, int tid)
{
    struct listing *listing = context;
    struct thread_monitor *monitor = listing->monitor;
    if (tid == monitor->own_tid)
        return true;
    listing->there++;
    const struct followed_thread *thread = find(monitor, tid, &listing->hint);
    if (thread) {
        uint32_t at = (uint32_t)(thread - monitor->threads);
        listing->listed[at / 8] |= (uint8_t)(1u << at % 8);
    } else if (listing->fresh < NEW_MOST) {
        listing->tids[listing->fresh++] = tid;
    }
    return true;
}

static void list(struct thread_monitor *monitor)
{
    static const enum resource all[] = {RESOURCE_THREAD_CPU};
    struct listing listing;
    memset(&listing, 0, offsetof(struct listing, tids));
    listing.monitor = monitor;
    bool whole = kept_folder_each_thread(monitor->folder, note_listed, &listing);
    tell_reason(monitor, all, 1, whole || monitor->count ? NULL : "threads cannot be listed");
    if (!whole)
        return;
    for (uint32_t i = 0; i < monitor->count; i++)
        if (!(listing.listed[i / 8] >> i % 8 & 1))
            end_thread(monitor, &monitor->threads[i]);
    compact(monitor);
    monitor->some_gone = listing.fresh == NEW_MOST && monitor->count < THREAD_MONITOR_MOST;
    for (uint32_t i = 0; i < listing.fresh; i++)
        meet(monitor, listing.tids[i]);
    if (listing.there > THREAD_MONITOR_MOST)
        tell_reason(monitor, all, 1, "of more than 4096 threads");
}

static bool is_asleep(const struct thread_monitor *monitor, const struct followed_thread *thread)
{
    return thread->told && thread->quiet >= AWAKE && monitor->looks > AWAKE;
}

/* Those that are awake; those that no descriptor is kept for in turn. */
static void look_at_awake(struct thread_monitor *monitor)
{
    uint32_t others = 0, next = monitor->turn, awake = 0;
    for (uint32_t i = 0; i < monitor->count; i++) {
        uint32_t at = (monitor->turn + i) % monitor->count;
        struct followed_thread *thread = &monitor->threads[at];
        bool kept = thread->times.fd >= 0;
        if (is_asleep(monitor, thread) || (!kept && others++ >= THREAD_MONITOR_TURN))
            continue;
        next = kept ? next : at + 1;
        awake++;
        look_at(monitor, thread, false);
    }
    monitor->turn = next;
    monitor->doubt_ns =
        (awake < monitor->processors ? awake + 1 : monitor->processors) * (int64_t)BEHIND_NS;
}

/* All of them where one must have run; else some, so that each is read once in so many looks. */
static void look_at_asleep(struct thread_monitor *monitor, bool all)
{
    const uint32_t part = monitor->looks % ASLEEP;
    for (uint32_t i = 0; i < monitor->count; i++) {
        struct followed_thread *thread = &monitor->threads[i];
        if (!is_asleep(monitor, thread) || thread->looked == monitor->looks)
            continue;
        if (all || i % ASLEEP == part)
            look_at(monitor, thread, false);
        else
            note_quiet(monitor, thread);
        thread->looked = monitor->looks;
    }
    if (all)
        monitor->unknown_ns = 0;
}

/* A power of two: whose turn it is by a larger one, it is by a smaller one as well, and so nobody is
 * left out where the number of those that run goes up and down. */
static uint32_t switches_looks(uint32_t running)
{
    uint32_t looks = 2;
    while (looks < SWITCHES_LOOKS && running > SWITCHES_AT_ONCE * looks)
        looks *= 2;
    return looks;
}

/* As many as can be read in the time. */
static void look_last(struct thread_monitor *monitor)
{
    uint64_t deadline_ns = libc_clock_now_sigsafe() + LAST_NS;
    for (uint32_t i = 0; i < monitor->count; i++) {
        if (i % 16 == 15 && libc_clock_now_sigsafe() > deadline_ns)
            return;
        look_at(monitor, &monitor->threads[i], true);
    }
}

void thread_monitor_look(struct thread_monitor *monitor, uint64_t process_ns, uint64_t there,
                         bool all, bool last)
{
    monitor->looks++;
    monitor->switches_looks = switches_looks(monitor->running);
    monitor->running = 0;
    if (last) {
        look_last(monitor);
        return;
    }
    monitor->unknown_ns += (int64_t)(process_ns - monitor->process_ns);
    monitor->process_ns = process_ns;
    look_at_awake(monitor);
    look_at_asleep(monitor, monitor->unknown_ns > monitor->doubt_ns);
    bool differs = there && there != monitor->count && monitor->count < THREAD_MONITOR_MOST;
    if (all || monitor->some_gone || differs)
        list(monitor);
}

void thread_monitor_close(struct thread_monitor *monitor)
{
    for (uint32_t i = 0; i < monitor->count; i++)
        forget_files(monitor, &monitor->threads[i], true);
}
