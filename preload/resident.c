/*
 * Looking at the process's memory. Its own file because nothing else reads these files
 * of the kernel's.
 */
#include "preload/resident.h"

#include "preload/confinement.h"
#include "preload/contract/drain.h"
#include "preload/contract/drain_memory.h"
#include "preload/contract/kernel_text.h"
#include "preload/contract/libc_clock.h"
#include "preload/mapping_events.h"
#include "preload/mapping_table.h"
#include "preload/memory_parts.h"
#include "preload/next_allocator.h"
#include "preload/platform.h"
#include "preload/resident_sums.h"
#include "preload/threads.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE 4096u
#define STACKS 2048u /* of so many threads are told from other memory */
#define END_NS \
    20000000ull        /* processes that live shorter are not looked at, nor is one whose
                            * looks would delay its end by so much */
#define COST_PART 500u /* a look may cost that part of the time */

/* Resident at the most where smaps is read: the kernel takes 9 ms per GiB to write it, and
 * who maps memory meanwhile waits for as much of that as one area takes; maps and mincore()
 * 1.2 ms, in pieces. */
#define WHOLE_MOST (1ull << 30)

/* By the kernel's own counters. */
struct sizes {
    uint64_t resident, shared;
};

static struct {
    uint64_t known;
    uint64_t last_ns, cost_ns;
    uint64_t inherited;         /* live bytes of the parent's */
    struct resident_look first; /* before anything was counted; with a time until it is told */
    bool last_whole;            /* the last look was the dear kind */
    bool has_last;              /* one was told: of these figures */
    struct sizes last_sizes;
    uint64_t last_live;
    struct resident_sums sums;
    struct mapping mappings[MAPPING_TABLE_SIZE];
    struct stack_bounds stacks[STACKS];
} resident;

static PLATFORM_FORK_DATA uint64_t live_at_fork; /* bytes that a child had from the start */

/* Pages in all, resident ones, those of them that are files' or shared. */
static bool look_at_sizes(struct sizes *sizes)
{
    char text[128], *rest = text;
    if (!kernel_text_read("/proc/self/statm", text, sizeof text))
        return false;
    strtoull(rest, &rest, 10);
    sizes->resident = strtoull(rest, &rest, 10) * PAGE;
    sizes->shared = strtoull(rest, &rest, 10) * PAGE;
    return sizes->resident != 0;
}

/* A size from the kernel's list; 0: it is not there. */
static uint64_t listed(const char *text, const char *name)
{
    const char *line = strstr(text, name);
    return line ? strtoull(line + strlen(name), NULL, 10) << 10 : 0;
}

/* Of what is shared the part that is no file's on a disk, but for our ring; and what was
 * resident at the most. */
static void look_at_status(struct resident_look *look)
{
    char text[2048];
    kernel_text_read("/proc/self/status", text, sizeof text);
    uint64_t shmem = listed(text, "\nRssShmem:");
    look->shmem = shmem > resident.sums.ring ? shmem - resident.sums.ring : 0;
    look->highest = listed(text, "\nVmHWM:");
}

/* What the program mapped, or its allocator where that is not the C library's. */
static void add_mappings(struct resident_look *look)
{
    size_t count = mapping_table_copy(resident.mappings, MAPPING_TABLE_SIZE);
    for (size_t i = 0; i < count; i++) {
        const struct mapping *mapping = &resident.mappings[i];
        bool allocator = mapping->owner == MAPPING_ALLOCATOR;
        *(allocator ? &look->held : &look->mapped) += mapping->length;
        resident_sums_range(&resident.sums, mapping->start, mapping->start + mapping->length,
                            allocator ? RESIDENT_ALLOCATOR : RESIDENT_PROGRAM);
    }
}

static void add_own(void)
{
    struct own_range own[OWN_MEMORY_MAX];
    const struct own_range data = memory_parts_own_data();
    uint32_t count = own_memory_ranges(own);
    for (uint32_t i = 0; i < count; i++)
        resident_sums_range(&resident.sums, own[i].start, own[i].end, RESIDENT_PROFILER);
    resident_sums_range(&resident.sums, data.start, data.end, RESIDENT_PROFILER);
}

static void add_stacks(void)
{
    uint32_t count = threads_stacks(resident.stacks, STACKS);
    for (uint32_t i = 0; i < count; i++)
        resident_sums_range(&resident.sums, resident.stacks[i].low, resident.stacks[i].high,
                            RESIDENT_THREAD);
}

