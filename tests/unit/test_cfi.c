/* Rows of .eh_frame against readelf's, against tables made by hand, and over damage. */
#include "preload/cfi.h"
#include "tests/unit/frames_maker.h"
#include "tests/unit/frames_oracle.h"
#include "tests/unit/randomness.h"

#include <criterion/criterion.h>

static const char *const register_names[CFI_REG_COUNT] = {"rax", "rdx", "rcx", "rbx", "rsi", "rdi",
                                                          "rbp", "rsp", "r8",  "r9",  "r10", "r11",
                                                          "r12", "r13", "r14", "r15", "rip"};

static bool same_cfa(const struct cfi_row *row, const char *text)
{
    char ours[40] = "exp";

    if (!row->cfa_by_expression)
        snprintf(ours, sizeof(ours), "%s%+" PRId64,
                 row->cfa_register < CFI_REG_COUNT ? register_names[row->cfa_register] : "?",
                 row->cfa_offset);
    return strcmp(ours, text) == 0;
}

/* readelf's "u" is both "not mentioned" and "undefined". */
static bool same_place(enum cfi_place place, int64_t offset, const char *text)
{
    char ours[40];

    switch (place) {
    case CFI_SAME:
        return strcmp(text, "u") == 0 || strcmp(text, "s") == 0;
    case CFI_UNDEFINED:
        return strcmp(text, "u") == 0;
    case CFI_SAVED:
        snprintf(ours, sizeof(ours), "c%+" PRId64, offset);
        return strcmp(ours, text) == 0;
    default:
        return strcmp(text, "exp") == 0 || strcmp(text, "vexp") == 0 || text[0] == 'v' ||
               text[0] == 'r';
    }
}

static bool agrees(const struct oracle_row *expected, uint64_t bias, uint64_t address)
{
    struct module_tables tables;
    struct cfi_row row;

    return modules_find_sigsafe(bias + address, &tables) &&
           cfi_row_sigsafe(&tables, bias + address, &row) && same_cfa(&row, expected->cfa) &&
           same_place(row.registers[CFI_REG_RBP].place, row.registers[CFI_REG_RBP].offset,
                      expected->rbp) &&
           same_place(row.registers[CFI_REG_RIP].place, row.registers[CFI_REG_RIP].offset,
                      expected->ra) &&
           row.registers[CFI_REG_RIP].place != CFI_SAME && row.start == bias + expected->start &&
           row.end == bias + expected->end;
}

/* All rows, at their first and last pc: some 10^5 lookups. */
static void compare(const char *library, unsigned least)
{
    struct oracle oracle;
    struct oracle_row row;
    char path[PATH_MAX];
    uint64_t bias;
    unsigned rows = 0, wrong = 0;

    if (!oracle_module(library, &bias, path))
        cr_skip_test("%s is not here", library);
    cr_assert(oracle_open(&oracle, path));
    while (oracle_next(&oracle, &row)) {
        rows++;
        if (agrees(&row, bias, row.start) && agrees(&row, bias, row.end - 1))
            continue;
        if (wrong++ < 5)
            cr_log_warn("%s %#" PRIx64 "..%#" PRIx64 ": readelf has CFA %s rbp %s ra %s", path,
                        row.start, row.end, row.cfa, row.rbp, row.ra);
    }
    oracle_close(&oracle);
    cr_assert_eq(wrong, 0, "%u of %u rows differ", wrong, rows);
    cr_assert_geq(rows, least, "only %u rows", rows);
}

TestSuite(cfi, .init = modules_init);

Test(cfi, agrees_with_readelf_on_libc)
{
    compare("libc.so.6", 10000);
}

Test(cfi, agrees_with_readelf_on_the_cxx_library)
{
    compare("libstdc++.so.6", 10000);
}

Test(cfi, agrees_with_readelf_on_hand_written_assembly)
{
    compare("libcrypto.so.3", 20000);
}

Test(cfi, agrees_with_readelf_on_this_program)
{
    compare(NULL, 50);
}

/* The row at `offset` of a function with these instructions. */
static bool row_of(const void *code, size_t size, uint64_t offset, struct cfi_row *row)
{
    struct frames_memory memory = frames_memory_new(frames_size(size), true, 0);
    frames_make(&memory, code, size);
    struct module_tables tables = frames_tables(&memory);
    bool found = cfi_row_sigsafe(&tables, (uint64_t)memory.at + offset, row);
    row->start -= (uint64_t)memory.at;
    row->end -= (uint64_t)memory.at;
    frames_memory_free(&memory);
    return found;
}

#define ROW(code, offset, row) row_of(code, sizeof(code) - 1, offset, row)

