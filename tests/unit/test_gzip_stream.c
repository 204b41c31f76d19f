/* Unit tests of analyzer/util/gzip_stream.c: zlib's own reader is the other side. */
#include "analyzer/util/gzip_stream.h"
#include "analyzer/util/memory.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define SIZE (3u << 20)

/* Bytes that hardly shrink: more than one room of output for one of input. */
static unsigned char *noise(void)
{
    unsigned char *bytes = memory_alloc(SIZE);
    uint32_t state = 1;

    for (size_t i = 0; i < SIZE; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(state >> 24);
    }
    return bytes;
}

static size_t inflated(char *packed, size_t size, unsigned char *into, size_t room)
{
    z_stream z = {.next_in = (Bytef *)packed,
                  .avail_in = (uInt)size,
                  .next_out = into,
                  .avail_out = (uInt)room};

    cr_assert_eq(inflateInit2(&z, 15 + 16), Z_OK);
    cr_assert_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
    cr_assert_eq(z.avail_in, 0, "%u bytes behind the end", z.avail_in);
    size_t length = z.total_out;
    inflateEnd(&z);
    return length;
}

static void assert_comes_back(const unsigned char *bytes, size_t size, size_t step)
{
    char *packed;
    size_t packed_size;
    FILE *out = open_memstream(&packed, &packed_size);
    struct gzip_stream *stream = gzip_stream_new(out);
    unsigned char *back = memory_alloc(size + 1);

    for (size_t at = 0; at < size; at += step)
        gzip_stream_write(stream, bytes + at, size - at < step ? size - at : step);
    gzip_stream_finish(stream);
    fclose(out);
    cr_assert_eq(inflated(packed, packed_size, back, size + 1), size);
    cr_assert_arr_eq(back, bytes, size);
    free(back);
    free(packed);
}

Test(gzip_stream, what_goes_in_comes_out)
{
    unsigned char *bytes = noise();

    assert_comes_back(bytes, SIZE, SIZE);
    assert_comes_back(bytes, SIZE, 4099);
    assert_comes_back(bytes, 1, 1);
    assert_comes_back(bytes, 0, 1);
    free(bytes);
}
