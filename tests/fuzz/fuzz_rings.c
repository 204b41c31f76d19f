/*
 * Rings that somebody left, with anything in them: what a process wrote over before it died,
 * or what was put there on purpose. The input patches a small sound ring: a byte that says
 * in which part, three of an offset, one of length (below 128), and the bytes. Whatever is drained, the
 * trace behind it must be sound.
 */
#include "analyzer/record/dead_ring.h"
#include "analyzer/trace/trace_reader.h"
#include "preload/contract/ring_format.h"
#include "preload/contract/trace_chunk.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>

#define NODES 256u
#define SLOTS 2u
#define SEGMENTS 2u
#define PATCH_HEAD 5u

static struct ring_file *ring; /* the ring that is patched */
static size_t ring_size;
static struct recording recording;
static char ring_path[128], trace_path[128];
static int ring_fd, trace_fd;

/* A ring with no more than its sizes, and one thread. */
static void clear_ring(void)
{
    madvise(ring, ring_size, MADV_REMOVE);
    memcpy(ring->magic, RING_MAGIC, sizeof(ring->magic));
    ring->version = RING_VERSION;
    ring->pid = 0x7fffffff; /* nobody's */
    ring->node_capacity = NODES;
    ring->slot_capacity = SLOTS;
    ring->node_next = NODES;
    ring->slot_count = SLOTS;
    ring->pool.capacity = ring->pool.limit = SEGMENTS;
    ring->pool.count = SEGMENTS;
    ring->trace_written = 1;
    ring->period_ns = 1000000;
    snprintf(ring->trace, sizeof(ring->trace), "%s", trace_path);
    for (uint32_t i = 0; i < SLOTS; i++) {
        struct ring_slot *slot = ring_slot_at(ring, i);
        slot->state = RING_SLOT_LIVE;
        slot->serial = i + 1;
        slot->tid = 1 + (int)i;
        slot->reserved = 8;
    }
}

/* The trace it goes behind: one chunk with a property. Returns its size. */
static size_t put_trace(void)
{
    static const uint8_t payload[] = {TRACE_PROPERTY, 8, 4, 'c', 'o', 'm', 'm', 2, 'm', 'e'};
    static uint8_t chunk[256];
    static size_t size;

    if (size == 0) {
        struct trace_packer packer;
        const uint8_t *packed;
        if (trace_packer_init(&packer) != 0 ||
            trace_packer_pack(&packer, payload, sizeof(payload), 1, TRACE_CHUNK_EPOCH, 1, 2,
                              &packed, &size) != 0)
            abort();
        memcpy(chunk, packed, size);
        trace_packer_release(&packer);
    }
    fuzz_write(trace_fd, chunk, size);
    ring->trace_written = size;
    return size;
}

static void start(void)
{
    ring_size = ring_file_size(NODES, SLOTS, SEGMENTS);
    snprintf(recording.path, sizeof(recording.path), "%s", fuzz_directory());
    snprintf(ring_path, sizeof(ring_path), "%s/ring", fuzz_directory());
    snprintf(trace_path, sizeof(trace_path), "%s/trace.pinj", fuzz_directory());
    ring_fd = open(ring_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    trace_fd = open(trace_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (ring_fd < 0 || trace_fd < 0 || ftruncate(ring_fd, (off_t)ring_size) != 0)
        abort();
    ring = mmap(NULL, ring_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring_fd, 0);
    if (ring == MAP_FAILED)
        abort();
}

/* Where a patch of `part` begins at most `length` bytes before the part's end. */
static uint8_t *place_of(unsigned part, size_t offset, size_t length)
{
    /* Not by the ring's own sizes, which may be patched already. */
    uint8_t *const nodes = (uint8_t *)(ring + 1);
    uint8_t *const slots = nodes + NODES * sizeof(struct ring_node);
    uint8_t *const segments = slots + SLOTS * sizeof(struct ring_slot);
    uint8_t *const places = segments + sizeof(struct ring_segment) - 32 * sizeof(struct ring_place);
    const struct {
        uint8_t *at;
        size_t size;
    } parts[] = {
        {(uint8_t *)ring, sizeof(*ring)},
        {nodes, NODES * sizeof(struct ring_node)},
        {slots, 512 + sizeof(((struct ring_slot *)0)->counters)},
        {slots + RING_PAGE, RING_DATA_SIZE},
        {slots + sizeof(struct ring_slot), sizeof(struct ring_slot)},
        {segments, 192},
        {segments + 192, sizeof(struct ring_segment) - 192},
        {places, 32 * sizeof(struct ring_place)},
        {segments + sizeof(struct ring_segment), 4096},
        {(uint8_t *)ring, RING_PAGE},
    };
    part %= sizeof(parts) / sizeof(parts[0]);
    return parts[part].at + offset % (parts[part].size - length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct trace_visitor visitor = {.first_chunk_only = false};
    struct trace_summary summary;
    struct problem problem;

    if (ring == NULL)
        start();
    clear_ring();
    size_t trace_size = put_trace();
    while (size >= PATCH_HEAD) {
        size_t offset = data[1] | (size_t)data[2] << 8 | (size_t)data[3] << 16,
               length = data[4] & 127;
        unsigned part = data[0];
        data += PATCH_HEAD, size -= PATCH_HEAD;
        length = length < size ? length : size;
        memcpy(place_of(part, offset, length), data, length);
        data += length, size -= length;
    }
    /* Where a ring says that more was written one chunk is told as missing. */
    uint64_t missing = ring->trace_written > trace_size;
    if (dead_ring_drain(ring_path, &recording) <= 0)
        return 0;
    int status = trace_read(trace_path, &visitor, &summary, &problem);
    if (status != 0 || summary.chunks < 2 || summary.chunks_damaged > missing ||
        summary.bytes_skipped > 0 || summary.truncated)
        abort();
    return 0;
}
