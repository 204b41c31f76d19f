/*
 * tar_reader.h: a zstd stream, blocks out of it, and what is believed of them.
 */
#include "analyzer/util/tar_reader.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

static const uint8_t zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};

/* GNU tar fills up to 10 KiB. */
#define END_MAX (1u << 20)

struct tar_reader {
    char *path;
    FILE *in;
    uint64_t file_size;
    ZSTD_DCtx *stream;
    uint8_t *buffer; /* of what is compressed */
    size_t capacity;
    ZSTD_inBuffer read;
    bool frame_ended; /* the last byte that came out was a frame's last */
    uint64_t left;    /* of the current file */
    size_t padding;
    struct tar_limits limits; /* what is left of them */
};

bool tar_reader_is_compressed(const char *path)
{
    FILE *in = fopen(path, "re");
    uint8_t magic[sizeof(zstd_magic)];
    bool is = in != NULL && fread(magic, sizeof(magic), 1, in) == 1 &&
              memcmp(magic, zstd_magic, sizeof(magic)) == 0;

    if (in != NULL)
        fclose(in);
    return is;
}

struct tar_reader *tar_reader_new(const char *path, struct problem *problem)
{
    FILE *in = fopen(path, "re");
    struct stat status;

    if (in == NULL || fstat(fileno(in), &status) != 0) {
        problem_errno(problem, "cannot open '%s'", path);
        if (in != NULL)
            fclose(in);
        return NULL;
    }
    struct tar_reader *reader = memory_alloc(sizeof(*reader));
    reader->path = memory_strdup(path);
    reader->in = in;
    reader->file_size = (uint64_t)status.st_size;
    reader->stream = ZSTD_createDCtx();
    if (reader->stream == NULL)
        memory_exhausted();
    reader->capacity = ZSTD_DStreamInSize();
    reader->buffer = memory_alloc(reader->capacity);
    reader->read.src = reader->buffer;
    return reader;
}

void tar_reader_free(struct tar_reader *reader)
{
    if (reader == NULL)
        return;
    ZSTD_freeDCtx(reader->stream);
    fclose(reader->in);
    free(reader->buffer);
    free(reader->path);
    free(reader);
}

uint64_t tar_reader_file_size(const struct tar_reader *reader)
{
    return reader->file_size;
}

bool tar_reader_is_cut(const struct tar_reader *reader)
{
    return feof(reader->in) && !reader->frame_ended;
}

void tar_reader_set_limits(struct tar_reader *reader, struct tar_limits limits)
{
    reader->limits = limits;
}

static int damaged(const struct tar_reader *reader, struct problem *problem, const char *how)
{
    return problem_set(problem, PROBLEM_DATA, "cannot read '%s': the archive is damaged (%s)",
                       reader->path, how);
}

/* More of what is compressed; false at the end of the file. */
static bool refill(struct tar_reader *reader)
{
    reader->read.size = fread(reader->buffer, 1, reader->capacity, reader->in);
    reader->read.pos = 0;
    return reader->read.size > 0;
}

/* Exactly `size` bytes come out. */
static int pull(struct tar_reader *reader, void *bytes, size_t size, struct problem *problem)
{
    ZSTD_outBuffer out = {bytes, size, 0};

    if (size > reader->limits.bytes)
        return problem_set(problem, PROBLEM_DATA,
                           "cannot read '%s': it holds more than a file of its size may",
                           reader->path);
    reader->limits.bytes -= size;
    while (out.pos < size) {
        size_t before = out.pos, used = reader->read.pos;
        size_t result = ZSTD_decompressStream(reader->stream, &out, &reader->read);
        if (ZSTD_isError(result))
            return damaged(reader, problem, ZSTD_getErrorName(result));
        bool is_step = out.pos != before || reader->read.pos != used;
        if (is_step)
            reader->frame_ended = result == 0;
        if (!is_step && !refill(reader))
            return ferror(reader->in) ? problem_errno(problem, "cannot read '%s'", reader->path)
                                      : damaged(reader, problem, "it ends early");
    }
    return 0;
}

/* Up to eleven octal digits; false for anything else. */
static bool number(const char *field, size_t size, uint64_t *value)
{
    size_t digits = 0;

    *value = 0;
    while (digits < size && field[digits] >= '0' && field[digits] <= '7')
        *value = *value << 3 | (uint64_t)(field[digits++] - '0');
    return digits > 0 && digits < size && (field[digits] == '\0' || field[digits] == ' ');
}

