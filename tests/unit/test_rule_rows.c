/* The short interpreter against the full one, over whole libraries and over damage. */
#include "preload/rule_rows.h"
#include "tests/unit/frames_maker.h"
#include "tests/unit/frames_oracle.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static const struct module_tables *tables;
static uint64_t visited, covered, wrong, last_end;

/* What cfi.h says for one pc; 0: what is left to it. */
static unwind_rule rule_of_row(uint64_t pc)
{
    struct cfi_row row;

    if (!cfi_row_sigsafe(tables, pc, &row) || row.signal_frame)
        return 0;
    if (row.registers[CFI_REG_RIP].place == CFI_UNDEFINED)
        return RULE_END;
    if (row.cfa_by_expression)
        return 0;
    return unwind_rule_encode_sigsafe(row.cfa_register, row.cfa_offset, row.registers[CFI_REG_RBP],
                                      row.registers[CFI_REG_RIP]);
}

static void compare_row(void *context, uint64_t start, uint64_t end, unwind_rule rule)
{
    (void)context;
    visited++;
    covered += end - start;
    wrong += start >= end || start < last_end || rule != rule_of_row(start) ||
             rule != rule_of_row(end - 1) || rule != rule_of_row(start + (end - start) / 2);
    last_end = end;
}

static void compare(const char *library, unsigned least)
{
    struct module_tables found;
    struct cfi_entry entry;
    struct oracle oracle;
    struct oracle_row row;
    char path[PATH_MAX];
    uint64_t bias, last = 0, rows = 0, bytes = 0;

    if (!oracle_module(library, &bias, path))
        cr_skip_test("%s is not here", library);
    cr_assert(oracle_open(&oracle, path));
    visited = covered = wrong = 0;
    while (oracle_next(&oracle, &row)) {
        if (!modules_find_sigsafe(bias + row.start, &found) ||
            !cfi_entry_find_sigsafe(&found, bias + row.start, &entry))
            continue;
        tables = &found;
        rows += rule_of_row(bias + row.start) != 0;
        bytes += rule_of_row(bias + row.start) ? row.end - row.start : 0;
        if (entry.start == last)
            continue;
        last = entry.start;
        last_end = 0;
        rule_rows_visit_sigsafe(&entry, 0, UINT64_MAX, compare_row, NULL);
    }
    oracle_close(&oracle);
    cr_assert_eq(wrong, 0, "%lu of %lu", wrong, visited);
    cr_assert_gt(visited, least);
    cr_assert_eq(visited, rows, "readelf counts %lu rows, we %lu", rows, visited);
    cr_assert_eq(covered, bytes);
}

TestSuite(rule_rows, .init = modules_init);

Test(rule_rows, of_libc)
{
    compare("libc.so.6", 10000);
}

Test(rule_rows, of_libcrypto)
{
    compare("libcrypto.so.3", 30000);
}

/* Not everything in it has meaning, but what has means the same to both. */
Test(rule_rows, of_damaged_instructions)
{
    uint32_t random = 20261121;
    uint8_t code[48];
    struct cfi_entry entry;

    visited = wrong = 0;
    for (int round = 0; round < 20000; round++) {
        size_t size = 1 + (random >> 8) % sizeof(code);
        for (size_t i = 0; i < size; i++)
            code[i] = (uint8_t)((random = random * 1103515245 + 12345) >> 16);
        struct frames_memory memory = frames_memory_new(frames_size(size), true, 0);
        frames_make(&memory, code, size);
        struct module_tables made = frames_tables(&memory);
        tables = &made;
        last_end = 0;
        if (cfi_entry_find_sigsafe(&made, (uint64_t)memory.at, &entry))
            rule_rows_visit_sigsafe(&entry, 0, UINT64_MAX, compare_row, NULL);
        frames_memory_free(&memory);
    }
    cr_assert_eq(wrong, 0, "%lu of %lu", wrong, visited);
    cr_assert_gt(visited, 1000);
}

/* Rows beside what was asked for are none of its business. */
static void count_row(void *context, uint64_t start, uint64_t end, unwind_rule rule)
{
    (void)start;
    (void)end;
    *(unsigned *)context += unwind_rule_kind(rule) == RULE_SIMPLE;
}

Test(rule_rows, only_those_that_meet_the_range)
{
    /* Rows of 16 bytes, each with a larger frame. */
    static const uint8_t code[] = {0x50, 0x0e, 16, 0x50, 0x0e, 24, 0x50, 0x0e, 32};
    struct frames_memory memory = frames_memory_new(frames_size(sizeof(code)), true, 0);
    struct cfi_entry entry;

    frames_make(&memory, code, sizeof(code));
    struct module_tables made = frames_tables(&memory);
    const uint64_t at = (uint64_t)memory.at;
    const struct {
        uint64_t from, to;
        unsigned rows;
    } ranges[] = {{0, 1, 1}, {0, 16, 1}, {0, 17, 2}, {15, 17, 2}, {16, 32, 1}, {47, 4096, 2}};
    cr_assert(cfi_entry_find_sigsafe(&made, at, &entry));
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        unsigned rows = 0;
        rule_rows_visit_sigsafe(&entry, at + ranges[i].from, at + ranges[i].to, count_row, &rows);
        cr_assert_eq(rows, ranges[i].rows, "range %zu", i);
    }
    frames_memory_free(&memory);
}
