/*
 * Looking at the process's memory. Its own file because nothing else reads these files
 * of the kernel's.
 */
#include "preload/resident.h"

#include "preload/confinement.h"
#include "preload/contract/drain.h"
#include "preload/contract/drain_memory.h"
#include "preload/contract/libc_clock.h"
#include "preload/heap_hooks.h"
#include "preload/mapping_events.h"
#include "preload/mapping_table.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u
#define ARENA \
    (64ull << 20) /* the C library's arenas begin at multiples of it, and end before
                             * the next; what they may still grow into cannot be touched */
#define END_NS \
    20000000ull        /* processes that live shorter are not looked at, nor is one whose
                            * looks would delay its end by so much */
#define COST_PART 500u /* a look may cost that part of the time */

static struct {
    uint64_t known;
    uint64_t last_ns, cost_ns;
    uint64_t inherited;               /* live bytes of the parent's */
    struct resident_look first, last; /* before anything was counted; the last told */
    uint8_t pages[16u << 10];         /* mincore's answers; before, the text of maps */
    struct mapping mappings[MAPPING_TABLE_SIZE];
    size_t count;
} resident;

/* A range of addresses from the kernel's list. */
struct area {
    uint64_t start, end;
    bool writable, closed, anonymous, is_break;
};

/* Fields by blanks: addresses, permissions, offset, device, inode, path. */
static struct area parse_area(char *line)
{
    struct area area = {0};
    char *rest;
    area.start = strtoull(line, &rest, 16);
    area.end = strtoull(rest + 1, &rest, 16);
    area.writable = strncmp(rest, " rw", 3) == 0;
    area.closed = strncmp(rest, " ---p", 5) == 0;
    for (int field = 0; field < 4 && rest; field++)
        rest = strchr(rest + 1, ' ');
    if (rest)
        rest += strspn(rest, " 0123456789");
    area.anonymous = !rest || *rest == '\0';
    area.is_break = rest && strcmp(rest, "[heap]") == 0;
    return area;
}

/* Resident bytes of a range. */
static uint64_t resident_of(uint64_t start, uint64_t end)
{
    uint64_t sum = 0;
    for (uint64_t step; start < end; start += step) {
        step =
            end - start < sizeof resident.pages * PAGE ? end - start : sizeof resident.pages * PAGE;
        if (mincore((void *)start, step, resident.pages) != 0)
            return sum; /* gone meanwhile */
        for (uint64_t i = 0; i < (step + PAGE - 1) / PAGE; i++)
            sum += resident.pages[i] & 1 ? PAGE : 0;
    }
    return sum;
}

static bool is_mapped_by_program(uint64_t start)
{
    bool found = false;
    for (size_t i = 0; i < resident.count && !found; i++)
        found = start - resident.mappings[i].start < resident.mappings[i].length;
    return found;
}

#define AREAS 256u

/* Ranges the C library's allocator has its blocks in, but for those too large for that. */
struct arenas {
    struct area found[AREAS];
    size_t count;
    struct area before;
};

static void keep(struct arenas *arenas, uint64_t start, uint64_t end)
{
    if (arenas->count < AREAS)
        arenas->found[arenas->count++] = (struct area){.start = start, .end = end};
}

/* An arena is seen by what follows it: room up to the next multiple. */
static void see_area(struct arenas *arenas, const struct area *area)
{
    const struct area *before = &arenas->before;
    uint64_t first = (before->start + ARENA - 1) / ARENA * ARENA;
    if (area->is_break)
        keep(arenas, area->start, area->end);
    else if (area->closed && area->anonymous && area->start == before->end && before->writable &&
             before->anonymous && first < before->end &&
             area->end >= (before->end + ARENA - 1) / ARENA * ARENA && !is_mapped_by_program(first))
        keep(arenas, first, before->end);
    arenas->before = *area;
}

/* Line by line through a small buffer. */
static void find_arenas(struct arenas *arenas)
{
    char *text = (char *)resident.pages;
    size_t kept = 0;
    ssize_t got;
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    while ((got = read(fd, text + kept, sizeof resident.pages - 1 - kept)) > 0) {
        char *line = text, *end;
        text[kept + (size_t)got] = '\0';
        while ((end = strchr(line, '\n'))) {
            *end = '\0';
            struct area area = parse_area(line);
            see_area(arenas, &area);
            line = end + 1;
        }
        kept = strlen(line);
        memmove(text, line, kept);
    }
    close(fd);
}

/* What the program itself took of the break. */
static void leave_out_mapped(const struct area *arena, struct resident_look *look)
{
    for (size_t i = 0; i < resident.count; i++) {
        const struct mapping *mapping = &resident.mappings[i];
        if (mapping->start < arena->start || mapping->start + mapping->length > arena->end)
            continue;
        look->held -= mapping->length;
        look->held_resident -= resident_of(mapping->start, mapping->start + mapping->length);
    }
}