/* One plain name: no way up or elsewhere, nothing that a terminal would obey. */
static bool take_name(char *to, const char *field, size_t size, bool may_be_empty)
{
    size_t length = strnlen(field, size);
    bool plain = length > 0 ? field[0] != '.' : may_be_empty;

    for (size_t i = 0; i < length; i++)
        plain = plain && field[i] != '/' && (unsigned char)field[i] >= ' ' && field[i] != 0x7f;
    if (!plain || length > TAR_NAME_MAX)
        return false;
    memcpy(to, field, length);
    to[length] = '\0';
    return true;
}

/* "DIRECTORY/NAME" may stand in the name alone: other programs write it so. */
static bool take_names(struct tar_entry *entry, const struct tar_header *header)
{
    size_t length = strnlen(header->name, sizeof(header->name));
    const char *slash = memchr(header->name, '/', length);
    size_t directory = slash != NULL ? (size_t)(slash - header->name) : 0;

    if (slash == NULL)
        return take_name(entry->directory, header->prefix, sizeof(header->prefix), true) &&
               take_name(entry->name, header->name, sizeof(header->name), false);
    return header->prefix[0] == '\0' &&
           take_name(entry->directory, header->name, directory, false) &&
           take_name(entry->name, slash + 1, length - directory - 1, false);
}

static bool is_zero(const struct tar_header *header)
{
    static const struct tar_header zero;

    return memcmp(header, &zero, sizeof(zero)) == 0;
}

static int take_header(struct tar_reader *reader, const struct tar_header *header,
                       struct tar_entry *entry, struct problem *problem)
{
    uint64_t checksum, size;

    if (memcmp(header->magic, TAR_MAGIC, strlen(TAR_MAGIC)) != 0 ||
        !number(header->checksum, sizeof(header->checksum), &checksum) ||
        checksum != tar_checksum(header) || !number(header->size, sizeof(header->size), &size))
        return damaged(reader, problem, "no tar header where one must be");
    if ((header->type != TAR_REGULAR && header->type != '\0') || !take_names(entry, header))
        return damaged(reader, problem, "it holds what no archive of profinject has");
    if (reader->limits.files == 0)
        return damaged(reader, problem, "too many files");
    reader->limits.files--;
    entry->size = reader->left = size;
    reader->padding = (size_t)(-size % TAR_BLOCK);
    return 1;
}

/* What nobody wanted of the file before. */
static int skip(struct tar_reader *reader, struct problem *problem)
{
    uint8_t bytes[4096];
    int64_t got;

    while ((got = tar_reader_read(reader, bytes, sizeof(bytes), problem)) > 0)
        continue;
    return got < 0 ? (int)got : 0;
}

static bool all_zero(const uint8_t *bytes, size_t size)
{
    bool zero = true;

    for (size_t i = 0; i < size; i++)
        zero = zero && bytes[i] == 0;
    return zero;
}

/* The rest of the compressed stream: zeros, as many as others put there, and its checksum. */
static int read_end(struct tar_reader *reader, struct problem *problem)
{
    uint8_t bytes[TAR_BLOCK];
    size_t left = END_MAX;

    while (!reader->frame_ended) {
        ZSTD_outBuffer out = {bytes, sizeof(bytes), 0};
        size_t used = reader->read.pos;
        size_t result = ZSTD_decompressStream(reader->stream, &out, &reader->read);
        if (ZSTD_isError(result))
            return damaged(reader, problem, ZSTD_getErrorName(result));
        reader->frame_ended = result == 0;
        if (out.pos > left || !all_zero(bytes, out.pos))
            return damaged(reader, problem, "more behind its end");
        left -= out.pos;
        if (out.pos == 0 && reader->read.pos == used && !reader->frame_ended && !refill(reader))
            return damaged(reader, problem, "it ends early");
    }
    return 0;
}

int tar_reader_next(struct tar_reader *reader, struct tar_entry *entry, struct problem *problem)
{
    struct tar_header header = {.name = ""};
    int status = skip(reader, problem);

    if (status == 0)
        status = pull(reader, &header, sizeof(header), problem);
    if (status != 0)
        return status;
    if (is_zero(&header))
        return read_end(reader, problem);
    return take_header(reader, &header, entry, problem);
}

int64_t tar_reader_read(struct tar_reader *reader, void *bytes, size_t size,
                        struct problem *problem)
{
    uint8_t padding[TAR_BLOCK];
    int status;

    if (size > reader->left)
        size = (size_t)reader->left;
    if (size == 0)
        return 0;
    status = pull(reader, bytes, size, problem);
    if (status != 0)
        return status;
    reader->left -= size;
    if (reader->left == 0 && reader->padding > 0)
        status = pull(reader, padding, reader->padding, problem);
    return status != 0 ? status : (int64_t)size;
}
