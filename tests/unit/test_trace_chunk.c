/* Chunks: what zstd itself makes of them, and what a header betrays. */
#include "preload/contract/trace_chunk.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <zstd.h>

static struct trace_packer packer;
static const uint8_t *chunk;
static size_t chunk_size;

static void start(void)
{
    scratch_init();
    cr_assert_eq(trace_packer_init(&packer), 0);
}

static void stop(void)
{
    trace_packer_release(&packer);
    scratch_release();
}

static int pack(const void *raw, size_t size)
{
    return trace_packer_pack(&packer, raw, size, 3, TRACE_CHUNK_EPOCH, 1000, 2000, &chunk,
                             &chunk_size);
}

static struct trace_chunk_header header_of(const uint8_t *at)
{
    struct trace_chunk_header header;

    memcpy(&header, at, sizeof(header));
    return header;
}

/* Bytes that do not compress, the same ones every time. */
static uint8_t *noise(size_t size)
{
    uint8_t *bytes = malloc(size);
    uint64_t state = 20261120;

    for (size_t i = 0; i < size; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (uint8_t)(state >> 56);
    }
    return bytes;
}

TestSuite(trace_chunk, .init = start, .fini = stop);

Test(trace_chunk, the_hash_is_xxh64)
{
    cr_assert_eq(trace_chunk_hash("", 0), 0xef46db3751d8e999u);
    cr_assert_eq(trace_chunk_hash("abc", 3), 0x44bc2cf5ad770999u);
}

Test(trace_chunk, the_header_says_what_follows)
{
    cr_assert_eq(pack("payload", 7), 0);
    struct trace_chunk_header header = header_of(chunk);
    cr_assert_eq(header.skippable_magic, 0x184D2A5D);
    cr_assert_eq(header.skippable_size, 64);
    cr_assert_eq(memcmp(header.signature, "profinj\n", 8), 0);
    cr_assert_eq(header.version, TRACE_VERSION);
    cr_assert_eq(header.flags, 1);
    cr_assert_eq(header.sequence, 0);
    cr_assert_eq(header.records, 3);
    cr_assert_eq(header.compressed_size, chunk_size - 72);
    cr_assert_eq(header.raw_size, 7);
    cr_assert_eq(header.time_first, 1000);
    cr_assert_eq(header.time_last, 2000);
    cr_assert_eq(header.frame_hash, trace_chunk_hash(chunk + 72, chunk_size - 72));
    cr_assert_eq(header.header_hash, trace_chunk_hash(chunk, 64));
    cr_assert(trace_chunk_header_valid(&header));
    /* RFC 8878: magic, then a descriptor whose bit 2 says checksum and bit 5 single
     * segment, or whose bits 6 and 7 say that there is a content size. */
    cr_assert_eq(memcmp(chunk + 72, "\x28\xb5\x2f\xfd", 4), 0);
    cr_assert(chunk[76] & 0x04, "checksum");
    cr_assert(chunk[76] & 0xe0, "content size");
}

Test(trace_chunk, any_flipped_bit_of_the_header_is_seen)
{
    cr_assert_eq(pack("payload", 7), 0);
    for (unsigned bit = 0; bit < 72 * 8; bit++) {
        uint8_t bytes[72];
        memcpy(bytes, chunk, sizeof(bytes));
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        struct trace_chunk_header header = header_of(bytes);
        cr_assert_not(trace_chunk_header_valid(&header), "bit %u", bit);
    }
}

Test(trace_chunk, numbers_count_what_was_written)
{
    for (uint32_t number = 0; number < 5; number++) {
        for (int again = 0; again < 3; again++) {
            cr_assert_eq(pack("x", 1), 0);
            cr_assert_eq(header_of(chunk).sequence, number);
        }
        trace_packer_written(&packer);
    }
}

static void check_by_library(const uint8_t *raw, size_t size)
{
    uint8_t *back = malloc(size + 1);

    cr_assert_eq(pack(raw, size), 0);
    cr_assert_eq(ZSTD_getFrameContentSize(chunk + 72, chunk_size - 72), size);
    cr_assert_eq(ZSTD_findFrameCompressedSize(chunk + 72, chunk_size - 72), chunk_size - 72);
    /* Skippable frame and frame together, as a reader of zstd files sees them. */
    cr_assert_eq(ZSTD_decompress(back, size + 1, chunk, chunk_size), size);
    cr_assert(size == 0 || memcmp(back, raw, size) == 0);
    free(back);
}

