/*
 * Draining for the dead. Its own file because everything that is asked of a living
 * process while draining has to come from what it wrote before.
 */
#include "analyzer/record/dead_ring.h"

#include "analyzer/record/process_end.h"
#include "analyzer/trace/trace_reader.h"
#include "analyzer/util/memory.h"
#include "preload/contract/drain.h"
#include "preload/contract/drain_due.h"
#include "preload/contract/thread_time.h"
#include "preload/contract/trace_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPIED_AT_ONCE ((size_t)1 << 30)

struct dead_thread {
    int32_t tid;
    uint64_t start_ns;
};

struct dead_ring {
    struct ring_file *ring;
    size_t size;
    struct drain drain;
    bool ended, left;            /* the trace says how the process ended; by exec */
    struct dead_thread *threads; /* of the epoch, by number - 1 */
    size_t thread_count, thread_capacity;
};

/* Maps a copy: what the drain gives back stays in it. */
static bool map_ring(struct dead_ring *dead, const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    dead->ring = NULL;
    if (fd >= 0 && fstat(fd, &status) == 0 && (size_t)status.st_size >= sizeof(struct ring_file)) {
        dead->size = (size_t)status.st_size;
        void *memory =
            mmap(NULL, dead->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, fd, 0);
        dead->ring = memory == MAP_FAILED ? NULL : memory;
    }
    if (fd >= 0)
        close(fd);
    return dead->ring != NULL && ring_is_whole(dead->ring, dead->size);
}

/* The target wrote that name: it must be a trace of this recording. */
static bool is_in(const struct recording *recording, const char *trace)
{
    size_t length = strlen(recording->path);

    return strncmp(trace, recording->path, length) == 0 && trace[length] == '/' &&
           strchr(trace + length + 1, '/') == NULL && recording_is_trace(trace + length + 1);
}

static void on_epoch(void *context)
{
    struct dead_ring *dead = context;

    buffer_clear(&dead->drain.properties);
    dead->drain.property_count = 0;
    dead->drain.modules.count = 0;
    dead->thread_count = 0;
}

static void on_property(void *context, const char *name, const char *value, size_t size)
{
    struct dead_ring *dead = context;

    drain_property(&dead->drain, name, value, size);
}

void dead_ring_module(struct module_map *map, const struct trace_module *found)
{
    if (found->id != map->count + 1 || map->count == map->capacity)
        return;
    struct module *module = &map->modules[map->count++];
    memset(module, 0, sizeof(*module));
    module->start = found->start;
    module->end = found->end;
    module->bias = found->bias;
    module->generation = (uint32_t)found->generation;
    module->loaded_ns = found->loaded_ns;
    snprintf(module->path, sizeof(module->path), "%s", found->path);
    if (found->build_id_size <= sizeof(module->build_id)) {
        memcpy(module->build_id, found->build_id, found->build_id_size);
        module->build_id_size = (uint32_t)found->build_id_size;
    }
}

static void on_module(void *context, const struct trace_module *found)
{
    dead_ring_module(&((struct dead_ring *)context)->drain.modules, found);
}

static void on_module_gone(void *context, uint64_t id, uint64_t generation, uint64_t time_ns)
{
    struct dead_ring *dead = context;

    if (id == 0 || id > dead->drain.modules.count)
        return;
    dead->drain.modules.modules[id - 1].unloaded_ns = time_ns;
    dead->drain.modules.modules[id - 1].gone = (uint32_t)generation;
}

static void on_end(void *context, enum trace_end kind, int status, uint64_t time_ns,
                   uint64_t cpu_ns)
{
    struct dead_ring *dead = context;

    (void)status, (void)time_ns, (void)cpu_ns;
    dead->left = kind == TRACE_END_EXEC;
    dead->ended = !dead->left;
}

