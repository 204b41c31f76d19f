/*
 * packed_stream.h, by zlib. Its own file because reports should not know how text is packed.
 */
#include "analyzer/util/packed_stream.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define GZIP 16 /* added to the bits of the window: a gzip header, with no time in it */
#define WINDOW_BITS (15 + GZIP)
#define MEMORY_LEVEL 9
#define LEVEL 4 /* of a million stacks: half the time of the default level, and 6 % more bytes */
#define PIECE (64u << 10)
#define BUFFER (256u << 10)

struct packed {
    FILE *out;
    z_stream stream;
    unsigned char piece[PIECE];
    unsigned char rest[3]; /* bytes that do not make up four characters */
    size_t rest_size;
    char *buffer; /* of stdio */
};

static void write_group(FILE *out, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned group = (unsigned)bytes[0] << 16;
    char text[4];

    group |= size > 1 ? (unsigned)bytes[1] << 8 : 0;
    group |= size > 2 ? bytes[2] : 0;
    text[0] = digits[group >> 18];
    text[1] = digits[group >> 12 & 63];
    text[2] = '=';
    text[3] = '=';
    if (size > 1)
        text[2] = digits[group >> 6 & 63];
    if (size > 2)
        text[3] = digits[group & 63];
    fwrite_unlocked(text, 1, sizeof(text), out);
}

static void write_base64(struct packed *packed, const unsigned char *bytes, size_t size)
{
    while (size > 0 && packed->rest_size > 0 && packed->rest_size < 3) {
        packed->rest[packed->rest_size++] = *bytes++;
        size--;
    }
    if (packed->rest_size == 3) {
        write_group(packed->out, packed->rest, 3);
        packed->rest_size = 0;
    }
    for (; size >= 3; size -= 3, bytes += 3)
        write_group(packed->out, bytes, 3);
    if (size > 0) {
        memcpy(packed->rest, bytes, size);
        packed->rest_size = size;
    }
}

static void run(struct packed *packed, int flush)
{
    do {
        packed->stream.next_out = packed->piece;
        packed->stream.avail_out = PIECE;
        deflate(&packed->stream, flush);
        write_base64(packed, packed->piece, PIECE - packed->stream.avail_out);
    } while (packed->stream.avail_out == 0);
}

static ssize_t write_cookie(void *cookie, const char *bytes, size_t size)
{
    struct packed *packed = cookie;

    packed->stream.next_in = (unsigned char *)bytes;
    packed->stream.avail_in = (unsigned)size;
    run(packed, Z_NO_FLUSH);
    return (ssize_t)size;
}

static int close_cookie(void *cookie)
{
    struct packed *packed = cookie;

    packed->stream.avail_in = 0;
    run(packed, Z_FINISH);
    if (packed->rest_size > 0)
        write_group(packed->out, packed->rest, packed->rest_size);
    deflateEnd(&packed->stream);
    free(packed->buffer);
    free(packed);
    return 0;
}

FILE *packed_stream_open(FILE *out)
{
    const cookie_io_functions_t functions = {.write = write_cookie, .close = close_cookie};
    struct packed *packed = memory_alloc(sizeof(*packed));

    packed->out = out;
    packed->buffer = memory_alloc(BUFFER);
    FILE *stream = fopencookie(packed, "w", functions);
    if (stream == NULL || deflateInit2(&packed->stream, LEVEL, Z_DEFLATED, WINDOW_BITS,
                                       MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        memory_exhausted();
    setvbuf(stream, packed->buffer, _IOFBF, BUFFER);
    return stream;
}
