/*
 * Producing into the ring file. Its own file because it holds everything about
 * memory shared with the drain: allocation, slots, reservation, commit.
 */
#include "preload/ring.h"

#include "preload/bell.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/node_room.h"
#include "preload/contract/own_memory.h"
#include "preload/contract/trace_format.h"
#include "preload/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Address space for stacks and threads, two thirds of a GiB, and 3 GiB for what others keep of
 * every thread. Where the user limits address space or file size a sixteenth has to do, and
 * a quarter of that where all of it is less than 2 GiB: 0.37 GiB would be much. */
#define NODE_CAPACITY (1u << 20)
#define NODES_LIMITED 4u /* the share of them that is left then is not as small */
#define SLOT_CAPACITY 16384u
#define BELL_FILL (RING_DATA_SIZE / 2)
#define LIMITED_SHARE 16
#define LITTLE_SPACE (2u << 30)

static uint32_t segments_wanted;
static bool in_own_memory; /* the ring: its pages come when they are touched */

/* Growing a file beyond the limit is a signal that ends the target. */
static bool exceeds_file_limit(rlim_t size)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < size;
}

static uint32_t limited_share(void)
{
    struct rlimit limit;
    const rlim_t size = ring_file_size(NODE_CAPACITY, SLOT_CAPACITY, segments_wanted);
    rlim_t space = getrlimit(RLIMIT_AS, &limit) == 0 ? limit.rlim_cur : RLIM_INFINITY;
    if (space < LITTLE_SPACE)
        return 4 * LIMITED_SHARE;
    return space < 16 * size || exceeds_file_limit(size) ? LIMITED_SHARE : 1;
}

static size_t size_of(const struct ring_file *ring)
{
    return ring_file_size(ring->node_capacity, ring->slot_capacity, ring->pool.capacity);
}

static void fill_head(struct ring_file *ring, uint32_t nodes, uint32_t slots, uint32_t segments)
{
    memcpy(ring->magic, RING_MAGIC, sizeof ring->magic);
    ring->version = RING_VERSION;
    ring->pid = getpid();
    ring->node_capacity = nodes;
    ring->slot_capacity = slots;
    ring->pool.capacity = segments;
    ring->node_next = TRACE_STACK_FIRST;
    ring->node_limit = RING_NODE_BATCH;
    ring->paused_since_ns = libc_clock_now_sigsafe();
    ring->start_ns = ring->paused_since_ns;
    ring->nonce = ring->paused_since_ns * 0x9E3779B97F4A7C15u | 1u;
}

static int allocate_start(struct ring_file *ring, uint32_t nodes, uint32_t slots, uint32_t segments)
{
    int status = pages_populate(ring, offsetof(struct ring_file, regions));
    if (status != 0)
        return status;
    fill_head(ring, nodes, slots, segments);
    return pages_populate(ring_nodes(ring), RING_NODE_BATCH * sizeof(struct ring_node));
}

/* Whoever finds the file must know whether the process is gone, or somebody else's to see. */
static void note_namespace(struct ring_file *ring)
{
    struct stat status;
    int saved_errno = errno;
    ring->pid_namespace = stat("/proc/self/ns/pid", &status) == 0 ? status.st_ino : 0;
    errno = saved_errno;
}

/* A new file of that size, mapped; NULL with -errno in *status. */
static struct ring_file *make_file(const char *path, uint32_t nodes, uint32_t slots,
                                   uint32_t segments, int *status)
{
    size_t size = ring_file_size(nodes, slots, segments);
    if (exceeds_file_limit(size)) {
        *status = -EFBIG;
        return NULL;
    }
    unlink(path); /* an earlier image of this pid, replaced by exec before it could */
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        *status = -errno;
        return NULL;
    }
    void *memory = MAP_FAILED;
    if (ftruncate(fd, (off_t)size) == 0)
        memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    *status = memory == MAP_FAILED ? -errno : 0;
    close(fd);
    if (*status == 0) {
        *status = allocate_start(memory, nodes, slots, segments);
        if (*status != 0)
            munmap(memory, size);
        else
            note_namespace(memory);
    }
    if (*status != 0)
        unlink(path);
    return *status == 0 ? memory : NULL;
}

