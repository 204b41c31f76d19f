/*
 * Rings that somebody left, with anything in them: what a process wrote over before it died,
 * or what was put there on purpose. The input patches a small sound ring and what lies beside
 * it: a byte that says in which part, three of an offset, one of length (below 128), and the
 * bytes. Whatever is drained, the trace behind it must be sound, be it put there or read in
 * memory, be there room or not.
 */
#include "analyzer/record/dead_ring.h"
#include "analyzer/trace/trace_reader.h"
#include "preload/contract/ring_format.h"
#include "preload/contract/trace_chunk.h"
#include "preload/contract/trace_parts.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <sys/resource.h>

#define NODES 256u
#define SLOTS 2u
#define SEGMENTS 2u
#define PATCH_HEAD 5u /* bytes */

enum { PLACES = 10, PART_TOLD = PLACES, PART_WORLD, PARTS };

/* What a recovery meets: zero is a trace in one file, whole, and room enough. */
static struct world {
    uint8_t part; /* the trace has been begun anew so often */
    uint8_t cut;  /* bytes gone from its end; CUT_*: all, or the file with them */
    uint8_t way;  /* WAY_* */
    uint8_t room; /* on the disk, in units of ROOM bytes; 0: enough */
} world;
#define CUT_BYTES 254u
#define CUT_FILE 255u
#define WAY_READ 1u /* nothing may be written there */
#define WAY_ASK 2u  /* whose ring it is is asked first */
#define ROOM 8u
#define UNTOLD 1u /* for `trace_written`: as far as the trace goes */

static struct ring_file *ring; /* the ring that is patched */
static size_t ring_size;
static uint8_t told[2048]; /* records that the trace has */
static size_t told_size;
static struct recording recording;
static struct trace_packer packer;
static char ring_path[128], trace_path[128], inode_path[] = "/proc/self/ns/pid";
static ino_t namespace;

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
    ring->trace_written = UNTOLD;
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

static size_t put_file(const char *path, const uint8_t *bytes, size_t size)
{
    size_t cut = world.cut >= CUT_BYTES || world.cut > size ? size : world.cut;

    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        abort();
    fuzz_write(fd, bytes, size - cut);
    close(fd);
    if (world.cut == CUT_FILE)
        unlink(path);
    return size - cut;
}

static size_t pack(uint8_t *to, uint32_t sequence, const uint8_t *payload, size_t size)
{
    const uint8_t *packed;
    size_t packed_size;

    packer.sequence = sequence;
    if (trace_packer_pack(&packer, payload, size, 1, TRACE_CHUNK_EPOCH, 1, 2, &packed,
                          &packed_size) != 0)
        abort();
    memcpy(to, packed, packed_size);
    return packed_size;
}

/* The trace it goes behind: a chunk with a property, and one with what is told; in a file of
 * its own where the trace has parts. Returns how far the last file goes. */
static size_t put_trace(void)
{
    static const uint8_t property[] = {TRACE_PROPERTY, 8, 4, 'c', 'o', 'm', 'm', 2, 'm', 'e'};
    static uint8_t bytes[2 * sizeof(told)];
    char path[sizeof(trace_path) + 16];
    size_t first = pack(bytes, 0, property, sizeof(property));
    size_t second = told_size + world.part > 0 ? pack(bytes + first, 1, told, told_size) : 0;

    if (world.part % TRACE_PARTS == 0)
        return put_file(trace_path, bytes, first + second);
    put_file(trace_path, bytes, first);
    trace_part_name(path, sizeof(path), trace_path, world.part);
    return put_file(path, bytes + first, second);
}

static void remove_parts(void)
{
    char path[sizeof(trace_path) + 16];

    for (uint32_t part = 1; part < TRACE_PARTS; part++) {
        trace_part_name(path, sizeof(path), trace_path, part);
        unlink(path);
    }
}

