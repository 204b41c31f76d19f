/* Unit tests of preload/resident_sums.c: areas are told as the kernel would, of memory that
 * this process has. */
#include "preload/resident_sums.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096ull
#define MIB (1ull << 20)
#define ARENA (64 * MIB)

static struct resident_sums sums;
static struct resident_look look;

static void begin(void)
{
    memset(&look, 0, sizeof look);
    resident_sums_begin(&sums, &look, true);
}

static char *map(size_t size)
{
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    cr_assert_neq(memory, MAP_FAILED);
    return memory;
}

static struct smaps_area anonymous(const char *memory, size_t size, uint64_t resident)
{
    return (struct smaps_area){.start = (uint64_t)memory,
                               .end = (uint64_t)memory + size,
                               .writable = true,
                               .sized = true,
                               .resident = resident,
                               .anonymous = resident};
}

static void add(struct smaps_area area)
{
    resident_sums_area(&sums, &area);
}

static void give(char *memory, size_t size, enum resident_owner owner)
{
    resident_sums_range(&sums, (uint64_t)memory, (uint64_t)memory + size, owner);
}

static void expect_whole(void)
{
    cr_expect_eq(look.resident, look.shared + look.own + look.stacks + look.data + look.lazy +
                                    look.loose + look.held_resident + look.large_resident +
                                    look.mapped_resident);
}

Test(resident_sums, an_area_of_one_owner_is_all_its)
{
    char *memory = map(4 * MIB);
    begin();
    give(memory, 4 * MIB, RESIDENT_PROGRAM);
    add(anonymous(memory, 4 * MIB, 3 * MIB)); /* as if: nothing was touched */
    cr_expect_eq(look.mapped_resident, 3 * MIB);
    expect_whole();
}

/* Mappings side by side are one area to the kernel. */
Test(resident_sums, an_area_of_several_owners_is_divided)
{
    char *memory = map(4 * MIB);
    memset(memory + MIB, 1, 2 * MIB + 5 * PAGE);
    begin();
    give(memory, 2 * MIB, RESIDENT_PROGRAM);
    give(memory + 2 * MIB + 100, MIB, RESIDENT_THREAD); /* bounds of stacks lie anywhere */
    add(anonymous(memory, 4 * MIB, 2 * MIB + 5 * PAGE));
    cr_expect_eq(look.mapped_resident, MIB);
    cr_expect_eq(look.stacks, MIB + PAGE);
    cr_expect_eq(look.loose, 4 * PAGE);
    expect_whole();
}

Test(resident_sums, what_was_freed_lazily_is_nobodys)
{
    char *memory = map(MIB);
    struct smaps_area area = anonymous(memory, MIB, MIB);
    begin();
    area.lazy = 3 * MIB / 4;
    area.huge = MIB / 2;
    give(memory, MIB, RESIDENT_PROGRAM);
    add(area);
    cr_expect_eq(look.lazy, 3 * MIB / 4);
    cr_expect_eq(look.mapped_resident, MIB / 4);
    cr_expect_eq(look.huge, MIB / 2);
    expect_whole();
}

Test(resident_sums, files_their_private_pages_and_the_zeros_behind_them)
{
    struct smaps_area file = {.start = MIB,
                              .end = 2 * MIB,
                              .kind = SMAPS_FILE,
                              .sized = true,
                              .writable = true,
                              .path = "/lib/a",
                              .resident = 50 * PAGE,
                              .anonymous = 20 * PAGE};
    struct smaps_area zeros = {.start = 2 * MIB,
                               .end = 3 * MIB,
                               .writable = true,
                               .sized = true,
                               .resident = PAGE,
                               .anonymous = PAGE};
    struct smaps_area code = {.start = 5 * MIB,
                              .end = 9 * MIB,
                              .kind = SMAPS_FILE,
                              .sized = true,
                              .path = "/lib/b",
                              .resident = 80 * PAGE};
    begin();
    add(file);
    add(zeros);
    add(code);
    cr_expect_eq(look.shared, 110 * PAGE);
    cr_expect_eq(look.data, 21 * PAGE);
    cr_expect_str_eq(look.file, "/lib/b");
    cr_expect_eq(look.file_resident, 80 * PAGE);
    expect_whole();
}

Test(resident_sums, our_ring_is_our_own)
{
    struct smaps_area ring = {.start = MIB,
                              .end = 2 * MIB,
                              .kind = SMAPS_FILE,
                              .sized = true,
                              .writable = true,
                              .shared = true,
                              .path = "/dev/shm/profinject.0123456789abcdef.77.ring (deleted)",
                              .resident = 7 * PAGE};
    begin();
    add(ring);
    strcpy(ring.path, "/dev/shm/profinjector.ring");
    add(ring);
    cr_expect_eq(look.own, 7 * PAGE);
    cr_expect_eq(sums.ring, 7 * PAGE);
    cr_expect_eq(look.shared, 7 * PAGE);
    expect_whole();
}

Test(resident_sums, stack_and_break)
{
    struct smaps_area stack = {.start = MIB,
                               .end = 2 * MIB,
                               .kind = SMAPS_STACK,
                               .sized = true,
                               .writable = true,
                               .resident = 7 * PAGE,
                               .anonymous = 7 * PAGE};
    char *memory = map(8 * MIB);
    struct smaps_area heap = anonymous(memory, 8 * MIB, 6 * MIB);
    heap.kind = SMAPS_BREAK;
    memset(memory + 3 * MIB, 1, MIB);
    begin();
    give(memory + 3 * MIB, 2 * MIB, RESIDENT_PROGRAM); /* by sbrk */
    add(stack);
    add(heap);
    cr_expect_eq(look.stacks, 7 * PAGE);
    cr_expect_eq(look.held, 6 * MIB);
    cr_expect_eq(look.held_resident, 5 * MIB);
    cr_expect_eq(look.mapped_resident, MIB);
    expect_whole();
}

