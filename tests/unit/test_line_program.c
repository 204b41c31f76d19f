/*
 * Line tables written by hand, of every version; what compilers write is compared with
 * other tools in test_dwarf_symbols.c.
 */
#include "analyzer/symbols/line_program.h"

#include <criterion/criterion.h>
#include <string.h>

/* A table being written. */
struct maker {
    uint8_t bytes[1024];
    size_t size;
    size_t length_at, header_at; /* where sizes go when they are known */
    bool wide;
};

static struct maker made;

static void put(const void *bytes, size_t size)
{
    cr_assert(made.size + size <= sizeof(made.bytes));
    memcpy(made.bytes + made.size, bytes, size);
    made.size += size;
}

#define PUT(...) put((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))
#define TEXT(text) put(text, sizeof(text))

static void put_width(uint64_t value)
{
    put(&value, made.wide ? 8 : 4);
}

/* line_base -5, line_range 14, opcode_base 13; instructions of `operations` and `bytes`. */
static void begin(unsigned version, bool wide, uint8_t operations, uint8_t bytes)
{
    memset(&made, 0, sizeof(made));
    made.wide = wide;
    if (wide)
        PUT(0xff, 0xff, 0xff, 0xff);
    made.length_at = made.size;
    put_width(0);
    PUT((uint8_t)version, 0);
    if (version >= 5)
        PUT(8, 0);
    made.header_at = made.size;
    put_width(0);
    PUT(bytes);
    if (version >= 4)
        PUT(operations);
    PUT(1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1);
}

static void end_header(void)
{
    uint64_t size = made.size - made.header_at - (made.wide ? 8 : 4);

    memcpy(made.bytes + made.header_at, &size, made.wide ? 8 : 4);
}

static void end_table(void)
{
    uint64_t size = made.size - made.length_at - (made.wide ? 8 : 4);

    memcpy(made.bytes + made.length_at, &size, made.wide ? 8 : 4);
}

static void old_lists(void)
{
    TEXT("first");
    TEXT("second");
    PUT(0);
    TEXT("one.c");
    PUT(0, 0, 0);
    TEXT("two.c");
    PUT(2, 0x80, 1, 7);
    PUT(0);
    end_header();
}

