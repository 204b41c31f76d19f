/*
 * Telling whose resident memory is. Its own file because what follows from what is to be
 * tested without a process to look at.
 */
#include "preload/resident_sums.h"

#include "preload/memory_parts.h"

#include <string.h>
#include <sys/mman.h>

#define PAGE 4096u
#define STEP (4u << 10) /* pages asked for at once */
#define MISSES 64u      /* pages where no large block begins: the area has no more */

/* The C library's arenas are heaps that begin at multiples of it, and end before the next. */
#define ARENA (64ull << 20)

void resident_sums_begin(struct resident_sums *sums, struct resident_look *look, bool has_arenas)
{
    sums->look = look;
    sums->has_arenas = has_arenas;
    sums->count = 0;
    sums->data_end = sums->ring = 0;
}

void resident_sums_range(struct resident_sums *sums, uint64_t start, uint64_t end,
                         enum resident_owner owner)
{
    const uint64_t page = PAGE - 1;
    if (start < end && sums->count < RESIDENT_RANGES)
        sums->ranges[sums->count++] =
            (struct resident_range){start & ~page, (end + page) & ~page, owner};
}

/* Resident bytes of a range; no more than `most` are looked for. */
static uint64_t resident_of(uint64_t start, uint64_t end, uint64_t most)
{
    uint8_t pages[STEP];
    uint64_t sum = 0;
    for (uint64_t step; start < end && sum < most; start += step) {
        step = end - start < STEP * PAGE ? end - start : STEP * PAGE;
        if (mincore((void *)start, step, pages) != 0)
            break; /* gone meanwhile */
        for (uint64_t i = 0; i < (step + PAGE - 1) / PAGE; i++)
            sum += (pages[i] & 1) * PAGE;
    }
    return sum < most ? sum : most;
}

/* The part of a range that lies in [start, end); empty where its end is not above its start. */
static struct resident_range within(const struct resident_range *range, uint64_t start,
                                    uint64_t end)
{
    return (struct resident_range){range->start > start ? range->start : start,
                                   range->end < end ? range->end : end, range->owner};
}

/* End of a range that holds the address; 0: none does. */
static uint64_t known_until(const struct resident_sums *sums, uint64_t address)
{
    for (uint32_t i = 0; i < sums->count; i++)
        if (address >= sums->ranges[i].start && address < sums->ranges[i].end)
            return sums->ranges[i].end;
    return 0;
}

/* The head of a heap of the C library's, as it has been since glibc 2.3.4: which arena's,
 * the heap before, size, and how much of it may be touched. */
struct heap_head {
    uint64_t arena, before, size, usable;
};

static bool is_heap(uint64_t address, const struct heap_head *head)
{
    bool first = head->arena - address < PAGE;
    return head->size >= PAGE && head->size % 16 == 0 && head->size <= head->usable &&
           head->usable <= ARENA && head->usable % PAGE == 0 &&
           (first ? !head->before
                  : head->arena % ARENA < PAGE && head->before && head->before % ARENA == 0);
}

/* Adds the heaps in the area to the ranges. A page that was never touched is not touched
 * for that. */
static void find_heaps(struct resident_sums *sums, const struct smaps_area *area)
{
    uint64_t at = (area->start + ARENA - 1) / ARENA * ARENA;
    for (; at >= area->start && at < area->end; at += ARENA) {
        struct heap_head head;
        if (known_until(sums, at) || !resident_of(at, at + PAGE, PAGE) ||
            memory_parts_copy(&head, at, sizeof head) != sizeof head || !is_heap(at, &head))
            continue;
        resident_sums_range(sums, at, at + head.usable, RESIDENT_ALLOCATOR);
        sums->look->held += head.usable;
    }
}

/* The head of a block with a mapping of its own: size of the block before, which is not
 * there, and of this one with its flags, of which "mapped" alone is set. */
struct block_head {
    uint64_t before, size;
};

/* Size of the C library's block that begins at that page; 0: none does. */
static uint64_t block_at(uint64_t at, uint64_t end)
{
    struct block_head head;
    if (!resident_of(at, at + PAGE, PAGE) ||
        memory_parts_copy(&head, at, sizeof head) != sizeof head || head.before >= PAGE)
        return 0;
    uint64_t size = head.size - 2;
    return size >= PAGE && size % PAGE == 0 && size <= end - at ? size : 0;
}

static void add_blocks(struct resident_sums *sums, uint64_t start, uint64_t end)
{
    resident_sums_range(sums, start, end, RESIDENT_LARGE);
    sums->look->large += end - start;
}

/* Adds such blocks to the ranges. Those made one after the other lie side by side, before
 * what was mapped first. */
