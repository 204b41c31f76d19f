/*
 * Unwind tables made by hand: .eh_frame_hdr and .eh_frame of one function, in
 * memory between pages that cannot be touched, so that a read outside them faults.
 * Header only: every unit test is a program of its own.
 */
#ifndef PROFINJECT_TESTS_FRAMES_MAKER_H
#define PROFINJECT_TESTS_FRAMES_MAKER_H

#include "preload/modules.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FRAMES_PAGE 4096u

/* Memory that ends (or begins) where the next byte faults. */
struct frames_memory {
    uint8_t *at;
    size_t size;
    void *mapping;
    size_t mapping_size;
};

/* `wanted` is where to map, 0: anywhere. `at_end`: the last byte is the last one
 * that can be read; otherwise the first is the first. */
static inline struct frames_memory frames_memory_new(size_t size, bool at_end, uint64_t wanted)
{
    struct frames_memory memory = {.size = size};
    size_t pages = (size + FRAMES_PAGE - 1) / FRAMES_PAGE * FRAMES_PAGE;

    memory.mapping_size = pages + 2 * FRAMES_PAGE;
    memory.mapping = mmap((void *)wanted, memory.mapping_size, PROT_NONE,
                          MAP_PRIVATE | MAP_ANONYMOUS | (wanted ? MAP_FIXED_NOREPLACE : 0), -1, 0);
    if (memory.mapping == MAP_FAILED)
        abort();
    uint8_t *first = (uint8_t *)memory.mapping + FRAMES_PAGE;
    if (mprotect(first, pages, PROT_READ | PROT_WRITE) != 0)
        abort();
    memory.at = at_end ? first + pages - size : first;
    return memory;
}

static inline void frames_memory_free(struct frames_memory *memory)
{
    munmap(memory->mapping, memory->mapping_size);
}

static inline struct module_tables frames_tables(const struct frames_memory *memory)
{
    return (struct module_tables){.start = (uint64_t)memory->at,
                                  .end = (uint64_t)memory->at + memory->size,
                                  .eh_frame_hdr = memory->at};
}

/* Offsets in the memory frames_make() fills. */
enum {
    FRAMES_COUNT = 8,
    FRAMES_ENTRY_PC = 12, /* of the sorted table */
    FRAMES_CIE = 20,
    FRAMES_CIE_SIZE = 24, /* "zR", factors 1 and -8, CFA = rsp + 8, RA at CFA - 8 */
    FRAMES_FDE = FRAMES_CIE + FRAMES_CIE_SIZE,
    FRAMES_FDE_CIE = FRAMES_FDE + 4, /* the distance of the CIE */
    FRAMES_CODE = FRAMES_FDE + 17,
    FRAMES_FUNCTION_SIZE = 4096,
};

static inline size_t frames_size(size_t code_size)
{
    return FRAMES_CODE + code_size;
}

static inline void frames_put32(uint8_t *at, int64_t value)
{
    int32_t word = (int32_t)value;
    memcpy(at, &word, sizeof(word));
}

/* Fills `memory` (of frames_size(code_size)) with tables of a function that begins
 * where the memory does; `code` are its call frame instructions. */
static inline void frames_make(struct frames_memory *memory, const uint8_t *code, size_t code_size)
{
    static const uint8_t header[] = {1, 0x1b, 0x03, 0x3b}; /* pcrel, udata4, datarel */
    static const uint8_t common[] = {FRAMES_CIE_SIZE - 4,
                                     0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     1,
                                     'z',
                                     'R',
                                     0, /* factors, RA register, augmentation */
                                     1,
                                     0x78,
                                     16,
                                     1,
                                     0x1b,
                                     /* CFI */ 0x0c,
                                     7,
                                     8,
                                     0x90,
                                     1,
                                     0,
                                     0};
    uint8_t *at = memory->at;

    memset(at, 0, memory->size);
    memcpy(at, header, sizeof(header));
    frames_put32(at + 4, FRAMES_CIE - 4);
    frames_put32(at + FRAMES_COUNT, 1);
    frames_put32(at + FRAMES_ENTRY_PC, 0);
    frames_put32(at + FRAMES_ENTRY_PC + 4, FRAMES_FDE);
    memcpy(at + FRAMES_CIE, common, sizeof(common));
    frames_put32(at + FRAMES_FDE, (int64_t)(FRAMES_CODE - FRAMES_FDE - 4 + code_size));
    frames_put32(at + FRAMES_FDE_CIE, FRAMES_FDE_CIE - FRAMES_CIE);
    frames_put32(at + FRAMES_FDE + 8, -(FRAMES_FDE + 8));
    frames_put32(at + FRAMES_FDE + 12, FRAMES_FUNCTION_SIZE);
    memcpy(at + FRAMES_CODE, code, code_size); /* behind a zero: no augmentation data */
}

#endif