/* A real one, that glibc mapped: by the names that sanitizers leave to it. */
extern void *__libc_malloc(size_t size); /* NOLINT(bugprone-reserved-identifier) */
extern void __libc_free(void *block);    /* NOLINT(bugprone-reserved-identifier) */
Test(resident_sums, a_large_block_is_found_by_its_head)
{
    const size_t size = 40 * MIB; /* more than the threshold can grow to */
    char *block = __libc_malloc(size);
    cr_assert_not_null(block);
    memset(block, 1, 3 * MIB);
    begin();
    add(anonymous(block - 16, size + PAGE, 3 * MIB + PAGE));
    cr_expect_eq(look.large, size + PAGE);
    cr_expect_eq(look.large_resident, 3 * MIB + PAGE);
    cr_expect_eq(look.held, 0);
    expect_whole();
    __libc_free(block);
}

/* Blocks lie side by side, and with other memory, in one area. */
Test(resident_sums, large_blocks_end_where_other_memory_begins)
{
    char *memory = map(20 * MIB);
    const uint64_t head[] = {0, 2 * MIB | 2};
    for (int i = 0; i < 8; i++)
        memcpy(memory + MIB + (size_t)i * 2 * MIB, head, sizeof head);
    memset(memory, 1, MIB);
    memset(memory + 17 * MIB, 1, MIB);
    begin();
    give(memory, MIB, RESIDENT_PROGRAM);
    add(anonymous(memory, 20 * MIB, 2 * MIB + 8 * PAGE));
    cr_expect_eq(look.large, 16 * MIB);
    cr_expect_eq(look.large_resident, 8 * PAGE);
    cr_expect_eq(look.mapped_resident, MIB);
    cr_expect_eq(look.loose, MIB);
    expect_whole();
}

/* As glibc writes it at the beginning of a heap of an arena. */
static void make_heap(char *at, char *arena, char *before, uint64_t size)
{
    uint64_t head[] = {(uint64_t)arena, (uint64_t)before, size, size};
    memcpy(at, head, sizeof head);
}

Test(resident_sums, heaps_of_arenas_are_found_full_ones_too)
{
    char *memory = map(4 * ARENA);
    char *first = (char *)(((uint64_t)memory + ARENA - 1) / ARENA * ARENA), *second = first + ARENA;
    uint64_t filled = 3 * MIB;
    make_heap(first, first + 48, NULL, ARENA);
    make_heap(second, first + 48, first, 8 * MIB);
    memset(first + PAGE, 1, filled);
    memset(second + PAGE, 1, filled);
    memset(second + 8 * MIB, 1, PAGE); /* behind its end */
    begin();
    add(anonymous(memory, 4 * ARENA, 2 * (PAGE + filled) + PAGE));
    cr_expect_eq(look.held, ARENA + 8 * MIB);
    cr_expect_eq(look.held_resident, 2 * (PAGE + filled));
    cr_expect_eq(look.loose, PAGE);
    expect_whole();
}

Test(resident_sums, other_memory_is_neither_heap_nor_block)
{
    char *memory = map(4 * ARENA);
    memset(memory, 1, 4 * MIB);
    for (char *page = memory; page < memory + 4 * MIB; page += PAGE)
        memset(page, 0, 16);
    begin();
    add(anonymous(memory, 4 * ARENA, 4 * MIB));
    cr_expect_eq(look.held, 0);
    cr_expect_eq(look.large, 0);
    cr_expect_eq(look.loose, 4 * MIB);
    expect_whole();
}

Test(resident_sums, another_allocator_has_neither)
{
    char *block = malloc(40 * MIB), *memory = block - 16;
    cr_assert(block);
    memset(block, 1, PAGE);
    memset(&look, 0, sizeof look);
    resident_sums_begin(&sums, &look, false);
    add(anonymous(memory, 40 * MIB + PAGE, 2 * PAGE));
    cr_expect_eq(look.large, 0);
    cr_expect_eq(look.loose, 2 * PAGE);
    free(block);
}

/* Where maps is read: private memory is looked for, of files nothing is told. */
Test(resident_sums, areas_without_sizes_are_measured)
{
    char *memory = map(40 * MIB);
    struct smaps_area area = anonymous(memory, 40 * MIB, 0);
    struct smaps_area file = {.start = MIB, .end = 2 * MIB, .kind = SMAPS_FILE, .path = "/a"};
    area.sized = false;
    memset(memory + 20 * MIB, 1, 9 * MIB);
    begin();
    give(memory + 21 * MIB, 2 * MIB, RESIDENT_PROGRAM);
    add(area);
    add(file);
    cr_expect_eq(look.resident, 9 * MIB);
    cr_expect_eq(look.mapped_resident, 2 * MIB);
    cr_expect_eq(look.loose, 7 * MIB);
    expect_whole();
}

Test(resident_sums, reserved_huge_pages_are_beside)
{
    struct smaps_area area = {.start = 2 * MIB,
                              .end = 4 * MIB,
                              .kind = SMAPS_FILE,
                              .sized = true,
                              .writable = true,
                              .hugetlb = 2 * MIB};
    begin();
    add(area);
    cr_expect_eq(look.hugetlb, 2 * MIB);
    cr_expect_eq(look.resident, 0);
    expect_whole();
}
