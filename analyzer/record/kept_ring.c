/*
 * Draining a living process's ring. Its own file because it is the servant's round, from
 * outside.
 */
#include "analyzer/record/kept_ring.h"

#include "analyzer/record/dead_ring.h"
#include "analyzer/record/kept_clocks.h"
#include "analyzer/record/process_end.h"
#include "analyzer/trace/trace_reader.h"
#include "analyzer/util/memory.h"
#include "preload/contract/drain_due.h"
#include "preload/contract/drain_limit.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/long_looks.h"
#include "preload/contract/long_waits.h"
#include "preload/contract/node_room.h"
#include "preload/contract/pace.h"
#include "preload/contract/thread_time.h"
#include "preload/contract/trace_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define YOUNG_NS 40000000ull
#define FILLED_NS 1000000u    /* a ring that filled while it was written has rung already */
#define EXEC_NS 1000000000ull /* so long an exec may take to fail */

/* Maps the file as long as it has its whole size: what shrinks it ends us. */
static struct ring_file *map_ring(int fd, struct stat *status)
{
    void *memory = MAP_FAILED;

    if (fd >= 0 && fstat(fd, status) == 0 && S_ISREG(status->st_mode) &&
        status->st_uid == geteuid() && (size_t)status->st_size >= sizeof(struct ring_file))
        memory = mmap(NULL, (size_t)status->st_size, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_NORESERVE, fd, 0);
    if (memory == MAP_FAILED)
        return NULL;
    if (ring_is_whole(memory, (size_t)status->st_size))
        return memory;
    munmap(memory, (size_t)status->st_size);
    return NULL;
}

/* The trace's name in the recording, NULL: it names another place. */
static const char *name_in(const struct recording *recording, const char *trace)
{
    size_t length = strlen(recording->path);
    const char *name = trace + length + 1;

    return strncmp(trace, recording->path, length) == 0 && trace[length] == '/' && *name != '\0' &&
                   strchr(name, '/') == NULL && strlen(name) <= NAME_MAX && recording_is_trace(name)
               ? name
               : NULL;
}

/* Who ends before it is writes itself, and nobody waits. */
static bool is_ripe(struct ring_file *ring)
{
    uint64_t start = UINT64_MAX;
    uint32_t count = ring->slot_count;

    if (__atomic_load_n(&ring->asked, __ATOMIC_ACQUIRE) != ring->answered || ring->pool.full > 0)
        return true;
    for (uint32_t i = 0; i < count; i++) {
        const struct ring_slot *slot = ring_slot_at(ring, i);
        uint64_t reserved = __atomic_load_n(&slot->reserved, __ATOMIC_RELAXED);
        if (reserved - slot->consumed > RING_DATA_SIZE / 4)
            return true;
        start = slot->start_ns < start ? slot->start_ns : start;
    }
    return count == 0 || libc_clock_now_sigsafe() >= start + YOUNG_NS;
}

/* Else somebody has drained it and taken it away: seen when it is locked. */
static bool is_at(const char *path, ino_t inode)
{
    struct stat status;

    return stat(path, &status) == 0 && status.st_ino == inode;
}