static void start(void)
{
    struct stat status;

    ring_size = ring_file_size(NODES, SLOTS, SEGMENTS);
    if (recording_create(&recording, fuzz_directory(), true) != 0 ||
        trace_packer_init(&packer) != 0 || stat(inode_path, &status) != 0)
        abort();
    namespace = status.st_ino;
    snprintf(ring_path, sizeof(ring_path), "%s/ring", fuzz_directory());
    snprintf(trace_path, sizeof(trace_path), "%s/trace.pinj", fuzz_directory());
    int fd = open(ring_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, (off_t)ring_size) != 0)
        abort();
    ring = mmap(NULL, ring_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (ring == MAP_FAILED)
        abort();
    close(fd);
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
    } parts[PLACES] = {
        {(uint8_t *)ring, sizeof(*ring)},
        {nodes, NODES * sizeof(struct ring_node)},
        {slots, RING_PAGE},
        {slots + RING_PAGE, RING_DATA_SIZE},
        {slots + sizeof(struct ring_slot), sizeof(struct ring_slot)},
        {segments, 192},
        {segments + 192, sizeof(struct ring_segment) - 192},
        {places, 32 * sizeof(struct ring_place)},
        {segments + sizeof(struct ring_segment), 4096},
        {(uint8_t *)ring, RING_PAGE},
    };
    return parts[part].at + offset % (parts[part].size - length + 1);
}

static void patch(unsigned part, size_t offset, const uint8_t *bytes, size_t length)
{
    if (part == PART_WORLD) {
        memcpy(&world, bytes, length < sizeof(world) ? length : sizeof(world));
    } else if (part == PART_TOLD) {
        length = length < sizeof(told) - told_size ? length : sizeof(told) - told_size;
        memcpy(told + told_size, bytes, length);
        told_size += length;
    } else {
        memcpy(place_of(part, offset, length), bytes, length);
    }
}

static void limit_files(size_t most)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

/* As if its process had been of this namespace; else the kernel's log would be asked for it,
 * which takes most of an execution. */
static void ask(void)
{
    struct recording asked;
    uint64_t told_namespace = ring->pid_namespace;

    if (told_namespace == 0)
        ring->pid_namespace = namespace;
    dead_ring_recording(ring_path, &asked);
    ring->pid_namespace = told_namespace;
}

/* By `room`: files may become no larger than what there is and so many units. */
static int recover(size_t trace_size, char path[PATH_MAX])
{
    limit_files(world.room > 0 ? trace_size + ROOM * world.room : RLIM_INFINITY);
    if (world.way & WAY_ASK)
        ask();
    int done = world.way & WAY_READ ? dead_ring_read(ring_path, &recording, path)
                                    : dead_ring_drain(ring_path, &recording);
    limit_files(RLIM_INFINITY);
    snprintf(path, PATH_MAX, "%s", trace_path);
    if (world.way & WAY_READ && done >= 0)
        snprintf(path, PATH_MAX, "/proc/self/fd/%d", done);
    return done;
}

/* What was sound before stays so. */
static void check(const char *path, bool more, uint64_t missing)
{
    const struct trace_visitor visitor = {.first_chunk_only = false};
    struct trace_summary summary;
    struct problem problem;
    int status = trace_read(path, &visitor, &summary, &problem);

    if (world.cut > 0 || ring->rotates || world.part > 0)
        return;
    /* Of a process that left by exec there may be nothing to add, not even that. */
    bool ends = ring->end_kind <= TRACE_END_EXIT;
    uint64_t least = 1 + (told_size > 0) + (more && ends);
    if (status != 0 || summary.chunks < least || summary.chunks_damaged > missing ||
        summary.bytes_skipped > 0 || summary.truncated)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[PATH_MAX];

    if (ring == NULL)
        start();
    clear_ring();
    world = (struct world){0};
    told_size = 0;
    while (size >= PATCH_HEAD) {
        size_t offset = data[1] | (size_t)data[2] << 8 | (size_t)data[3] << 16,
               length = data[4] & 127;
        unsigned part = data[0] % PARTS;
        data += PATCH_HEAD, size -= PATCH_HEAD;
        length = length < size ? length : size;
        patch(part, offset, data, length);
        data += length, size -= length;
    }
    size_t trace_size = put_trace();
    if (ring->trace_written == UNTOLD)
        ring->trace_written = trace_place(world.part, trace_size);
    /* Where a ring says that more was written one chunk is told as missing. */
    uint64_t missing = trace_place_bytes(ring->trace_written) > trace_size;
    int done = recover(trace_size, path);
    check(path, done > 0 || (world.way & WAY_READ && done >= 0), missing);
    if (world.way & WAY_READ && done >= 0)
        close(done);
    remove_parts();
    return 0;
}