static void on_chunk(void *context, const struct trace_chunk_header *header, const uint8_t *frame,
                     const uint8_t *payload, bool lost)
{
    struct dead_ring *dead = context;

    (void)header, (void)frame, (void)payload, (void)lost;
    dead->left = false; /* what is written behind an exec says that it failed */
}

/* True when there is nothing to add: of a process that left by exec only what it did afterwards
 * tells that it stayed. */
static bool is_over(const struct dead_ring *dead)
{
    return dead->ended ||
           (dead->left && !drain_is_due(&dead->drain, 0, 0, dead->ring->slots_ended));
}

/* The slot of a thread that lived when the process was killed, NULL: it had left. */
static struct ring_slot *slot_of(struct dead_ring *dead, uint64_t number)
{
    struct ring_file *ring = dead->ring;
    const struct dead_thread *thread =
        number > 0 && number <= dead->thread_count ? &dead->threads[number - 1] : NULL;

    for (uint32_t i = 0; thread != NULL && i < ring->slot_count; i++) {
        struct ring_slot *slot = ring_slot_at(ring, i);
        if (ring_slot_in_use(slot) && slot->tid == thread->tid &&
            slot->start_ns == thread->start_ns)
            return slot;
    }
    return NULL;
}

static void on_thread(void *context, const struct trace_thread *thread)
{
    struct dead_ring *dead = context;

    while (dead->thread_count < thread->number) {
        dead->threads = memory_grow(dead->threads, dead->thread_count, &dead->thread_capacity,
                                    sizeof(*dead->threads));
        dead->threads[dead->thread_count++] = (struct dead_thread){0};
    }
    dead->threads[thread->number - 1] = (struct dead_thread){thread->tid, thread->start_ns};
}

static void on_count(void *context, const struct trace_count *count)
{
    struct ring_slot *slot = slot_of(context, count->thread);

    if (slot != NULL && count->counter < RING_COUNTERS)
        slot->counts_written[count->counter] += (uint64_t)count->delta;
}

/* The last that is known of a clock nobody can read any more. */
static void on_totals(void *context, const struct trace_totals *totals)
{
    struct ring_slot *slot = slot_of(context, totals->thread);

    if (slot != NULL && slot->end_ns == 0)
        slot->cpu_end_ns = slot->cpu_start_ns + totals->cpu_ns;
}

/* What the trace holds of counters it tells itself, whoever noted how much. */
static void forget_counts(struct ring_file *ring)
{
    for (uint32_t i = 0; i < ring->slot_count; i++)
        memset(ring_slot_at(ring, i)->counts_written, 0, RING_COUNTERS * sizeof(uint64_t));
}

/* Learns what drains ask processes for from the trace, `size` bytes in its last part, or where
 * nothing can be read of it from what the process left for it. */
static bool learn(struct dead_ring *dead, const char *trace, uint64_t size)
{
    const struct trace_visitor visitor = {
        .context = dead,
        .chunk = on_chunk,
        .epoch = on_epoch,
        .property = on_property,
        .module = on_module,
        .module_gone = on_module_gone,
        .thread = on_thread,
        .totals = on_totals,
        .count = on_count,
        .end = on_end,
    };
    struct trace_summary summary = {0};
    struct problem problem;

    forget_counts(dead->ring);
    const uint64_t sound = trace_place_bytes(dead->ring->trace_written);
    bool begun =
        (size > 0 || dead->drain.part > 0) && trace_read(trace, &visitor, &summary, &problem) == 0;

    if (is_over(dead) || (!begun && dead->ring->start_size == 0))
        return false;
    if (!begun)
        trace_read_records(dead->ring->start, dead->ring->start_size, &visitor, &summary);
    thread_time_settle(dead->ring);
    uint64_t chunks = summary.chunks_before + summary.chunks + summary.chunks_damaged;
    dead->drain.epoch = chunks; /* no fewer than there were */
    bool is_cut = size < sound; /* by somebody, and who knows how many chunks */
    dead->drain.packer.sequence = (uint32_t)(chunks + is_cut);
    dead->drain.bytes_written = size;
    return true;
}

