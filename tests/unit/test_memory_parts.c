/* Unit tests of preload/memory_parts.c, on this process's own memory. */
#include "preload/memory_parts.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct memory_parts parts;
static const struct own_range none;
static int data = 1, bss[5000];
static __thread int tls = 3;

static void read_parts(const struct memory_stack *stacks, uint32_t count)
{
    cr_assert_eq(memory_parts_read(&parts, stacks, count, &none), 0);
}

static const struct memory_area *area_of(const void *address)
{
    for (uint32_t i = 0; i < parts.count; i++)
        if ((uint64_t)address >= parts.areas[i].start && (uint64_t)address < parts.areas[i].end)
            return &parts.areas[i];
    return NULL;
}

/* True when the byte would be looked at. */
static bool is_seen(uint64_t address)
{
    uint64_t at = address;

    return area_of((const void *)address) != NULL &&
           memory_parts_piece(&parts, &at, address + 1) == address + 1 && at == address;
}

static uint32_t kind_of(const void *address)
{
    const struct memory_area *area = area_of(address);

    return area != NULL ? area->kind : 0;
}

Test(memory_parts, all_writable_memory_is_there_by_kind)
{
    int local = 0;
    char *mapped = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *read_only = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *block = sbrk(4096);
    struct own_range found;

    read_parts(NULL, 0);
    cr_expect_eq(kind_of(&data), TRACE_MEMORY_DATA);
    cr_expect(kind_of(&bss[4999]) == TRACE_MEMORY_ANONYMOUS ||
              kind_of(&bss[4999]) == TRACE_MEMORY_DATA);
    cr_expect_eq(kind_of(&tls), TRACE_MEMORY_ANONYMOUS);
    cr_expect_eq(kind_of(&local), TRACE_MEMORY_STACK);
    cr_expect_eq(kind_of(mapped), TRACE_MEMORY_ANONYMOUS);
    cr_expect_eq(kind_of(block), TRACE_MEMORY_HEAP);
    cr_expect_null(area_of(read_only));
    cr_expect_null(area_of((const void *)(uintptr_t)kind_of));
    cr_expect(memory_parts_find(parts.targets, parts.target_count, (uint64_t)block, &found));
    cr_expect(found.start <= (uint64_t)block && (uint64_t)block < found.end);
    cr_expect(memory_parts_find(parts.targets, parts.target_count, (uint64_t)mapped, &found));
    cr_expect_not(memory_parts_find(parts.targets, parts.target_count, (uint64_t)&data, &found));
    cr_expect_not(memory_parts_find(parts.targets, parts.target_count, (uint64_t)&local, &found));
    for (uint32_t i = 1; i < parts.target_count; i++)
        cr_expect_lt(parts.targets[i - 1].end, parts.targets[i].start);
}

Test(memory_parts, own_memory_is_left_out)
{
    char *own = own_memory_note(
        mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 8192, true);
    const struct own_range servant = {(uint64_t)&data, (uint64_t)&data + sizeof data};

    cr_assert_eq(memory_parts_read(&parts, NULL, 0, &servant), 0);
    cr_expect_not(is_seen((uint64_t)own));
    cr_expect_not(is_seen((uint64_t)own + 8191));
    cr_expect_not(is_seen((uint64_t)&data));
    cr_expect_not(is_seen((uint64_t)parts.areas));
}

Test(memory_parts, of_a_stack_what_is_in_use_is_there)
{
    char *pages = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    uint64_t base = (uint64_t)pages;
    mprotect(pages, 4096, PROT_NONE);
    mprotect(pages + 61440, 4096, PROT_NONE);
    const struct memory_stack stack = {
        .tid = 77, .sp = base + 20000, .bounds = {.low = base + 4096, .high = base + 61440}};
    const struct memory_stack elsewhere = {
        .tid = 78, .sp = base + 30000, .bounds = {.low = base + 40000, .high = base + 50000}};

    read_parts((const struct memory_stack[]){stack, elsewhere}, 2);
    cr_expect_eq(kind_of(pages + 30000), TRACE_MEMORY_STACK);
    cr_expect_eq(area_of(pages + 30000)->thread, 77);
    cr_expect_not(is_seen(base + 4096));
    cr_expect_not(is_seen(base + 19999));
    cr_expect(is_seen(base + 20000));
    cr_expect(is_seen(base + 45000));
}

/* Blocks of different sizes, some of them freed, so that bins are in use. */
Test(memory_parts, the_c_librarys_own_pointers_are_left_out)
{
    void *blocks[64];
    const uint64_t *words = NULL;
    size_t count = 0, seen = 0;

    for (size_t i = 0; i < 64; i++)
        blocks[i] = malloc(2000 + 100 * i);
    for (size_t i = 0; i < 64; i += 2)
        free(blocks[i]);
    read_parts(NULL, 0);
    for (uint32_t i = 0; i < parts.count; i++)
        if (strncmp(parts.areas[i].name, "libc.so", 7) == 0 &&
            parts.areas[i].kind == TRACE_MEMORY_DATA) {
            words = (const uint64_t *)parts.areas[i].start;
            count = (parts.areas[i].end - parts.areas[i].start) / sizeof *words;
        }
    cr_assert_not_null(words);
    /* Headers of freed chunks lie 16 bytes below what malloc() had returned. */
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < 64; j += 2)
            seen += words[i] == (uint64_t)blocks[j] - 16 && is_seen((uint64_t)&words[i]);
    cr_expect_eq(seen, 0);
    cr_expect(is_seen((uint64_t)stdout), "all else of it is looked at");
    for (size_t i = 1; i < 64; i += 2)
        free(blocks[i]);
}

Test(memory_parts, copies_what_is_there)
{
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    static char copy[8192];

    pages[4095] = 7;
    munmap(pages + 4096, 4096);
    cr_expect_eq(memory_parts_copy(copy, (uint64_t)pages, 8192), 4096);
    cr_expect_eq(copy[4095], 7);
    cr_expect_eq(memory_parts_copy(copy, (uint64_t)pages + 4096, 16), -1);
}

Test(memory_parts, ranges_are_sorted_and_found)
{
    static struct own_range ranges[10000];
    struct own_range found;

    for (uint64_t i = 0; i < 10000; i++)
        ranges[i].start = i * 7919 % 10000 * 16, ranges[i].end = ranges[i].start + 8;
    memory_parts_sort(ranges, 10000);
    for (uint64_t i = 0; i < 10000; i++) {
        cr_assert_eq(ranges[i].start, 16 * i);
        cr_assert(memory_parts_find(ranges, 10000, 16 * i + 7, &found) && found.start == 16 * i);
        cr_assert_not(memory_parts_find(ranges, 10000, 16 * i + 8, &found));
    }
    cr_expect_not(memory_parts_find(ranges, 0, 0, &found));
}