Test(cfi, instructions_that_define_the_cfa)
{
    struct cfi_row row;

    cr_assert(ROW("", 0, &row) && same_cfa(&row, "rsp+8"));
    cr_assert(row.start == 0 && row.end == FRAMES_FUNCTION_SIZE);
    cr_assert(row.registers[CFI_REG_RIP].place == CFI_SAVED &&
              row.registers[CFI_REG_RIP].offset == -8 &&
              row.registers[CFI_REG_RBP].place == CFI_SAME);
    cr_assert(ROW("\x0c\x06\x10", 0, &row) && same_cfa(&row, "rbp+16"));
    cr_assert(ROW("\x12\x07\x7e", 0, &row) && same_cfa(&row, "rsp+16"), "-2 times -8");
    cr_assert(ROW("\x0d\x0a", 0, &row) && same_cfa(&row, "r10+8"));
    cr_assert(ROW("\x0e\xc8\x01", 0, &row) && same_cfa(&row, "rsp+200"));
    cr_assert(ROW("\x13\x7d", 0, &row) && same_cfa(&row, "rsp+24"));
    cr_assert(ROW("\x0f\x02\x76\x78", 0, &row) && same_cfa(&row, "exp"));
    cr_assert_eq(row.cfa_expression.size, 2);
    cr_assert(ROW("\x0f\x01\x76\x0c\x06\x10", 0, &row) && same_cfa(&row, "rbp+16"));
}

Test(cfi, instructions_that_place_registers)
{
    struct cfi_row row;

    cr_assert(ROW("\x86\x02", 0, &row) && row.registers[CFI_REG_RBP].place == CFI_SAVED &&
              row.registers[CFI_REG_RBP].offset == -16);
    cr_assert(ROW("\x05\x06\x03", 0, &row) && row.registers[CFI_REG_RBP].place == CFI_SAVED &&
              row.registers[CFI_REG_RBP].offset == -24);
    cr_assert(ROW("\x11\x06\x7f", 0, &row) && row.registers[CFI_REG_RBP].place == CFI_SAVED &&
              row.registers[CFI_REG_RBP].offset == 8);
    cr_assert(ROW("\x07\x10", 0, &row) && row.registers[CFI_REG_RIP].place == CFI_UNDEFINED);
    cr_assert(ROW("\x86\x02\x08\x06", 0, &row) && row.registers[CFI_REG_RBP].place == CFI_SAME);
    cr_assert(ROW("\x09\x06\x03", 0, &row) && row.registers[CFI_REG_RBP].place == CFI_REGISTER &&
              row.registers[CFI_REG_RBP].offset == 3);
    cr_assert(ROW("\x14\x06\x03", 0, &row) && row.registers[CFI_REG_RBP].place == CFI_VALUE &&
              row.registers[CFI_REG_RBP].offset == -24);
    cr_assert(ROW("\x86\x02\xc6", 0, &row) && row.registers[CFI_REG_RBP].place == CFI_SAME,
              "as in the common part");
    cr_assert(ROW("\x07\x10\x06\x10", 0, &row) && row.registers[CFI_REG_RIP].place == CFI_SAVED &&
              row.registers[CFI_REG_RIP].offset == -8);
    cr_assert(ROW("\x10\x06\x02\x77\x08\x16\x03\x01\x30", 0, &row) &&
              row.registers[CFI_REG_RBP].place == CFI_EXPRESSION);
    cr_assert(row.expression_count == 2 && row.expressions[0].size == 2 &&
              row.expressions[1].size == 1);
    cr_assert(ROW("\x2e\x20\x00\x83\x02", 0, &row) && row.registers[CFI_REG_RBP].place == CFI_SAME);
}

Test(cfi, instructions_that_advance)
{
    struct cfi_row row;
    static const char code[] = "\x41\x0e\x10\x02\xff\x0e\x18\x03\x00\x02\x0e\x20"
                               "\x0a\x04\x00\x01\x00\x00\x0e\x28\x41\x0b";
    static const struct {
        uint64_t start, end;
        const char *cfa;
    } rows[] = {{0, 1, "rsp+8"},          {1, 0x100, "rsp+16"},     {0x100, 0x300, "rsp+24"},
                {0x300, 0x400, "rsp+32"}, {0x400, 0x401, "rsp+40"}, {0x401, 4096, "rsp+32"}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        cr_assert(ROW(code, rows[i].start, &row) && same_cfa(&row, rows[i].cfa), "row %zu", i);
        cr_assert(row.start == rows[i].start && row.end == rows[i].end, "row %zu", i);
        cr_assert(ROW(code, rows[i].end - 1, &row) && same_cfa(&row, rows[i].cfa), "row %zu", i);
    }
    cr_assert_not(ROW(code, FRAMES_FUNCTION_SIZE, &row), "behind the function");
    cr_assert_not(ROW(code, (uint64_t)-1, &row), "before it");
}