static bool claim(struct ring_file *ring)
{
    uint32_t expected = RING_KEEPER_OFFERED;

    return __atomic_compare_exchange_n(&ring->keeper, &expected, RING_KEEPER_OUTSIDE, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

static struct kept_ring *make(const char *path, pid_t pid, struct ring_file *ring,
                              const struct stat *status)
{
    struct kept_ring *kept = memory_alloc(sizeof(*kept));

    kept->ring = ring;
    kept->size = (size_t)status->st_size;
    kept->inode = status->st_ino;
    kept->pid = pid;
    kept->watch = (int)syscall(SYS_pidfd_open, pid, 0);
    kept->fd = -1;
    kept->begun_ns = kept->last_write_ns = libc_clock_now_sigsafe();
    snprintf(kept->path, sizeof(kept->path), "%s", path);
    return kept;
}

/* One line where the user will find it; the target goes on. */
static void fail(struct kept_ring *kept, const char *what, int status)
{
    char line[NAME_MAX + 256];

    kept->failed = true;
    kept->crowded = drain_limit_is_no_room(status);
    snprintf(line, sizeof(line), "process %d: %s '%s': %s", (int)kept->pid, what, kept->trace,
             strerrordesc_np(-status));
    recording_message(kept->recording, line);
    __atomic_store_n(&kept->ring->keeper_failed, (uint32_t)-status, __ATOMIC_RELEASE);
    __atomic_or_fetch(&kept->ring->chores, RING_CHORES_PAUSE, __ATOMIC_RELEASE);
}

/* Of seccomp, on the first thread (Linux 5.9); 0 when it is not told. */
static unsigned count_filters(const struct kept_ring *kept)
{
    char path[64], text[4096];

    snprintf(path, sizeof(path), "/proc/%d/status", (int)kept->pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
    if (fd >= 0)
        close(fd);
    text[got > 0 ? got : 0] = '\0';
    const char *found = strstr(text, "\nSeccomp_filters:");
    return found != NULL ? (unsigned)strtoul(strchr(found, ':') + 1, NULL, 10) : 0;
}

static void on_property(void *context, const char *name, const char *value, size_t size)
{
    struct kept_ring *kept = context;

    drain_property(&kept->drain, name, value, size);
    kept_resources_note(&kept->resources, name, value, size);
}

static void on_module(void *context, const struct trace_module *module)
{
    dead_ring_module(&((struct drain *)context)->modules, module);
}

static void begin(struct kept_ring *kept, struct election *election)
{
    const struct trace_visitor visitor = {.context = kept, .property = on_property};
    const struct trace_visitor modules = {.context = &kept->drain, .module = on_module};
    struct trace_summary summary = {0};
    struct ring_file *ring = kept->ring;
    uint64_t size = __atomic_load_n(&ring->start_size, __ATOMIC_ACQUIRE);
    int status = drain_init(&kept->drain, ring, kept->pid);

    kept->filters = count_filters(kept);
    oom_watch_begin(&kept->oom, kept->pid);
    if (status != 0)
        fail(kept, "profiling stopped: no memory to write", status);
    else if (size <= sizeof(ring->start))
        trace_read_records(ring->start, size, &visitor, &summary);
    if (status != 0)
        return;
    kept_resources_begin(&kept->resources, election, kept->pid, kept->directory, &kept->drain);
    drain_scan_modules(&kept->drain, ring->generation);
    if (kept->drain.modules.count == 0 && size <= sizeof(ring->start))
        trace_read_records(ring->start, size, &modules, &summary); /* it is gone already */
}

struct kept_ring *kept_ring_take(const char *path, pid_t pid, const struct recording *recording,
                                 int directory, struct election *election, bool *pending)
{
    struct stat status;
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct ring_file *ring = map_ring(fd, &status);
    const char *name = ring != NULL ? name_in(recording, ring->trace) : NULL;
    bool offered = name != NULL && ring->pid == pid &&
                   __atomic_load_n(&ring->keeper, __ATOMIC_ACQUIRE) == RING_KEEPER_OFFERED;

    if (offered && is_ripe(ring) && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
        is_at(path, status.st_ino) && claim(ring)) {
        struct kept_ring *kept = make(path, pid, ring, &status);
        snprintf(kept->trace, sizeof(kept->trace), "%s", name);
        kept->recording = recording;
        kept->directory = directory;
        kept->lock = fd;
        begin(kept, election);
        return kept;
    }
    *pending |= offered;
    if (ring != NULL)
        munmap(ring, (size_t)status.st_size);
    if (fd >= 0)
        close(fd);
    return NULL;
}

static bool trace_is_open(struct kept_ring *kept)
{
    if (kept->fd < 0 && !kept->failed) {
        int anew = kept->ring->trace_written > 0 ? 0 : O_CREAT | O_EXCL;
        char part[sizeof(kept->trace) + 16];
        trace_part_name(part, sizeof(part), kept->trace, kept->drain.part);
        kept->fd = openat(kept->directory, part,
                          O_WRONLY | anew | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
        drain_name_trace(&kept->drain, kept->directory, kept->trace);
        if (kept->fd < 0)
            fail(kept, "profiling stopped: cannot make", -errno);
    }
    return kept->fd >= 0;
}

static void tell_failure(struct kept_ring *kept, bool end, int status)
{
    if (status != 0)
        fail(kept, end ? "the end is missing: cannot write" : "profiling stopped: cannot write",
             status);
}

static void write_pass(struct kept_ring *kept, bool end)
{
    struct ring_file *ring = kept->ring;
    uint32_t ended = __atomic_load_n(&ring->slots_ended, __ATOMIC_RELAXED);
    uint32_t generation = __atomic_load_n(&ring->generation, __ATOMIC_RELAXED);
    char line[NAME_MAX + 256];

    if (!trace_is_open(kept))
        return;
    if (!end && !kept->drain.dead)
        kept_clocks_note(kept->ring, kept->pid);
    int status = end ? drain_finish(&kept->drain, kept->fd, generation, ring->end_kind,
                                    ring->end_status, ring->end_cpu_ns)
                     : drain_pass(&kept->drain, kept->fd, generation);
    kept->ended = end && status == 0;
    kept->ended_written = ended;
    kept->last_write_ns = libc_clock_now_sigsafe();
    tell_failure(kept, end, status);
    if (drain_limit_tell(&kept->drain, kept->trace, line, sizeof(line)))
        recording_message(kept->recording, line);
}

/* Growing what handlers take nodes from needs no thread of the process. */
static int populate(const void *start, size_t size)
{
    return madvise((void *)start, size, MADV_POPULATE_WRITE);
}

/* By exec: it says so, and waits until we have heard. */
static bool leaves(const struct kept_ring *kept)
{
    return __atomic_load_n(&kept->ring->end_kind, __ATOMIC_ACQUIRE) == TRACE_END_EXEC;
}

/* To any thread there is: the first may have ended. One that is on its way would end the program
 * that the process becomes. */
static void call(const struct kept_ring *kept)
{
    siginfo_t info = {.si_code = SI_QUEUE};
    struct ring_file *ring = kept->ring;

    if (leaves(kept))
        return;
    info.si_value.sival_ptr = (void *)ring->nonce;
    for (uint32_t i = 0; i < ring->slot_count; i++) {
        const struct ring_slot *slot = ring_slot_at(ring, i);
        if (slot->state == RING_SLOT_LIVE && long_waits_has_handler(kept->pid, slot->tid) &&
            syscall(SYS_rt_tgsigqueueinfo, kept->pid, slot->tid, RING_SIGNAL, &info) == 0)
            return;
    }
}

/* Stopping and starting clocks is left to the process. Seldom, so that it comes by signal,
 * wherever the process is. */
static void pass_on_switch(struct kept_ring *kept, uint32_t requests)
{
    struct ring_file *ring = kept->ring;
    const uint32_t both = RING_CHORES_PAUSE | RING_CHORES_RESUME;

    if (requests & RING_ASK_TOGGLE)
        requests |= ring->sampling ? RING_ASK_PAUSE : RING_ASK_RESUME;
    if (requests & RING_ASK_PAUSE)
        __atomic_or_fetch(&ring->chores, RING_CHORES_PAUSE, __ATOMIC_RELEASE);
    else if (requests & RING_ASK_RESUME)
        __atomic_or_fetch(&ring->chores, RING_CHORES_RESUME, __ATOMIC_RELEASE);
    for (int i = 0; i < 50 && (__atomic_load_n(&ring->chores, __ATOMIC_ACQUIRE) & both) != 0; i++) {
        call(kept);
        usleep(1000);
    }
}

/* A filter put on by a bare system call might kill for what we ask. */
static bool is_confined(struct kept_ring *kept)
{
    char line[256];

    if (kept->confined || count_filters(kept) <= kept->filters)
        return kept->confined;
    kept->confined = true;
    __atomic_or_fetch(&kept->ring->chores, RING_CHORES_CONFINED, __ATOMIC_RELEASE);
    snprintf(line, sizeof(line),
             "process %d put a seccomp filter on itself: from then on its new threads and the "
             "processes it forks are not profiled",
             (int)kept->pid);
    recording_message(kept->recording, line);
    return true;
}

static void remind(struct kept_ring *kept)
{
    uint64_t now = libc_clock_now_sigsafe();
    uint64_t soon = pace_soon_ns(now - kept->begun_ns, PACE_WRITE_MIN_NS, PACE_WRITE_MAX_NS);

    if (now - kept->last_chores_ns < soon)
        return;
    kept->last_chores_ns = now;
    if (is_confined(kept))
        return;
    __atomic_or_fetch(&kept->ring->chores, RING_CHORES_LOOK, __ATOMIC_RELEASE);
}

static bool is_gone(const struct kept_ring *kept)
{
    struct pollfd watched = {.fd = kept->watch, .events = POLLIN};

    if (kept->watch >= 0)
        return poll(&watched, 1, 0) > 0;
    return kill(kept->pid, 0) != 0 && errno == ESRCH;
}

/* The program was replaced, by one that has a ring of its own or none. */
static bool is_replaced(struct kept_ring *kept)
{
    struct stat status;
    uint64_t now = libc_clock_now_sigsafe();

    bool is_leaving = leaves(kept);
    if (!is_leaving || kept->exec_ns == 0)
        kept->exec_ns = is_leaving ? now : 0;
    return (is_leaving && now - kept->exec_ns > EXEC_NS) ||
           (stat(kept->path, &status) == 0 && status.st_ino != kept->inode);
}

static void answer(struct kept_ring *kept, uint32_t asked)
{
    struct ring_file *ring = kept->ring;

    if (__atomic_load_n(&ring->answered, __ATOMIC_RELAXED) == asked)
        return;
    __atomic_store_n(&ring->answered, asked, __ATOMIC_RELEASE);
    syscall(SYS_futex, &ring->answered, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static bool serve(struct kept_ring *kept)
{
    struct ring_file *ring = kept->ring;
    uint32_t asked = __atomic_load_n(&ring->asked, __ATOMIC_ACQUIRE);
    uint32_t requests = __atomic_exchange_n(&ring->requests, 0, __ATOMIC_ACQUIRE);
    uint64_t now = libc_clock_now_sigsafe();

    if (!ring_is_whole(ring, kept->size) || is_gone(kept))
        return false;
    if ((requests & (RING_ASK_PAUSE | RING_ASK_RESUME | RING_ASK_TOGGLE)) != 0)
        pass_on_switch(kept, requests);
    if (!kept->failed) {
        code_names_look(&kept->drain, now);
        bool end = (requests & RING_ASK_END) != 0 && ring->end_kind != 0;
        bool flush = (requests & ~(uint32_t)RING_ASK_RESUME) != 0;
        node_room_extend(ring, populate);
        if (end)
            kept_resources_finish(&kept->resources);
        else
            kept_resources_serve(&kept->resources, ring, now);
        if (flush && !end) {
            drain_scan_modules(&kept->drain, ring->generation);
            resource_log_want(kept->drain.resources);
        }
        if (end || flush ||
            drain_is_due(&kept->drain, now - kept->begun_ns, now - kept->last_write_ns,
                         kept->ended_written))
            write_pass(kept, end);
    }
    remind(kept);
    bool yields = (requests & RING_ASK_YIELD) != 0;
    if (yields)
        __atomic_store_n(&ring->keeper, RING_KEEPER_SELF, __ATOMIC_RELEASE);
    answer(kept, asked);
    bool stays = !yields && !is_replaced(kept);
    if (stays && !kept->confined && !kept->ended && !kept->failed) {
        long_waits_ask(ring, kept->pid, LONG_WAITS_NS);
        long_looks_look(ring, kept->pid);
    }
    return stays;
}

bool kept_ring_serve(struct kept_ring *kept)
{
    uint64_t before = libc_clock_read_sigsafe(CLOCK_THREAD_CPUTIME_ID);
    bool stays = serve(kept);

    kept->drain.servant_ns += libc_clock_read_sigsafe(CLOCK_THREAD_CPUTIME_ID) - before;
    return stays;
}

uint64_t kept_ring_rest_ns(const struct kept_ring *kept)
{
    uint64_t age = libc_clock_now_sigsafe() - kept->begun_ns;

    if (!kept->failed && drain_fill(&kept->drain) >= DRAIN_WRITE_FILL)
        return FILLED_NS;
    return kept_resources_rest_ns(
        &kept->resources, kept->ring,
        pace_soon_ns(age, PACE_LOOK_MIN_NS, pace_look_ns(kept->ring->period_ns)));
}

/* What is left of a process that is gone, or has become another program. */
static void write_last(struct kept_ring *kept, bool replaced)
{
    int wait_status = process_end_status(kept->pid, kept->watch);
    bool killed = wait_status < 0 || WIFSIGNALED(wait_status);

    if (kept->ring->end_kind != 0 || replaced || !killed)
        write_pass(kept, kept->ring->end_kind != 0);
    else if (trace_is_open(kept))
        tell_failure(kept, true,
                     process_end_write(&kept->drain, kept->fd, wait_status,
                                       libc_clock_now_sigsafe(), &kept->oom));
}

void kept_ring_release(struct kept_ring *kept)
{
    struct stat status;

    bool replaced = stat(kept->path, &status) == 0 && status.st_ino != kept->inode;
    bool left = kept->ring->end_kind == TRACE_END_EXEC; /* 0 again, where that failed */
    if (ring_is_whole(kept->ring, kept->size) && !kept->failed &&
        (replaced || left || is_gone(kept))) {
        kept->drain.dead = true;
        thread_time_settle(kept->ring);
        if (!kept->ended || kept->ring->end_kind == 0) {
            kept_resources_finish(&kept->resources);
            write_last(kept, replaced);
        }
        if (!replaced && !kept->crowded) /* else it may be written when there is room again */
            unlink(kept->path);
    }
    kept_resources_end(&kept->resources);
    if (kept->drain.ring != NULL)
        drain_release(&kept->drain);
    munmap(kept->ring, kept->size);
    if (kept->watch >= 0)
        close(kept->watch);
    if (kept->fd >= 0)
        close(kept->fd);
    close(kept->lock);
    free(kept);
}