static void look_at_allocator(struct resident_look *look)
{
    static struct arenas arenas;
    if (heap_hooks_allocator_is_libc()) {
        arenas.count = 0;
        memset(&arenas.before, 0, sizeof arenas.before);
        find_arenas(&arenas);
        for (size_t i = 0; i < arenas.count; i++) {
            look->held += arenas.found[i].end - arenas.found[i].start;
            look->held_resident += resident_of(arenas.found[i].start, arenas.found[i].end);
            leave_out_mapped(&arenas.found[i], look);
        }
        return;
    }
    for (size_t i = 0; i < resident.count; i++) {
        const struct mapping *mapping = &resident.mappings[i];
        if (mapping->owner != MAPPING_ALLOCATOR)
            continue;
        look->held += mapping->length;
        look->held_resident += resident_of(mapping->start, mapping->start + mapping->length);
    }
}

static void look_at_mappings(struct resident_look *look)
{
    for (size_t i = 0; i < resident.count; i++) {
        const struct mapping *mapping = &resident.mappings[i];
        if (mapping->owner == MAPPING_ALLOCATOR)
            continue;
        look->mapped += mapping->length;
        if (mapping->owner == MAPPING_PROGRAM)
            look->mapped_resident += resident_of(mapping->start, mapping->start + mapping->length);
    }
}

/* Pages in all, resident ones, those of them that are files' or shared. */
static bool look_at_sizes(struct resident_look *look)
{
    char text[128], *rest = text;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (size <= 0)
        return false;
    text[size] = '\0';
    strtoull(rest, &rest, 10);
    look->resident = strtoull(rest, &rest, 10) * PAGE;
    look->shared = strtoull(rest, &rest, 10) * PAGE;
    return look->resident != 0;
}

static bool is_as_before(const struct resident_look *look)
{
    const struct resident_look *last = &resident.last;
    return last->time_ns && look->resident == last->resident && look->shared == last->shared &&
           look->live == last->live;
}

static uint64_t live_bytes(const struct drain *drain)
{
    uint64_t live = resident.inherited + drain_live(drain->ring, drain->ended_live);
    return (int64_t)live > 0 ? live : 0;
}

/* Nothing when nothing has changed. */
static void look(uint64_t now_ns, struct drain *drain)
{
    struct resident_look look = {.time_ns = now_ns, .known = resident.known};
    /* Not wall time: a machine that is busy makes no look dear. */
    uint64_t before_ns = libc_clock_read_sigsafe(CLOCK_THREAD_CPUTIME_ID);
    resident.last_ns = now_ns;
    if (look.known & TRACE_RESIDENT_LIVE)
        look.live = live_bytes(drain);
    if (!look_at_sizes(&look) || is_as_before(&look))
        return;
    resident.count = mapping_table_copy(resident.mappings, MAPPING_TABLE_SIZE);
    if (look.known & TRACE_RESIDENT_HELD)
        look_at_allocator(&look);
    if (look.known & TRACE_RESIDENT_MAPPED)
        look_at_mappings(&look);
    if (resident.first.time_ns)
        drain_look(drain, &resident.first);
    resident.first.time_ns = 0;
    resident.last = look;
    drain_look(drain, &look);
    resident.cost_ns = libc_clock_read_sigsafe(CLOCK_THREAD_CPUTIME_ID) - before_ns;
}

void resident_tell(uint64_t least_ns, struct drain *drain)
{
    uint64_t now_ns = libc_clock_now_sigsafe(), rest_ns = COST_PART * resident.cost_ns;
    if (!resident.last.time_ns)
        least_ns = END_NS; /* what was there at the start */
    if (resident.known && !confinement_any() &&
        now_ns - resident.last_ns >= (rest_ns > least_ns ? rest_ns : least_ns))
        look(now_ns, drain);
}

void resident_tell_end(struct drain *drain)
{
    uint64_t now_ns = libc_clock_now_sigsafe();
    if (resident.known && !confinement_any() && now_ns - resident.last_ns >= END_NS &&
        resident.cost_ns < END_NS)
        look(now_ns, drain);
}

void resident_init(struct ring_file *ring, uint64_t known, bool forked)
{
    const struct resident_look nothing = {0};
    resident.known = known;
    resident.last_ns = libc_clock_now_sigsafe();
    resident.cost_ns = 0;
    resident.first = resident.last = nothing;
    if (forked)
        mapping_table_inherit();
    else if (known && !confinement_any() && look_at_sizes(&resident.first)) {
        resident.first.time_ns = resident.last_ns;
        resident.first.known = known;
    }
    mapping_events_init(known & TRACE_RESIDENT_MAPPED ? ring : NULL);
}

void resident_inherit(struct ring_file *ring, uint64_t ended)
{
    if (ring && resident.known)
        resident.inherited += drain_live(ring, ended);
}