Test(cfi, what_is_not_known_or_cut_off_gives_no_row)
{
    struct cfi_row row;

    cr_assert_not(ROW("\x3f", 0, &row), "no such instruction");
    cr_assert_not(ROW("\x0b", 0, &row), "nothing was remembered");
    cr_assert_not(ROW("\x0c\x06", 0, &row), "no offset");
    cr_assert_not(ROW("\x0c\x86\x80", 0, &row), "an endless number");
    cr_assert_not(ROW("\x0f\x7f\x76", 0, &row), "an expression longer than the entry");
    cr_assert_not(ROW("\x04\x00\x00", 0, &row), "an advance by less than four bytes");
    cr_assert_not(ROW("\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a\x0a", 0, &row), "nested too deep");
    cr_assert_not(ROW("\x10\x01\x00\x10\x02\x00\x10\x03\x00\x10\x04\x00\x10\x05\x00", 0, &row));
}

/* A program below 4 GiB: the distance of the common part can lead around the end of
 * the address space. */
Test(cfi, a_distance_that_wraps_is_no_table)
{
    struct cfi_row row;
    struct frames_memory memory = frames_memory_new(frames_size(0), true, 0x10000000);

    for (int64_t end = -16; end <= 16; end++) {
        frames_make(&memory, (const uint8_t *)"", 0);
        struct module_tables tables = frames_tables(&memory);
        frames_put32(memory.at + FRAMES_FDE_CIE, (int64_t)memory.at + FRAMES_FDE_CIE + end);
        cr_assert_not(cfi_row_sigsafe(&tables, (uint64_t)memory.at, &row));
    }
    frames_memory_free(&memory);
}

static uint64_t sizes_asked;

/* Damages bytes, asks, and takes the damage back. */
static void damage_and_ask(struct frames_memory *memory, uint32_t span, unsigned bytes)
{
    uint32_t at[64];
    uint8_t before[64];
    struct cfi_row row;
    struct module_tables tables = frames_tables(memory);

    for (unsigned i = 0; i < bytes; i++) {
        at[i] = random_below((uint32_t)memory->size);
        before[i] = memory->at[at[i]];
        memory->at[at[i]] = (uint8_t)random_below(256);
    }
    for (int i = 0; i < 16; i++)
        if (cfi_row_sigsafe(&tables, (uint64_t)memory->at - span + random_below(2 * span), &row))
            sizes_asked += row.end - row.start;
    for (unsigned i = bytes; i-- > 0;)
        memory->at[at[i]] = before[i];
}

Test(cfi, damaged_instructions_are_survived)
{
    uint8_t code[48];

    for (int round = 0; round < 20000; round++) {
        size_t size = 1 + random_below(sizeof(code));
        for (size_t i = 0; i < size; i++)
            code[i] = (uint8_t)random_below(256);
        struct cfi_row row;
        if (row_of(code, size, random_below(FRAMES_FUNCTION_SIZE), &row))
            sizes_asked += row.end - row.start;
    }
    cr_assert_neq(sizes_asked, 0, "some random instructions mean something");
}

/* A copy of a library's tables: pcs in it are shifted as far as it is. */
static void damage_library(const char *library, bool at_end, int rounds)
{
    struct module_tables original;
    char path[PATH_MAX];
    uint64_t bias;
    struct cfi_row row, copied;

    cr_assert(oracle_module(library, &bias, path));
    uint64_t pc =
        library ? (uint64_t)dlsym(RTLD_DEFAULT, "gnu_get_libc_version") : (uint64_t)&damage_library;
    cr_assert(modules_find_sigsafe(pc, &original) && cfi_row_sigsafe(&original, pc, &row));
    size_t size = 8192; /* a part of them: the table of pcs and the first entries */
    struct frames_memory memory = frames_memory_new(size, at_end, 0);
    memcpy(memory.at, original.eh_frame_hdr, size);
    struct module_tables tables = frames_tables(&memory);
    uint64_t shift = (uint64_t)memory.at - (uint64_t)original.eh_frame_hdr;
    if (cfi_row_sigsafe(&tables, pc + shift, &copied))
        cr_assert(copied.start - row.start == shift && copied.cfa_offset == row.cfa_offset);
    uint32_t span = (uint32_t)((uint64_t)original.eh_frame_hdr - original.start);
    for (int round = 0; round < rounds; round++)
        damage_and_ask(&memory, span, 1 + random_below(64));
    frames_memory_free(&memory);
}

Test(cfi, damaged_tables_are_survived)
{
    damage_library(NULL, true, 4000);
    damage_library(NULL, false, 4000);
    damage_library("libc.so.6", true, 1000);
}
