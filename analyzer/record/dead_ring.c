/*
 * Draining for the dead. Its own file because everything that is asked of a living
 * process while draining has to come from what it wrote before.
 */
#include "analyzer/record/dead_ring.h"

#include "analyzer/trace/trace_reader.h"
#include "preload/contract/drain.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct dead_ring {
    struct ring_file *ring;
    size_t size;
    struct drain drain;
    bool ended; /* the trace says how the process ended */
};

static bool is_whole(const struct ring_file *ring, size_t size)
{
    return memcmp(ring->magic, RING_MAGIC, sizeof(ring->magic)) == 0 &&
           ring->version == RING_VERSION && ring->slot_count <= ring->slot_capacity &&
           ring->node_next <= ring->node_capacity && ring->pool.count <= ring->pool.capacity &&
           ring_file_size(ring->node_capacity, ring->slot_capacity, ring->pool.capacity) == size &&
           memchr(ring->trace, '\0', sizeof(ring->trace)) != NULL;
}

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
    return dead->ring != NULL && is_whole(dead->ring, dead->size);
}

/* The target wrote that name: it must be a trace of this recording. */
static bool is_in(const struct recording *recording, const char *trace)
{
    size_t length = strlen(recording->path);

    return strncmp(trace, recording->path, length) == 0 && trace[length] == '/' &&
           strchr(trace + length + 1, '/') == NULL;
}

static bool holds_records(struct ring_file *ring)
{
    for (uint32_t i = 0; i < ring->slot_count; i++) {
        const struct ring_slot *slot = ring_slot_at(ring, i);
        if (slot->state != RING_SLOT_FREE && slot->reserved != slot->consumed)
            return true;
    }
    return ring->pool.count > 0 || ring_children(ring->children) > 0;
}

static void on_epoch(void *context)
{
    struct dead_ring *dead = context;

    buffer_clear(&dead->drain.properties);
    dead->drain.modules.count = 0;
}

static void on_property(void *context, const char *name, const char *value, size_t size)
{
    struct dead_ring *dead = context;

    drain_property(&dead->drain, name, value, size);
}

static void on_module(void *context, const struct trace_module *found)
{
    struct dead_ring *dead = context;
    struct module_map *map = &dead->drain.modules;

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

    (void)kind, (void)status, (void)time_ns, (void)cpu_ns;
    dead->ended = true;
}

/* Learns from the trace, which `size` bytes of are sound, what drains ask processes for. */
static bool learn(struct dead_ring *dead, const char *trace)
{
    const struct trace_visitor visitor = {
        .context = dead,
        .epoch = on_epoch,
        .property = on_property,
        .module = on_module,
        .module_gone = on_module_gone,
        .end = on_end,
    };
    struct trace_summary summary;
    struct problem problem;

    if (trace_read(trace, &visitor, &summary, &problem) != 0 || dead->ended)
        return false;
    dead->drain.packer.sequence = (uint32_t)(summary.chunks + summary.chunks_damaged);
    dead->drain.bytes_written = summary.bytes;
    /* None is looked up in a process that may be another one's by now. */
    dead->drain.nodes_covered = dead->ring->node_next;
    return true;
}

/* The process may have left word of its end, when nobody was there to hear it. */
static int put_rest(struct dead_ring *dead, int fd)
{
    const struct ring_file *ring = dead->ring;

    return ring->end_kind == TRACE_END_EXIT ? drain_finish(&dead->drain, fd, 0, TRACE_END_EXIT,
                                                           ring->end_status, ring->end_cpu_ns)
                                            : drain_pass(&dead->drain, fd, 0);
}

/* A chunk that was being written when the process was killed is in the ring still. */
static int append(struct dead_ring *dead, const char *trace)
{
    struct stat status;
    int fd = open(trace, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    int done = fd >= 0 || errno == ENOENT ? 0 : -errno;

    if (fd >= 0 && fstat(fd, &status) == 0 && dead->ring->trace_written > 0 &&
        (uint64_t)status.st_size >= dead->ring->trace_written &&
        ftruncate(fd, (off_t)dead->ring->trace_written) == 0 && learn(dead, trace)) {
        done = put_rest(dead, fd);
        done = done == 0 ? 1 : done;
    }
    if (fd >= 0)
        close(fd);
    return done;
}

int dead_ring_drain(const char *path, const struct recording *recording)
{
    static struct dead_ring dead; /* too large for a stack */
    int done = 0;

    memset(&dead, 0, sizeof(dead));
    if (map_ring(&dead, path) && is_in(recording, dead.ring->trace) && holds_records(dead.ring)) {
        done = drain_init(&dead.drain, dead.ring, dead.ring->pid);
        if (done == 0) {
            dead.drain.dead = true;
            done = append(&dead, dead.ring->trace);
            drain_release(&dead.drain);
        }
    }
    if (dead.ring != NULL)
        munmap(dead.ring, dead.size);
    return done;
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
    int status = whole ? 0 : -EPROTO;

    if (whole && !is_our_namespace(dead.ring->pid_namespace))
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
