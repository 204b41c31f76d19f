/*
 * The memory to be scanned, by parts. Its own file because what is left out, and why, is
 * half of what a scan is worth.
 */
#include "preload/memory_parts.h"

#include "preload/contract/kernel_text.h"
#include "preload/platform.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096u
#define TEXT_SIZE (64u << 10)
#define HIDDEN_MAX 8192u
#define BREAK_FIELD 47

/* main_arena of glibc: as many pairs of pointers that lead to themselves where a bin is
 * empty, behind these words. */
#define BINS 127u
#define BEFORE_BINS (0x70u / 8)
#define BINS_EMPTY 16u /* at least: else it is something else */

/* Where our own file is mapped. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

static int reserve(struct memory_parts *parts)
{
    size_t areas = MEMORY_PARTS_MAX * sizeof *parts->areas;
    size_t targets = MEMORY_PARTS_MAX * sizeof *parts->targets;
    if (!parts->areas) {
        uint8_t *memory = buffer_reserve(areas + targets + HIDDEN_MAX * sizeof *parts->hidden);
        if (!memory)
            return -ENOMEM;
        parts->areas = (struct memory_area *)memory;
        parts->targets = (struct own_range *)(memory + areas);
        parts->hidden = (struct own_range *)(memory + areas + targets);
        parts->hidden_capacity = HIDDEN_MAX;
    }
    parts->count = parts->target_count = parts->hidden_count = 0;
    return 0;
}

static void hide(struct memory_parts *parts, uint64_t start, uint64_t end)
{
    if (start < end && parts->hidden_count < parts->hidden_capacity)
        parts->hidden[parts->hidden_count++] = (struct own_range){start, end};
}

/* --- what there is ------------------------------------------------------------ */

/* Kind of the mapping; 0: not to be looked at. `path` is "" for anonymous memory. */
static uint32_t kind_of(const char *rights, uint64_t inode, const char *path)
{
    if (rights[0] != 'r' || rights[1] != 'w')
        return 0;
    if (rights[3] == 's')
        return strcmp(path, "/dev/zero (deleted)") == 0 ? TRACE_MEMORY_ANONYMOUS : 0;
    if (strcmp(path, "[heap]") == 0)
        return TRACE_MEMORY_HEAP;
    if (strcmp(path, "[stack]") == 0)
        return TRACE_MEMORY_STACK;
    return inode ? TRACE_MEMORY_DATA : TRACE_MEMORY_ANONYMOUS;
}

static void add_line(struct memory_parts *parts, char *line)
{
    char *rest;
    uint64_t start = strtoull(line, &rest, 16), end = strtoull(rest + 1, &rest, 16);
    const char *rights = ++rest;
    char *inode = strchr(rest, ' ');
    for (int i = 0; i < 2 && inode; i++) /* over rights, offset and device */
        inode = strchr(inode + 1, ' ');
    if (!inode || parts->count == MEMORY_PARTS_MAX)
        return;
    uint64_t number = strtoull(inode, &rest, 10);
    const char *path = rest + strspn(rest, " ");
    uint32_t kind = kind_of(rights, number, path);
    if (!kind)
        return;
    struct memory_area *area = &parts->areas[parts->count++];
    *area =
        (struct memory_area){.start = start, .end = end, .kind = kind, .shared = rights[3] == 's'};
    const char *slash = strrchr(path, '/');
    strncpy(area->name, slash ? slash + 1 : path, sizeof area->name - 1);
}

/* Lines one after the other, however long the file is. */
static int read_maps(struct memory_parts *parts)
{
    static char text[TEXT_SIZE];
    size_t used = 0;
    ssize_t size;
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    while ((size = read(fd, text + used, sizeof text - 1 - used)) > 0) {
        char *line = text, *end;
        used += (size_t)size;
        text[used] = '\0';
        while ((end = strchr(line, '\n'))) {
            *end = '\0';
            add_line(parts, line);
            line = end + 1;
        }
        used -= (size_t)(line - text);
        memmove(text, line, used);
    }
    close(fd);
    return size < 0 ? -EIO : 0;
}

/* Where the program break began; 0: not known. The 47th field of /proc/self/stat, the second
 * being a name in brackets. */
static uint64_t break_start(void)
{
    char text[1024];
    kernel_text_read("/proc/self/stat", text, sizeof text);
    char *field = strrchr(text, ')');
    for (int i = 2; field && i < BREAK_FIELD; i++)
        field = strchr(field + 1, ' ');
    return field ? strtoull(field, NULL, 10) : 0;
}

/* Without address randomization the data of the program and the break are one mapping. */
static void split_break(struct memory_parts *parts)
{
    uint64_t start = break_start();
    for (uint32_t i = 0; i < parts->count; i++) {
        struct memory_area *area = &parts->areas[i], *last = &parts->areas[parts->count];
        if (area->kind != TRACE_MEMORY_HEAP || start <= area->start || start >= area->end ||
            parts->count == MEMORY_PARTS_MAX)
            continue;
        memmove(area + 1, area, (size_t)(last - area) * sizeof *area);
        parts->count++;
        area[0].kind = TRACE_MEMORY_DATA;
        area[0].end = area[1].start = start;
        return;
    }
}

/* --- what is left out ----------------------------------------------------------- */

struct own_range memory_parts_own_data(void)
{
    const char *base = (const char *)&__ehdr_start;
    const ElfW(Phdr) *segment = (const ElfW(Phdr) *)(base + __ehdr_start.e_phoff);
    struct own_range data = {0, 0};
    for (int i = 0; i < __ehdr_start.e_phnum; i++, segment++)
        if (segment->p_type == PT_LOAD && segment->p_flags & PF_W) {
            uint64_t start = (uint64_t)base + segment->p_vaddr;
            data = (struct own_range){start & ~(uint64_t)(PAGE - 1), start + segment->p_memsz};
        }
    return data;
}

