/* Varints and strings at and beyond their limits. */
#include "analyzer/trace/wire.h"

#include <criterion/criterion.h>

#define CURSOR(...) \
    wire_cursor_at((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

Test(wire, varints_are_unsigned_leb128)
{
    struct wire_cursor cursor = CURSOR(0x00, 0x7f, 0x80, 0x01, 0xe5, 0x8e, 0x26, 0xff, 0xff, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);

    cr_assert_eq(wire_varint(&cursor), 0);
    cr_assert_eq(wire_varint(&cursor), 127);
    cr_assert_eq(wire_varint(&cursor), 128);
    cr_assert_eq(wire_varint(&cursor), 624485);
    cr_assert_eq(wire_varint(&cursor), UINT64_MAX);
    cr_assert_not(cursor.failed);
    cr_assert_eq(wire_left(&cursor), 0);
}

Test(wire, signed_varints_are_zigzag)
{
    struct wire_cursor cursor =
        CURSOR(0, 1, 2, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);

    cr_assert_eq(wire_svarint(&cursor), 0);
    cr_assert_eq(wire_svarint(&cursor), -1);
    cr_assert_eq(wire_svarint(&cursor), 1);
    cr_assert_eq(wire_svarint(&cursor), -2);
    cr_assert_eq(wire_svarint(&cursor), INT64_MIN);
    cr_assert_not(cursor.failed);
}

Test(wire, what_does_not_fit_fails_and_stays_failed)
{
    struct wire_cursor wide = CURSOR(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 5);
    struct wire_cursor eleven =
        CURSOR(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00);
    struct wire_cursor cut = CURSOR(0x80);

    cr_assert_eq(wire_varint(&wide), 0);
    cr_assert(wide.failed);
    cr_assert_eq(wire_varint(&wide), 0, "a failed cursor reads no further");
    wire_varint(&eleven);
    cr_assert(eleven.failed);
    wire_varint(&cut);
    cr_assert(cut.failed);
}

Test(wire, strings_end_inside_the_payload)
{
    struct wire_cursor cursor = CURSOR(2, 'a', 'b', 0, 3, 'x', 'y');
    struct wire_string string = wire_string(&cursor);

    cr_assert_eq(string.size, 2);
    cr_assert_eq(string.bytes[1], 'b');
    cr_assert_eq(wire_string(&cursor).size, 0);
    cr_assert_not(cursor.failed);
    cr_assert_eq(wire_string(&cursor).size, 0);
    cr_assert(cursor.failed);
}

Test(wire, skipping_stops_at_the_end)
{
    struct wire_cursor cursor = CURSOR(1, 0x80, 1, 7);

    wire_skip_varints(&cursor, 2);
    cr_assert_eq(wire_varint(&cursor), 7);
    wire_skip_varints(&cursor, UINT64_MAX);
    cr_assert(cursor.failed);
}