static void find_blocks(struct resident_sums *sums, const struct smaps_area *area)
{
    uint64_t at = area->start, from = at;
    for (unsigned misses = 0; at < area->end && misses < MISSES;) {
        uint64_t known = known_until(sums, at), size = known ? 0 : block_at(at, area->end);
        if (size) {
            at += size;
            continue;
        }
        add_blocks(sums, from, at);
        misses += !known;
        from = at = known ? known : at + PAGE;
    }
    add_blocks(sums, from, at);
}

static uint64_t *sum_of(struct resident_look *look, enum resident_owner owner)
{
    switch (owner) {
    case RESIDENT_ALLOCATOR:
        return &look->held_resident;
    case RESIDENT_LARGE:
        return &look->large_resident;
    case RESIDENT_PROGRAM:
        return &look->mapped_resident;
    case RESIDENT_THREAD:
        return &look->stacks;
    case RESIDENT_PROFILER:
        break;
    }
    return &look->own;
}

/* `left` bytes of the area are private and resident: those outside all ranges are `rest`'s.
 * Of a file's area mincore() would tell what is in the page cache. */
static void divide(const struct resident_sums *sums, const struct smaps_area *area, uint64_t left,
                   uint64_t *rest)
{
    for (uint32_t i = 0; i < sums->count && left; i++) {
        const struct resident_range in = within(&sums->ranges[i], area->start, area->end);
        uint64_t part = left;
        if (in.start >= in.end)
            continue;
        if (in.start > area->start || in.end < area->end)
            part = area->kind == SMAPS_FILE ? 0 : resident_of(in.start, in.end, left);
        *sum_of(sums->look, in.owner) += part;
        left -= part;
    }
    *rest += left;
}

/* What the program took of the break is not the allocator's. */
static void hold_break(struct resident_sums *sums, const struct smaps_area *area)
{
    sums->look->held += area->end - area->start;
    for (uint32_t i = 0; i < sums->count; i++) {
        const struct resident_range in = within(&sums->ranges[i], area->start, area->end);
        sums->look->held -= in.start < in.end ? in.end - in.start : 0;
    }
}

/* Whose it is if no range says. */
static uint64_t *rest_of(struct resident_sums *sums, const struct smaps_area *area)
{
    struct resident_look *look = sums->look;
    if (area->kind == SMAPS_FILE || area->start == sums->data_end) /* or its zeros */
        return &look->data;
    if (area->kind == SMAPS_STACK)
        return &look->stacks;
    if (area->kind == SMAPS_BREAK && sums->has_arenas)
        return &look->held_resident;
    return &look->loose;
}

static bool is_ring(const struct smaps_area *area)
{
    const char *name = strrchr(area->path, '/');
    return area->shared && name && strncmp(name, "/profinject.", 12) == 0 && strstr(name, ".ring");
}

/* An area without sizes, with what mincore() tells: pages that were only read, too. */
static struct smaps_area measured(const struct smaps_area *area)
{
    struct smaps_area sized = *area;
    if (!area->sized && area->kind != SMAPS_FILE && area->writable)
        sized.resident = sized.anonymous = resident_of(area->start, area->end, UINT64_MAX);
    return sized;
}

static void note_file(struct resident_look *look, const struct smaps_area *area)
{
    if (area->kind != SMAPS_FILE || area->resident <= look->file_resident)
        return;
    look->file_resident = area->resident;
    memcpy(look->file, area->path, sizeof look->file);
}

/* What of it is anonymous memory in use, `left` bytes. */
static void add_private(struct resident_sums *sums, const struct smaps_area *area, uint64_t left)
{
    if (area->kind == SMAPS_BREAK && sums->has_arenas)
        hold_break(sums, area);
    else if (area->kind == SMAPS_ANONYMOUS && area->writable && left && sums->has_arenas) {
        find_heaps(sums, area);
        find_blocks(sums, area);
    }
    divide(sums, area, left, rest_of(sums, area));
}

void resident_sums_area(void *context, const struct smaps_area *told)
{
    struct resident_sums *sums = context;
    struct resident_look *look = sums->look;
    const struct smaps_area area = measured(told);
    uint64_t anonymous = area.anonymous < area.resident ? area.anonymous : area.resident;
    uint64_t lazy = area.lazy < anonymous ? area.lazy : anonymous;
    uint64_t named = area.resident - anonymous;
    bool ring = is_ring(&area);
    look->resident += area.resident;
    look->huge += area.huge;
    look->hugetlb += area.hugetlb;
    look->lazy += lazy;
    *(ring ? &look->own : &look->shared) += named;
    sums->ring += ring ? named : 0;
    if (!ring)
        note_file(look, &area);
    add_private(sums, &area, anonymous - lazy);
    sums->data_end = area.kind == SMAPS_FILE && area.writable && !area.shared ? area.end : 0;
}