Test(trace_chunk, sizes_from_nothing_to_the_largest)
{
    static const size_t sizes[] = {0, 1, 71, 4096, 65535, 65536, 262144, 300000, 8u << 20};
    uint8_t *bytes = noise(8u << 20);
    uint8_t *zeros = calloc(TRACE_CHUNK_MAX, 1);

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        check_by_library(bytes, sizes[i]);
        check_by_library(zeros, sizes[i]);
    }
    check_by_library(zeros, TRACE_CHUNK_MAX);
    struct trace_chunk_header header = header_of(chunk);
    cr_assert(trace_chunk_header_valid(&header));
    cr_assert_eq(pack(zeros, (size_t)TRACE_CHUNK_MAX + 1), -EINVAL);
    cr_assert_eq(pack(zeros, (size_t)1 << 32), -EINVAL);
    check_by_library(bytes, 100);
    free(zeros);
    free(bytes);
}

Test(trace_chunk, sizes_out_of_bounds_make_a_header_invalid)
{
    cr_assert_eq(pack("x", 1), 0);
    for (int field = 0; field < 2; field++) {
        struct trace_chunk_header header = header_of(chunk);
        *(field ? &header.raw_size : &header.compressed_size) = 0x80000000u;
        header.header_hash = trace_chunk_hash(&header, 64);
        cr_assert_not(trace_chunk_header_valid(&header));
    }
    struct trace_chunk_header header = header_of(chunk);
    header.version = 99;
    header.header_hash = trace_chunk_hash(&header, 64);
    cr_assert(trace_chunk_header_valid(&header), "the version is the reader's business");
}

/* A whole file through the zstd program. */
Test(trace_chunk, the_zstd_program_reads_the_file)
{
    uint8_t *bytes = noise(100000);
    FILE *expected = fopen("expected", "wb"), *file = fopen("trace.pinj", "wb");

    if (system("zstd --version > /dev/null 2>&1") != 0) /* NOLINT(cert-env33-c) */
        cr_skip_test("zstd is not here");
    for (size_t i = 0; i < 10; i++) {
        cr_assert_eq(pack(bytes + i * 1000, 1000 * (i + 1)), 0);
        fwrite(chunk, 1, chunk_size, file);
        fwrite(bytes + i * 1000, 1, 1000 * (i + 1), expected);
        trace_packer_written(&packer);
    }
    fclose(file);
    fclose(expected);
    free(bytes);
    cr_assert_eq(system("zstd -q -t trace.pinj 2> errors"), 0, "%s", scratch_read("errors"));
    cr_assert_eq(system("zstd -q -d -c < trace.pinj | cmp - expected"), 0);
}

/* What a process of a moment has to say is stored; zstd itself is the judge of the frame. */
Test(trace_chunk, a_small_first_chunk_is_stored_and_a_frame_all_the_same)
{
    const size_t sizes[] = {0, 1, 255, 256, 2048};
    uint8_t *raw = noise(4096), back[4096];

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        cr_assert_eq(pack(raw, sizes[i]), 0);
        const uint8_t *frame = chunk + sizeof(struct trace_chunk_header);
        size_t size = chunk_size - sizeof(struct trace_chunk_header);
        cr_assert_eq(ZSTD_getFrameContentSize(frame, size), sizes[i]);
        cr_assert_eq(ZSTD_decompress(back, sizeof(back), frame, size), sizes[i]);
        cr_assert_eq(memcmp(back, raw, sizes[i]), 0);
        cr_assert_null(packer.context, "none was made");
        ((uint8_t *)frame)[size - 1] ^= 1;
        cr_assert(ZSTD_isError(ZSTD_decompress(back, sizeof(back), frame, size)), "checksum");
    }
    cr_assert_eq(pack(raw, 2049), 0);
    cr_assert_not_null(packer.context);
    memset(raw, 'x', 2000);
    cr_assert_eq(pack(raw, 2000), 0);
    cr_assert_lt(chunk_size, 500, "from then on all are compressed");
    free(raw);
}