/* What was not asked for: files' memory as a whole, and what of theirs is private. */
static void fill_up(struct resident_look *look, const struct sizes *sizes)
{
    uint64_t private = sizes->resident - sizes->shared;
    look->data += private > look->resident ? private - look->resident : 0;
    look->resident = sizes->resident;
    look->shared = sizes->shared;
}

/* False when the kernel does not tell. */
static bool look_at_areas(struct resident_look *look, const struct sizes *sizes)
{
    bool whole = sizes->resident <= WHOLE_MOST && resident.cost_ns < END_NS;
    int fd = whole ? open("/proc/self/smaps", O_RDONLY | O_CLOEXEC) : -1;
    resident.last_whole = whole = fd >= 0;
    if (!whole)
        fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    resident_sums_begin(&resident.sums, look, next_allocator_is_libc);
    add_own();
    add_stacks();
    add_mappings(look);
    bool read = smaps_read(fd, resident_sums_area, &resident.sums);
    close(fd);
    look_at_status(look);
    look->known |= TRACE_RESIDENT_KINDS | (whole ? TRACE_RESIDENT_PAGES : 0);
    if (!whole)
        fill_up(look, sizes);
    return read;
}

static bool is_as_before(const struct sizes *sizes, uint64_t live)
{
    return resident.has_last && sizes->resident == resident.last_sizes.resident &&
           sizes->shared == resident.last_sizes.shared && live == resident.last_live;
}

static uint64_t live_bytes(struct ring_file *ring)
{
    uint64_t live = resident.inherited + drain_live(ring);
    return (int64_t)live > 0 ? live : 0;
}

/* Nothing when nothing has changed. */
static void look(uint64_t now_ns, struct ring_file *ring)
{
    struct resident_look look = {.time_ns = now_ns, .known = resident.known};
    struct sizes sizes;
    /* Not wall time: a machine that is busy makes no look dear. */
    uint64_t before_ns = libc_clock_read_sigsafe(CLOCK_THREAD_CPUTIME_ID);
    uint64_t live = resident.known & TRACE_RESIDENT_LIVE ? live_bytes(ring) : 0;
    resident.last_ns = now_ns;
    if (!look_at_sizes(&sizes) || is_as_before(&sizes, live))
        return;
    if (!look_at_areas(&look, &sizes))
        look = (struct resident_look){.time_ns = now_ns,
                                      .known = resident.known & TRACE_RESIDENT_LIVE,
                                      .resident = sizes.resident,
                                      .shared = sizes.shared};
    look.live = live;
    if (resident.first.time_ns)
        drain_look(ring, &resident.first);
    resident.first.time_ns = 0;
    resident.has_last = true;
    resident.last_sizes = sizes;
    resident.last_live = live;
    drain_look(ring, &look);
    resident.cost_ns = libc_clock_read_sigsafe(CLOCK_THREAD_CPUTIME_ID) - before_ns;
}

void resident_tell(uint64_t least_ns, struct ring_file *ring)
{
    uint64_t now_ns = libc_clock_now_sigsafe(), rest_ns = COST_PART * resident.cost_ns;
    if (!resident.has_last)
        least_ns = END_NS; /* what was there at the start */
    if (resident.known && !confinement_any_sigsafe() &&
        now_ns - resident.last_ns >= (rest_ns > least_ns ? rest_ns : least_ns))
        look(now_ns, ring);
}

void resident_tell_end(struct ring_file *ring)
{
    uint64_t now_ns = libc_clock_now_sigsafe();
    if (resident.known && !confinement_any_sigsafe() && now_ns - resident.last_ns >= END_NS &&
        (resident.last_whole || resident.cost_ns < END_NS))
        look(now_ns, ring);
}

void resident_init(struct ring_file *ring, uint64_t known, bool forked)
{
    const struct resident_look nothing = {0};
    struct sizes sizes;
    resident.known = known;
    resident.last_ns = libc_clock_now_sigsafe();
    resident.cost_ns = 0;
    resident.first = nothing;
    resident.has_last = false;
    if (forked) {
        resident.inherited += live_at_fork;
        mapping_table_inherit();
    } else if (known && !confinement_any_sigsafe() && look_at_sizes(&sizes)) {
        resident.first = (struct resident_look){.time_ns = resident.last_ns,
                                                .known = known,
                                                .resident = sizes.resident,
                                                .shared = sizes.shared};
    }
    mapping_events_init(known & TRACE_RESIDENT_MAPPED ? ring : NULL);
}

void resident_fork_prepare(struct ring_file *ring)
{
    live_at_fork = ring && resident.known ? drain_live(ring) : 0;
}