/* Directories as texts, files with a checksum and a block between name and directory. */
static void new_lists(void)
{
    PUT(1, 1, 8, 2); /* DW_LNCT_path DW_FORM_string, two */
    TEXT("/base");
    TEXT("below");
    PUT(4, 1, 8, 5, 0x1e, 0x80, 0x40, 9, 2, 0xb, 2); /* path, MD5 data16, a block, index data1 */
    TEXT("zero.c");
    PUT(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    PUT(2, 0xaa, 0xbb, 0);
    TEXT("one.c");
    PUT(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    PUT(0, 1);
    end_header();
}

#define COPY PUT(1)
#define ADVANCE_PC(by) PUT(2, by)
#define ADVANCE_LINE(by) PUT(3, by)
#define SET_FILE(number) PUT(4, number)
#define SPECIAL(operations, lines) PUT((uint8_t)(13 + (operations)*14 + (lines) + 5))
#define END_SEQUENCE PUT(0, 1, 1)
#define SET_ADDRESS(address) PUT(0, 9, 2, (address)&0xff, (address) >> 8, 0, 0, 0, 0, 0, 0)

static bool find_at(const uint8_t *bytes, size_t size, uint64_t offset, struct line_place *places,
                    size_t count, struct line_header *header)
{
    struct line_sections sections = {.lines = {bytes, size}};
    bool sound = line_header_init(header, &sections, offset);

    if (sound)
        line_program_find(header, 0x100, places, count);
    return sound;
}

/* What the table says about `address`: "FILE:LINE", "" nothing. */
static void expect(uint64_t address, uint64_t file, uint32_t line)
{
    struct line_place place = {.address = address};
    struct line_header header;

    cr_assert(find_at(made.bytes, made.size, 0, &place, 1, &header));
    cr_expect(place.found, "%#lx is not found", (unsigned long)address);
    cr_expect_eq(place.file, file, "%#lx: file %lu", (unsigned long)address, (long)place.file);
    cr_expect_eq(place.line, line, "%#lx: line %u", (unsigned long)address, place.line);
    line_header_release(&header);
}

static void expect_nothing(uint64_t address)
{
    struct line_place place = {.address = address};
    struct line_header header;

    cr_assert(find_at(made.bytes, made.size, 0, &place, 1, &header));
    cr_expect(!place.found, "%#lx: %lu:%u", (unsigned long)address, (long)place.file, place.line);
    line_header_release(&header);
}

static void ordinary_program(void)
{
    SET_ADDRESS(0x1000);
    ADVANCE_LINE(9); /* 10 */
    COPY;
    SPECIAL(2, 3); /* 0x1002: 13 */
    SPECIAL(0, 1); /* 0x1002: 14 */
    SET_FILE(2);
    PUT(8);                 /* const_add_pc: 17 */
    SPECIAL(1, -5);         /* 0x1014: 9 */
    PUT(9, 0x10, 0);        /* fixed_advance_pc */
    PUT(5, 0x85, 1, 10, 6); /* column, prologue end, not a statement */
    COPY;                   /* 0x1024: 9 */
    ADVANCE_PC(4);
    END_SEQUENCE;
}

static void expect_ordinary(void)
{
    expect_nothing(0xfff);
    expect(0x1000, 1, 10);
    expect(0x1001, 1, 10);
    expect(0x1002, 1, 14);
    expect(0x1013, 1, 14);
    expect(0x1014, 2, 9);
    expect(0x1027, 2, 9);
    expect_nothing(0x1028);
}

Test(line_program, of_dwarf_2_to_5)
{
    for (unsigned version = 2; version <= 5; version++)
        for (int wide = 0; wide < 2; wide++) {
            begin(version, wide, 1, 1);
            version < 5 ? old_lists() : new_lists();
            ordinary_program();
            end_table();
            expect_ordinary();
        }
}

Test(line_program, files_before_dwarf_5)
{
    struct line_header header;

    begin(3, false, 1, 1);
    old_lists();
    PUT(0, 9, 3);
    TEXT("late"); /* define_file, in directory 1 */
    PUT(1, 0, 0);
    ordinary_program();
    end_table();
    cr_assert(find_at(made.bytes, made.size, 0, NULL, 0, &header));
    cr_expect_null(line_header_file(&header, 0));
    cr_expect_str_eq(line_header_file(&header, 1)->name, "one.c");
    cr_expect_str_eq(line_header_file(&header, 2)->name, "two.c");
    cr_expect_str_eq(line_header_directory(&header, line_header_file(&header, 2)->directory),
                     "second");
    cr_expect_str_eq(line_header_file(&header, 3)->name, "late");
    cr_expect_str_eq(line_header_directory(&header, 1), "first");
    cr_expect_null(line_header_file(&header, 4));
    cr_expect_null(line_header_directory(&header, 0));
    cr_expect_null(line_header_directory(&header, 3));
    line_header_release(&header);
}

Test(line_program, files_of_dwarf_5)
{
    struct line_header header;

    begin(5, false, 1, 1);
    new_lists();
    end_table();
    cr_assert(find_at(made.bytes, made.size, 0, NULL, 0, &header));
    cr_expect_str_eq(line_header_file(&header, 0)->name, "zero.c");
    cr_expect_str_eq(line_header_file(&header, 1)->name, "one.c");
    cr_expect_eq(line_header_file(&header, 1)->directory, 1);
    cr_expect_null(line_header_file(&header, 2));
    cr_expect_str_eq(line_header_directory(&header, 0), "/base");
    cr_expect_str_eq(line_header_directory(&header, 1), "below");
    line_header_release(&header);
}

/* Texts of other sections, of which one is not there and one is cut short. */
Test(line_program, texts_elsewhere)
{
    struct line_sections sections = {.line_texts = {(const uint8_t *)"x\0name\0cut", 10}};
    struct line_header header;

    begin(5, false, 1, 1);
    PUT(1, 1, 0x1f, 1, 2, 0, 0, 0);          /* line_strp */
    PUT(1, 1, 0x1f, 3, 2, 0, 0, 0);          /* line_strp: sound, */
    PUT(7, 0, 0, 0, 0xff, 0xff, 0xff, 0xff); /* cut short, beyond */
    end_header();
    end_table();
    sections.lines = (struct section_bytes){made.bytes, made.size};
    cr_assert(line_header_init(&header, &sections, 0));
    cr_expect_str_eq(line_header_directory(&header, 0), "name");
    cr_expect_str_eq(line_header_file(&header, 0)->name, "name");
    cr_expect_str_eq(line_header_file(&header, 1)->name, "");
    cr_expect_str_eq(line_header_file(&header, 2)->name, "");
    line_header_release(&header);
}

/* gcc sets no file in units of one file; libdwarf before 0.5 starts with file 0. */
Test(line_program, every_sequence_starts_with_file_1)
{
    begin(5, false, 1, 1);
    new_lists();
    SET_ADDRESS(0x1000);
    SET_FILE(0);
    COPY;
    ADVANCE_PC(4);
    END_SEQUENCE;
    SET_ADDRESS(0x2000);
    COPY;
    ADVANCE_PC(4);
    END_SEQUENCE;
    end_table();
    expect(0x1001, 0, 1);
    expect(0x2001, 1, 1);
}

Test(line_program, several_operations_in_an_instruction)
{
    begin(4, false, 3, 4);
    old_lists();
    SET_ADDRESS(0x1000);
    COPY;
    SPECIAL(2, 1); /* the same instruction: 0x1000 */
    SPECIAL(2, 1); /* operation 4: 0x1004 */
    SPECIAL(8, 1); /* operation 12: 0x1010 */
    ADVANCE_PC(3);
    END_SEQUENCE;
    end_table();
    expect(0x1000, 1, 2);
    expect(0x1004, 1, 3);
    expect(0x100f, 1, 3);
    expect(0x1010, 1, 4);
    expect_nothing(0x1014);
}

/* The first of overlapping sequences counts; discarded ones begin at 0; rows that go back
 * cover nothing. */
Test(line_program, sequences)
{
    begin(4, false, 1, 1);
    old_lists();
    SET_ADDRESS(0x2000);
    COPY;
    ADVANCE_PC(16);
    END_SEQUENCE;
    SET_ADDRESS(0);
    COPY;
    PUT(2, 0x80, 0x80, 2);
    END_SEQUENCE;
    SET_ADDRESS(0x1000);
    ADVANCE_LINE(6); /* 7 */
    COPY;
    SET_ADDRESS(0x0ff0);
    SPECIAL(0, 1);
    SET_ADDRESS(0x2008);
    SPECIAL(0, 1);
    ADVANCE_PC(16);
    END_SEQUENCE;
    end_table();
    expect(0x2000, 1, 1);
    expect(0x200f, 1, 1);
    expect(0x2010, 1, 9);
    expect(0x0ff0, 1, 8);
    expect(0x1000, 1, 8);
    expect_nothing(0x80);
}

Test(line_program, many_places_at_once)
{
    struct line_place places[0x40];
    struct line_header header;

    begin(5, false, 1, 1);
    new_lists();
    ordinary_program();
    end_table();
    for (size_t i = 0; i < 0x40; i++)
        places[i] = (struct line_place){.address = 0x0ff0 + i};
    cr_assert(find_at(made.bytes, made.size, 0, places, 0x40, &header));
    for (size_t i = 0; i < 0x40; i++) {
        struct line_place alone = {.address = places[i].address};

        line_program_find(&header, 0x100, &alone, 1);
        cr_expect_eq(alone.found, places[i].found);
        cr_expect_eq(alone.line, places[i].line, "%zu", i);
        cr_expect_eq(alone.file, places[i].file);
    }
    cr_expect_eq(places[0x10].line, 10);
    line_header_release(&header);
}

Test(line_program, at_an_offset)
{
    uint8_t section[sizeof(made.bytes) + 3] = {0};
    struct line_place place = {.address = 0x1014};
    struct line_header header;

    begin(5, false, 1, 1);
    new_lists();
    ordinary_program();
    end_table();
    memcpy(section + 3, made.bytes, made.size);
    cr_assert(find_at(section, made.size + 3, 3, &place, 1, &header));
    cr_expect_eq(place.line, 9);
    line_header_release(&header);
    cr_expect(!find_at(section, made.size + 3, UINT64_MAX, &place, 1, &header));
    cr_expect(!find_at(NULL, 0, 0, &place, 1, &header));
}

/* Every prefix and every damaged byte: no read beyond the end (sanitizer), and an end. */
Test(line_program, damage)
{
    for (unsigned version = 2; version <= 5; version++) {
        begin(version, version == 3, 1, 1);
        version < 5 ? old_lists() : new_lists();
        ordinary_program();
        end_table();
        for (size_t size = 0; size < made.size; size++)
            for (int value = 0; value < 256; value += 5) {
                struct line_place places[] = {{.address = 0x1001}, {.address = 0x1015}};
                uint8_t *copy = malloc(made.size);
                struct line_header header;

                memcpy(copy, made.bytes, made.size);
                copy[size] = (uint8_t)value;
                (void)find_at(copy, made.size, 0, places, 2, &header);
                line_header_release(&header);
                copy = realloc(copy, size + 1);
                (void)find_at(copy, size, 0, places, 2, &header);
                line_header_release(&header);
                free(copy);
            }
    }
}
