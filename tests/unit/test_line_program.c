/*
 * Line programs written by hand.
 */
#include "analyzer/symbols/line_program.h"

#include <criterion/criterion.h>
#include <string.h>

/* A DWARF 5 header with opcode_base 10 and an empty file table, then: */
#define HEADER(length) \
    length, 0, 0, 0, 5, 0, 8, 0, 15, 0, 0, 0, 1, 1, 1, 0xfb, 14, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1
#define HEADER_SIZE 27
#define SET_FILE(number) 4, number
#define COPY 1
#define SPECIAL 0x20
#define SET_ADDRESS 0, 9, 2, 0, 0x10, 0, 0, 0, 0, 0, 0
#define END_SEQUENCE 0, 1, 1

static const uint8_t program[] = {
    HEADER(HEADER_SIZE - 4 + 45),
    SET_ADDRESS,
    COPY,
    3,
    5,
    SPECIAL, /* two by default */
    SET_FILE(2),
    SPECIAL,
    SET_FILE(0),
    SPECIAL,      /* two set */
    END_SEQUENCE, /* still set */
    SET_ADDRESS,
    9,
    4,
    0,
    SPECIAL, /* by default again */
    SET_FILE(1),
    COPY,
    END_SEQUENCE,
};

Test(line_program, defaults_end_with_the_first_file)
{
    static const bool expected[] = {true, true, false, false, false, true, false, false};
    bool found[9] = {[8] = true};

    line_program_find_defaults(program, sizeof(program), 0, found, 8);
    for (size_t i = 0; i < 8; i++)
        cr_expect_eq(found[i], expected[i], "row %zu", i);
    cr_expect(found[8], "written beyond the rows asked for");
}

Test(line_program, at_an_offset)
{
    uint8_t section[sizeof(program) + 3] = {0};
    bool found[2] = {false, false};

    memcpy(section + 3, program, sizeof(program));
    line_program_find_defaults(section, sizeof(section), 3, found, 2);
    cr_expect(found[0] && found[1]);
}

/* Every prefix and every damaged byte: no read beyond the end (sanitizer), no row
 * beyond those asked for. */
Test(line_program, damage)
{
    bool found[8];

    for (size_t size = 0; size < sizeof(program); size++)
        for (int value = 0; value < 256; value += 5) {
            uint8_t *copy = malloc(sizeof(program));

            memcpy(copy, program, sizeof(program));
            copy[size] = (uint8_t)value;
            line_program_find_defaults(copy, sizeof(program), 0, found, 8);
            copy = realloc(copy, size + 1);
            line_program_find_defaults(copy, size, 0, found, 8);
            line_program_find_defaults(copy, size, UINT64_MAX, found, 8);
            free(copy);
        }
}