static void name_file(const char *rings, uint64_t recording_id, char *path, size_t path_size)
{
    snprintf(path, path_size, "%s/profinject.%016llx.%d.ring", rings,
             (unsigned long long)recording_id, (int)getpid());
}

void ring_want_segments(uint32_t capacity)
{
    segments_wanted = capacity;
}

struct ring_file *ring_open(const char *rings, uint64_t recording_id, char *path, size_t path_size,
                            int *status)
{
    uint32_t share = limited_share(), segments = segments_wanted;
    if (share > 1) /* every thread that allocates has one */
        segments /= LIMITED_SHARE;
    name_file(rings, recording_id, path, path_size);
    in_own_memory = false;
    uint32_t nodes = NODE_CAPACITY / (share > 1 ? share / NODES_LIMITED : 1);
    return make_file(path, nodes, SLOT_CAPACITY / share, segments, status);
}

int ring_renew(struct ring_file *ring)
{
    uint32_t nodes = ring->node_capacity, slots = ring->slot_capacity;
    uint32_t segments = ring->pool.capacity;
    size_t size = size_of(ring);
    void *memory = mmap(ring, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    if (memory == MAP_FAILED) {
        int status = -errno;
        munmap(ring, size);
        return status;
    }
    own_memory_forget(memory);
    own_memory_note(memory, size, true);
    madvise(ring, size, MADV_NOHUGEPAGE);
    fill_head(ring, nodes, slots, segments);
    in_own_memory = true;
    return 0;
}

static int copy_part(void *to, const void *from, size_t size)
{
    int status = size ? pages_populate(to, size) : 0;
    if (status == 0)
        memcpy(to, from, size);
    return status;
}

/* What the ring holds goes to `file`, which has memory for the head and its first nodes. */
static int copy_to(struct ring_file *file, struct ring_file *ring)
{
    size_t head = offsetof(struct ring_file, regions) + ring->has_region * sizeof file->regions[0];
    size_t slots = ring->slot_count * sizeof(struct ring_slot);
    size_t segments = ring->pool.count * sizeof(struct ring_segment);
    int status = copy_part(file, ring, head);
    if (status == 0)
        status = copy_part(file->start, ring->start, ring->start_size);
    if (status == 0)
        status = copy_part(file->objects, ring->objects, ring->has_object * sizeof *ring->objects);
    if (status == 0)
        status = copy_part(ring_slot_at(file, 0), ring_slot_at(ring, 0), slots);
    if (status == 0)
        status = copy_part(ring_segment_at(file, 0), ring_segment_at(ring, 0), segments);
    if (status == 0 && ring->node_limit > RING_NODE_BATCH)
        status = pages_populate(ring_nodes(file), ring->node_limit * sizeof(struct ring_node));
    if (status != 0)
        return status;
    note_namespace(file);
    uint32_t nodes = ring->node_next < ring->node_limit ? ring->node_next : ring->node_limit;
    memcpy(ring_nodes(file), ring_nodes(ring), nodes * sizeof(struct ring_node));
    return 0;
}

int ring_share(struct ring_file *ring, const char *rings, uint64_t recording_id, char *path,
               size_t path_size)
{
    size_t size = size_of(ring);
    int status;
    name_file(rings, recording_id, path, path_size);
    struct ring_file *file =
        make_file(path, ring->node_capacity, ring->slot_capacity, ring->pool.capacity, &status);
    if (!file)
        return status;
    status = copy_to(file, ring);
    if (status == 0 && mremap(file, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, ring) == MAP_FAILED)
        status = -errno;
    if (status != 0) {
        munmap(file, size);
        unlink(path);
        return status;
    }
    in_own_memory = false;
    return 0;
}

bool ring_is_private(void)
{
    return in_own_memory;
}

bool ring_count_child(struct ring_file *ring, uint64_t cpu_ns)
{
    const uint64_t full = RING_CHILDREN_CLOSED - RING_CHILD;
    uint64_t word = __atomic_load_n(&ring->children, __ATOMIC_RELAXED), next;
    do {
        uint64_t us = (word & RING_CHILDREN_US) + cpu_ns / 1000;
        if (word >= full || us > RING_CHILDREN_US) /* closed, or no room */
            return false;
        next = (word & ~RING_CHILDREN_US) + RING_CHILD + us;
        /* Pairs with the drain, which closes the word before it reads it for the last time. */
    } while (!__atomic_compare_exchange_n(&ring->children, &word, next, true, __ATOMIC_ACQ_REL,
                                          __ATOMIC_RELAXED));
    return true;
}

void ring_open_children(struct ring_file *ring)
{
    __atomic_fetch_and(&ring->children, ~RING_CHILDREN_CLOSED, __ATOMIC_RELEASE);
}

void ring_close(struct ring_file *ring)
{
    own_memory_forget(ring);
    munmap(ring, size_of(ring));
}

void ring_extend_nodes(struct ring_file *ring)
{
    if (!in_own_memory)
        node_room_extend(ring, pages_populate);
}

bool ring_extend_objects_sigsafe(struct ring_file *ring, uint32_t id)
{
    return in_own_memory ||
           pages_populate_sigsafe(&ring->objects[id], sizeof ring->objects[id]) == 0;
}

bool ring_extend_regions(struct ring_file *ring, uint32_t number)
{
    return in_own_memory ||
           pages_populate(&ring->regions[number], sizeof ring->regions[number]) == 0;
}

/* Takes slot `index` when it is free. */
static struct ring_slot *try_slot(struct ring_file *ring, uint32_t index)
{
    struct ring_slot *slot = ring_slot_at(ring, index);
    uint32_t expected = RING_SLOT_FREE;
    static uint64_t last_serial;
    if (__atomic_load_n(&slot->state, __ATOMIC_RELAXED) != RING_SLOT_FREE ||
        !__atomic_compare_exchange_n(&slot->state, &expected, RING_SLOT_CLAIMED, false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return NULL;
    slot->start_ns = slot->end_ns = slot->cpu_start_ns = slot->cpu_end_ns = slot->flags = 0;
    slot->samples = slot->lost = slot->dropped = slot->paused_ns = slot->paused_since_ns = 0;
    slot->segments = slot->segments_written = slot->cpu_seen_ns = 0;
    memset(slot->next_segment, 0, sizeof slot->next_segment);
    slot->periods = slot->last_stack = slot->on_time = 0;
    memset(slot->name, 0, sizeof slot->name);
    memset(&slot->memory, 0, sizeof slot->memory);
    memset(slot->counters, 0, sizeof slot->counters);
    memset(&slot->look, 0, sizeof slot->look);
    memset(&slot->waiting, 0, sizeof slot->waiting);
    memset(slot->waits, 0, sizeof slot->waits);
    memset(&slot->begun, 0, sizeof slot->begun);
    memset(&slot->ended, 0, sizeof slot->ended);
    memset(slot->counts_written, 0, sizeof slot->counts_written);
    slot->serial = __atomic_add_fetch(&last_serial, 1, __ATOMIC_RELAXED);
    return slot;
}

/* Makes one more slot; false at the end of room. Loser threads of the race use
 * the slot as well as the winner: all it takes is that it has memory. */
static bool add_slot(struct ring_file *ring)
{
    uint32_t count = __atomic_load_n(&ring->slot_count, __ATOMIC_ACQUIRE);
    if (count >= ring->slot_capacity ||
        (!in_own_memory &&
         pages_populate(ring_slot_at(ring, count), sizeof(struct ring_slot)) != 0))
        return false;
    __atomic_compare_exchange_n(&ring->slot_count, &count, count + 1, false, __ATOMIC_RELEASE,
                                __ATOMIC_RELAXED);
    return true;
}

struct ring_slot *ring_claim_slot(struct ring_file *ring)
{
    do {
        uint32_t count = __atomic_load_n(&ring->slot_count, __ATOMIC_ACQUIRE);
        uint32_t hint = __atomic_load_n(&ring->slot_hint, __ATOMIC_ACQUIRE);
        for (uint32_t i = hint; i < count; i++) {
            struct ring_slot *slot = try_slot(ring, i);
            if (!slot)
                continue;
            /* Unless one below was given back meanwhile. */
            __atomic_compare_exchange_n(&ring->slot_hint, &hint, i + 1, false, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED);
            return slot;
        }
    } while (add_slot(ring));
    return NULL;
}

void ring_trim_slots(struct ring_file *ring)
{
    uint32_t count = ring->slot_count, used = count;
    while (used > 0 && __atomic_load_n(&ring_slot_at(ring, used - 1)->state, __ATOMIC_ACQUIRE) ==
                           RING_SLOT_FREE)
        used--;
    uint32_t left = used + (count - used) / 2;
    size_t size = (count - left) * sizeof(struct ring_slot);
    if (left < count && madvise(ring_slot_at(ring, left), size, MADV_REMOVE) == 0)
        __atomic_store_n(&ring->slot_count, left, __ATOMIC_RELEASE);
}

uint32_t ring_slot_index(struct ring_file *ring, const struct ring_slot *slot)
{
    return (uint32_t)(slot - ring_slot_at(ring, 0));
}

static bool has_room(const struct ring_slot *slot, uint64_t end)
{
    return end - __atomic_load_n(&slot->consumed, __ATOMIC_ACQUIRE) <= RING_DATA_SIZE;
}

void *ring_reserve_sigsafe(struct ring_slot *slot, uint32_t size)
{
    uint64_t from = __atomic_load_n(&slot->reserved, __ATOMIC_RELAXED);
    uint64_t at, end;
    do {
        uint64_t left = RING_DATA_SIZE - from % RING_DATA_SIZE;
        at = left < size ? from + left : from;
        end = at + size;
        if (!has_room(slot, end))
            return NULL;
    } while (!__atomic_compare_exchange_n(&slot->reserved, &from, end, true, __ATOMIC_RELAXED,
                                          __ATOMIC_RELAXED));
    if (at != from)
        ring_commit_sigsafe(slot->data + from % RING_DATA_SIZE, (uint32_t)(at - from), RING_PAD);
    return slot->data + at % RING_DATA_SIZE;
}

/* NULL when more than `fill` bytes are in use; at half of it the servant is told. */
static void *reserve_within_sigsafe(struct ring_slot *slot, uint32_t size, uint64_t fill)
{
    uint64_t used = __atomic_load_n(&slot->reserved, __ATOMIC_RELAXED) -
                    __atomic_load_n(&slot->consumed, __ATOMIC_RELAXED);
    void *record = used < fill ? ring_reserve_sigsafe(slot, size) : NULL;
    if (used < BELL_FILL && used + size >= BELL_FILL)
        bell_ring_sigsafe();
    return record;
}

struct ring_heap *ring_reserve_event_sigsafe(struct ring_slot *slot, uint64_t fill)
{
    return reserve_within_sigsafe(slot, sizeof(struct ring_heap), fill);
}

struct ring_wait *ring_reserve_wait_sigsafe(struct ring_slot *slot, uint64_t fill)
{
    return reserve_within_sigsafe(slot, sizeof(struct ring_wait), fill);
}

void ring_commit_sigsafe(void *record, uint32_t size, enum ring_record_type type)
{
    /* Pairs with the drain's acquire load of the commit word. */
    __atomic_store_n((uint32_t *)record, ring_commit_word(size, type), __ATOMIC_RELEASE);
}