/* The process may have left word of its end, when nobody was there to hear it; or of a signal
 * that ended it. */
static int put_rest(struct dead_ring *dead, int fd)
{
    const struct ring_file *ring = dead->ring;

    if (ring->end_kind == TRACE_END_EXIT)
        return drain_finish(&dead->drain, fd, 0, TRACE_END_EXIT, ring->end_status,
                            ring->end_cpu_ns);
    return ring->end_kind != 0 ? drain_pass(&dead->drain, fd, 0)
                               : process_end_write(&dead->drain, fd, -1, 0, NULL);
}

/* How much of the trace is to stay: up to its last sound chunk, whatever the ring says, and no
 * less than the ring says. */
static uint64_t sound_bytes(const char *trace, uint64_t size, uint64_t written)
{
    const struct trace_visitor visitor = {.first_chunk_only = false};
    struct trace_summary summary;
    struct problem problem;

    if (size <= written)
        return size;
    trace_read(trace, &visitor, &summary, &problem);
    uint64_t sound = summary.bytes_sound < size ? summary.bytes_sound : size;
    return sound > written ? sound : written;
}

/* A chunk that was being written when the process was killed is in the ring still; one that was
 * written whole may be noted nowhere. */
static int write_behind(struct dead_ring *dead, int fd, const char *trace)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return -errno;
    uint64_t size = (uint64_t)status.st_size;
    uint64_t written = trace_place_bytes(dead->ring->trace_written);
    uint64_t sound = sound_bytes(trace, size, written);
    if ((size > sound && ftruncate(fd, (off_t)sound) != 0) || lseek(fd, 0, SEEK_END) < 0)
        return -errno;
    if (sound > written)
        dead->ring->trace_written = trace_place(dead->drain.part, sound);
    if (!learn(dead, trace, sound))
        return 0;
    drain_settle(&dead->drain);
    int done = put_rest(dead, fd);
    return done == 0 ? 1 : done;
}

static int append(struct dead_ring *dead, const char *trace)
{
    bool make = dead->ring->trace_written == 0 && dead->ring->start_size > 0;
    char part[PATH_MAX + 16];
    trace_part_name(part, sizeof(part), trace, dead->drain.part);
    drain_name_trace(&dead->drain, AT_FDCWD, trace);
    int fd = open(part, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC | (make ? O_CREAT : 0), 0600);
    int done = fd >= 0 || (errno == ENOENT && !make) ? 0 : -errno;

    if (fd >= 0) {
        done = write_behind(dead, fd, trace);
        close(fd);
    }
    return done;
}

