/*
 * tar_writer.h: headers and padding go through one zstd stream with the bytes.
 */
#include "analyzer/util/tar_writer.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/tar_format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

/* Most bytes are traces, which are compressed already. */
#define LEVEL 3

#define TAR_END_BLOCKS 2

struct tar_writer {
    FILE *out;
    ZSTD_CCtx *stream;
    uint8_t *buffer;
    size_t capacity;
    uint64_t left;  /* of the file that was begun */
    size_t padding; /* to be put behind it */
};

struct tar_writer *tar_writer_new(FILE *out)
{
    struct tar_writer *writer = memory_alloc(sizeof(*writer));

    writer->out = out;
    writer->stream = ZSTD_createCCtx();
    if (writer->stream == NULL)
        memory_exhausted();
    ZSTD_CCtx_setParameter(writer->stream, ZSTD_c_compressionLevel, LEVEL);
    ZSTD_CCtx_setParameter(writer->stream, ZSTD_c_checksumFlag, 1);
    writer->capacity = ZSTD_CStreamOutSize();
    writer->buffer = memory_alloc(writer->capacity);
    return writer;
}

static void compress(struct tar_writer *writer, const void *bytes, size_t size,
                     ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = {bytes, size, 0};
    size_t left;

    do {
        ZSTD_outBuffer out = {writer->buffer, writer->capacity, 0};
        left = ZSTD_compressStream2(writer->stream, &out, &in, how);
        if (ZSTD_isError(left))
            memory_exhausted(); /* the one thing that can go wrong */
        fwrite(writer->buffer, 1, out.pos, writer->out);
    } while (how == ZSTD_e_end ? left > 0 : in.pos < in.size);
}

static void put_zeros(struct tar_writer *writer, size_t size)
{
    static const uint8_t zeros[TAR_BLOCK];

    compress(writer, zeros, size, ZSTD_e_continue);
}

bool tar_writer_begin(struct tar_writer *writer, const char *directory, const char *name,
                      uint64_t size, int64_t time_s)
{
    struct tar_header header = {.magic = TAR_MAGIC, .version = "00", .type = TAR_REGULAR};

    if (strlen(name) > TAR_NAME_MAX || strlen(directory) > TAR_PREFIX_MAX || size > TAR_SIZE_MAX)
        return false;
    memcpy(header.name, name, strlen(name));
    memcpy(header.prefix, directory, strlen(directory));
    snprintf(header.mode, sizeof(header.mode), "%07o", 0600u);
    snprintf(header.uid, sizeof(header.uid), "%07o", 0u);
    snprintf(header.gid, sizeof(header.gid), "%07o", 0u);
    snprintf(header.size, sizeof(header.size), "%011" PRIo64, size);
    snprintf(header.mtime, sizeof(header.mtime), "%011" PRIo64,
             (uint64_t)(time_s > 0 ? time_s : 0) & TAR_SIZE_MAX);
    snprintf(header.checksum, sizeof(header.checksum), "%06o", tar_checksum(&header));
    header.checksum[7] = ' ';
    compress(writer, &header, sizeof(header), ZSTD_e_continue);
    writer->left = size;
    writer->padding = (size_t)(-size % TAR_BLOCK);
    return true;
}

void tar_writer_put(struct tar_writer *writer, const void *bytes, size_t size)
{
    if (size > writer->left)
        size = (size_t)writer->left;
    if (size == 0)
        return;
    compress(writer, bytes, size, ZSTD_e_continue);
    writer->left -= size;
    if (writer->left == 0)
        put_zeros(writer, writer->padding);
}

bool tar_writer_add(struct tar_writer *writer, const char *directory, const char *name,
                    const void *bytes, size_t size, int64_t time_s)
{
    if (!tar_writer_begin(writer, directory, name, size, time_s))
        return false;
    tar_writer_put(writer, bytes, size);
    return true;
}

void tar_writer_finish(struct tar_writer *writer)
{
    for (int i = 0; i < TAR_END_BLOCKS; i++)
        put_zeros(writer, TAR_BLOCK);
    compress(writer, NULL, 0, ZSTD_e_end);
    ZSTD_freeCCtx(writer->stream);
    free(writer->buffer);
    free(writer);
}