static bool is_empty_bin(const uint64_t *pair)
{
    return pair[0] == pair[1] && pair[0] == (uint64_t)(pair - 2);
}

/* A bin that is in use leads to a free chunk that leads back, by its fourth word. */
static bool is_bin(const struct memory_parts *parts, const uint64_t *pair)
{
    struct own_range heap;
    uint64_t back = 0;
    if (is_empty_bin(pair))
        return true;
    return pair[0] % 16 == 0 &&
           memory_parts_find(parts->targets, parts->target_count, pair[0], &heap) &&
           memory_parts_copy(&back, pair[0] + 24, sizeof back) == sizeof back &&
           back == (uint64_t)(pair - 2);
}

/*
 * The allocator's own pointers lead to free chunks, whose first word is still part of the
 * block before: a lost block would look used. They are found by their form in the C
 * library's data, which nobody unmaps.
 */
static void hide_arena(struct memory_parts *parts, const struct memory_area *area)
{
    const uint64_t *word = (const uint64_t *)area->start, *end = (const uint64_t *)area->end;
    for (const uint64_t *first = word + BEFORE_BINS; first + 2 * BINS <= end; first += 2) {
        uint32_t empty = 0;
        if (!is_bin(parts, first))
            continue;
        for (uint32_t i = 0; i < BINS; i++)
            empty += is_empty_bin(first + (size_t)2 * i);
        if (empty < BINS_EMPTY)
            continue;
        hide(parts, (uint64_t)(first - BEFORE_BINS), (uint64_t)(first + (size_t)2 * BINS));
        return;
    }
}

/* The part of the stack that is not in use, and whose the rest is. */
static void take_stack(struct memory_parts *parts, const struct memory_stack *stack)
{
    if (stack->sp < stack->bounds.low || stack->sp >= stack->bounds.high)
        return;
    hide(parts, stack->bounds.low, stack->sp);
    for (uint32_t i = 0; i < parts->count; i++) {
        struct memory_area *area = &parts->areas[i];
        if (stack->sp < area->start || stack->sp >= area->end)
            continue;
        if (area->kind == TRACE_MEMORY_ANONYMOUS && area->end <= stack->bounds.high)
            area->kind = TRACE_MEMORY_STACK;
        area->thread = stack->tid;
    }
}

void memory_parts_sort(struct own_range *ranges, uint32_t count)
{
    for (uint32_t gap = count / 2; gap; gap /= 2)
        for (uint32_t i = gap; i < count; i++) {
            struct own_range one = ranges[i];
            uint32_t at = i;
            for (; at >= gap && ranges[at - gap].start > one.start; at -= gap)
                ranges[at] = ranges[at - gap];
            ranges[at] = one;
        }
}

static void make_targets(struct memory_parts *parts)
{
    for (uint32_t i = 0; i < parts->count && parts->targets; i++) {
        const struct memory_area *area = &parts->areas[i];
        struct own_range *last =
            parts->target_count ? &parts->targets[parts->target_count - 1] : NULL;
        if (area->kind != TRACE_MEMORY_HEAP && area->kind != TRACE_MEMORY_ANONYMOUS)
            continue;
        if (last && last->end == area->start)
            last->end = area->end;
        else
            parts->targets[parts->target_count++] = (struct own_range){area->start, area->end};
    }
}

int memory_parts_read(struct memory_parts *parts, const struct memory_stack *stacks,
                      uint32_t stack_count, const struct own_range *servant_stack)
{
    int status = reserve(parts);
    if (status == 0)
        status = read_maps(parts);
    if (status != 0)
        return status;
    split_break(parts);
    for (uint32_t i = 0; i < stack_count; i++)
        take_stack(parts, &stacks[i]);
    make_targets(parts);
    struct own_range own[OWN_MEMORY_MAX];
    uint32_t own_count = own_memory_ranges(own);
    for (uint32_t i = 0; i < own_count; i++)
        hide(parts, own[i].start, own[i].end);
    hide(parts, servant_stack->start, servant_stack->end);
    const struct own_range data = memory_parts_own_data();
    hide(parts, data.start, data.end);
    for (uint32_t i = 0; i < parts->count; i++) {
        const struct memory_area *area = &parts->areas[i];
        if (area->kind == TRACE_MEMORY_DATA && strncmp(area->name, "libc.so", 7) == 0)
            hide_arena(parts, area);
    }
    memory_parts_sort(parts->hidden, parts->hidden_count);
    return 0;
}

ssize_t memory_parts_copy(void *to, uint64_t address, size_t size)
{
    struct iovec here = {to, size}, there = {(void *)address, size};
    return process_vm_readv(getpid(), &here, 1, &there, 1, 0);
}

bool memory_parts_find(const struct own_range *ranges, uint32_t count, uint64_t address,
                       struct own_range *found)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ranges[middle].end <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == count || ranges[low].start > address)
        return false;
    *found = ranges[low];
    return true;
}

uint64_t memory_parts_piece(const struct memory_parts *parts, uint64_t *start, uint64_t end)
{
    for (uint32_t i = 0; i < parts->hidden_count && *start < end; i++) {
        const struct own_range *hidden = &parts->hidden[i];
        if (hidden->end <= *start)
            continue;
        if (hidden->start > *start)
            return hidden->start < end ? hidden->start : end;
        *start = hidden->end < end ? hidden->end : end;
    }
    return end;
}