/* False when there is no such part, or it cannot be copied. */
static bool copy_part(int to, const char *trace, uint32_t number)
{
    char name[PATH_MAX + 16];
    ssize_t some = -1;

    trace_part_name(name, sizeof(name), trace, number);
    int from = open(name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    do
        some = from < 0 ? -1 : sendfile(to, from, NULL, COPIED_AT_ONCE);
    while (some > 0);
    if (from >= 0)
        close(from);
    return some == 0;
}

static uint64_t moved(uint64_t taken_at, uint64_t written)
{
    return taken_at == 0 ? 0 : taken_at <= written ? 1 : UINT64_MAX;
}

/* What was taken for chunks up to `written`, and behind it, stays so wherever the trace's places
 * are counted from. */
static void move_places(struct ring_file *ring, uint64_t written)
{
    for (uint32_t i = 0; i < ring->slot_count; i++) {
        struct ring_slot *slot = ring_slot_at(ring, i);
        slot->taken_at = moved(slot->taken_at, written);
    }
    for (uint32_t i = 0; i < ring->pool.count && i < ring->pool.capacity; i++) {
        struct ring_segment *segment = ring_segment_at(ring, i);
        segment->taken_at = moved(segment->taken_at, written);
    }
}

/* Its parts one behind the other: there it has no limit, and needs no others. */
static bool copy_parts(struct dead_ring *dead, int to, const char *trace)
{
    struct ring_file *ring = dead->ring;
    uint32_t last = dead->drain.part, number = last < TRACE_PARTS ? 0 : last + 1 - TRACE_PARTS;

    for (; number < last; number++)
        copy_part(to, trace, number);
    uint64_t before = (uint64_t)lseek(to, 0, SEEK_CUR);
    if (!copy_part(to, trace, last) && ring->trace_written > 0)
        return false;
    if (last == 0)
        return true;
    uint64_t size = (uint64_t)lseek(to, 0, SEEK_CUR) - before;
    uint64_t sound = sound_bytes(trace, size, trace_place_bytes(ring->trace_written));
    move_places(ring, trace_place(last, sound));
    ring->trace_written = before + sound;
    dead->drain.part = 0;
    return true;
}

/* A descriptor, or -errno; -ENOENT where there is nothing to add. */
static int copy_and_append(struct dead_ring *dead, const char *trace)
{
    char copied[32];
    int to = memfd_create("trace", MFD_CLOEXEC);
    int done = to < 0 ? -errno : 0;

    snprintf(copied, sizeof(copied), "/proc/self/fd/%d", to);
    if (done == 0 && copy_parts(dead, to, trace)) {
        dead->ring->max_size = 0;
        done = write_behind(dead, to, copied);
    }
    if (done <= 0 && to >= 0)
        close(to);
    return done > 0 ? to : done < 0 ? done : -ENOENT;
}

/* What `act` makes of the ring at `path` and its trace; 0 when it is none of the recording's. */
static int with_ring(const char *path, const struct recording *recording, char *trace,
                     int (*act)(struct dead_ring *dead, const char *trace))
{
    static struct dead_ring dead; /* too large for a stack */
    int done = 0;

    memset(&dead, 0, sizeof(dead));
    if (map_ring(&dead, path) && is_in(recording, dead.ring->trace)) {
        if (trace != NULL)
            snprintf(trace, PATH_MAX, "%s", dead.ring->trace);
        done = drain_init(&dead.drain, dead.ring, dead.ring->pid);
        if (done == 0) {
            /* A limit of file sizes is to be an error code. */
            void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
            dead.drain.dead = true;
            done = act(&dead, dead.ring->trace);
            signal(SIGXFSZ, before);
            drain_release(&dead.drain);
        }
    }
    free(dead.threads);
    if (dead.ring != NULL)
        munmap(dead.ring, dead.size);
    return done;
}

int dead_ring_drain(const char *path, const struct recording *recording)
{
    return with_ring(path, recording, NULL, append);
}

int dead_ring_read(const char *path, const struct recording *recording, char trace[PATH_MAX])
{
    int done = with_ring(path, recording, trace, copy_and_append);

    return done == 0 ? -ENOENT : done;
}

/* True when pids there are those here. */
static bool is_our_namespace(uint64_t inode)
{
    struct stat status;

    return inode != 0 && stat("/proc/self/ns/pid", &status) == 0 && status.st_ino == inode;
}

int dead_ring_recording(const char *path, struct recording *recording)
{
    struct dead_ring dead = {0};
    char directory[PATH_MAX];
    bool whole = map_ring(&dead, path);
    bool made = dead.ring != NULL && dead.ring->version != 0 && dead.ring->trace[0] != '\0';
    int status = !made ? -ENOENT : whole ? 0 : -EPROTO;

    if (status == 0 && !is_our_namespace(dead.ring->pid_namespace))
        status = -EPERM;
    if (status == 0) {
        const char *slash = strrchr(dead.ring->trace, '/');
        int length = slash != NULL ? (int)(slash - dead.ring->trace) : 0;
        snprintf(directory, sizeof(directory), "%.*s", length, dead.ring->trace);
        status = recording_open(recording, directory);
    }
    if (dead.ring != NULL)
        munmap(dead.ring, dead.size);
    return status;
}
