/* Byte buffers: what they hold, and what happens when it is too much. */
#include "preload/contract/buffer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct buffer buffer;

static void start(void)
{
    cr_assert_eq(buffer_init(&buffer, 64), 0);
}

static void stop(void)
{
    buffer_release(&buffer);
}

static bool holds(const void *bytes, size_t size)
{
    return buffer.size == size && memcmp(buffer.bytes, bytes, size) == 0;
}

TestSuite(buffer, .init = start, .fini = stop);

Test(buffer, unsigned_numbers)
{
    static const struct {
        uint64_t value;
        const char *bytes;
        size_t size;
    } known[] = {{0, "\0", 1},
                 {1, "\x01", 1},
                 {127, "\x7f", 1},
                 {128, "\x80\x01", 2},
                 {300, "\xac\x02", 2},
                 {624485, "\xe5\x8e\x26", 3},
                 {UINT64_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        buffer_clear(&buffer);
        buffer_varint(&buffer, known[i].value);
        cr_assert(holds(known[i].bytes, known[i].size), "number %zu", i);
    }
}

Test(buffer, signed_numbers)
{
    static const struct {
        int64_t value;
        const char *bytes;
        size_t size;
    } known[] = {{0, "\0", 1},
                 {-1, "\x01", 1},
                 {1, "\x02", 1},
                 {-64, "\x7f", 1},
                 {64, "\x80\x01", 2},
                 {INT64_MAX, "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10},
                 {INT64_MIN, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10}};

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        buffer_clear(&buffer);
        buffer_svarint(&buffer, known[i].value);
        cr_assert(holds(known[i].bytes, known[i].size), "number %zu", i);
    }
}

Test(buffer, strings_and_bytes)
{
    buffer_string(&buffer, "ab\0c", 4);
    buffer_string(&buffer, "", 0);
    buffer_bytes(&buffer, "xyz", 3);
    buffer_bytes(&buffer, NULL, 0);
    cr_assert(holds("\x04"
                    "ab\0c"
                    "\0"
                    "xyz",
                    9));
    cr_assert_not(buffer.full);
}

Test(buffer, exactly_full_is_not_too_much)
{
    char bytes[64];

    memset(bytes, 'x', sizeof(bytes));
    buffer_bytes(&buffer, bytes, 60);
    buffer_bytes(&buffer, bytes, 4);
    cr_assert_not(buffer.full);
    cr_assert_eq(buffer.size, 64);
    buffer_bytes(&buffer, bytes, 0);
    cr_assert_not(buffer.full);
    buffer_varint(&buffer, 1);
    cr_assert(buffer.full);
    cr_assert_eq(buffer.size, 64);
}

Test(buffer, after_one_that_did_not_fit_everything_is_left_out)
{
    char bytes[64] = {0};

    buffer_bytes(&buffer, bytes, 60);
    buffer_bytes(&buffer, bytes, SIZE_MAX);
    cr_assert(buffer.full);
    buffer_bytes(&buffer, bytes, 1);
    cr_assert_eq(buffer.size, 60);
    buffer_clear(&buffer);
    cr_assert_not(buffer.full);
    buffer_bytes(&buffer, bytes, 1);
    cr_assert_eq(buffer.size, 1);
}

Test(buffer, bytes_never_move)
{
    struct buffer large;

    cr_assert_eq(buffer_init(&large, 64u << 20), 0);
    const uint8_t *first = large.bytes;
    for (unsigned i = 0; i < 100000; i++)
        buffer_varint(&large, i);
    cr_assert_eq(large.bytes, first);
    cr_assert_eq(large.size, 128 + 2 * (16384 - 128) + 3 * (100000 - 16384));
    buffer_release(&large);
    cr_assert_null(large.bytes);
    buffer_release(&large);
}

Test(buffer, more_than_there_is_address_space)
{
    struct buffer large;

    cr_assert_eq(buffer_init(&large, (size_t)1 << 60), -ENOMEM);
}
