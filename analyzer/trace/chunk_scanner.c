/*
 * Chunks and recovery. Its own file because it is the only code that faces bytes
 * nobody has vouched for: what it hands on has passed two hashes.
 */
#include "analyzer/trace/chunk_scanner.h"

#include "analyzer/util/memory.h"
#include "preload/contract/trace_chunk.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define HEADER_SIZE sizeof(struct trace_chunk_header)

/* Of a large chunk's content to its frame. Of 251 real ones of more than 100 kB, most of them of
 * exact heap events, the highest was 1.4. */
#define RATIO_MAX 1000u
#define RATIO_FREE (1u << 20)

/* The part of a header that is the same in all of them: what to search for. */
static const struct {
    uint32_t skippable_magic, skippable_size;
    char signature[8];
} prefix = {TRACE_SKIPPABLE_MAGIC, HEADER_SIZE - 8, TRACE_SIGNATURE};

void chunk_scanner_init(struct chunk_scanner *scanner, const uint8_t *bytes, size_t size)
{
    memset(scanner, 0, sizeof(*scanner));
    scanner->bytes = bytes;
    scanner->size = size;
    scanner->context = ZSTD_createDCtx();
    if (scanner->context == NULL)
        memory_exhausted();
}

void chunk_scanner_release(struct chunk_scanner *scanner)
{
    ZSTD_freeDCtx(scanner->context);
    free(scanner->payload);
}

static bool header_at(const struct chunk_scanner *scanner, size_t offset,
                      struct trace_chunk_header *header)
{
    if (scanner->size - offset < HEADER_SIZE)
        return false;
    memcpy(header, scanner->bytes + offset, HEADER_SIZE);
    return trace_chunk_header_valid(header);
}

/* Offset of the first sound header at or after `offset`, else the file's size. */
static size_t find_header(const struct chunk_scanner *scanner, size_t offset,
                          struct trace_chunk_header *header)
{
    while (scanner->size - offset >= HEADER_SIZE) {
        const uint8_t *hit =
            memmem(scanner->bytes + offset, scanner->size - offset, &prefix, sizeof(prefix));
        if (hit == NULL)
            break;
        offset = (size_t)(hit - scanner->bytes);
        if (header_at(scanner, offset, header))
            return offset;
        offset++;
    }
    return scanner->size;
}

bool chunk_scanner_first(const struct chunk_scanner *scanner, struct trace_chunk_header *header)
{
    return find_header(scanner, 0, header) < scanner->size;
}

/* True when what is left at `offset` can be the beginning of a header. */
static bool is_cut_header(const struct chunk_scanner *scanner, size_t offset)
{
    size_t left = scanner->size - offset;

    return left > 0 && left < HEADER_SIZE &&
           memcmp(scanner->bytes + offset, &prefix,
                  left < sizeof(prefix) ? left : sizeof(prefix)) == 0;
}

/* A few thousand bytes may say that they are 64 MiB, in each chunk again. */
static bool is_bomb(const struct trace_chunk_header *header)
{
    return header->raw_size > RATIO_FREE && header->raw_size / RATIO_MAX > header->compressed_size;
}

static bool unpack(struct chunk_scanner *scanner, const uint8_t *frame, struct chunk *chunk)
{
    const struct trace_chunk_header *header = &chunk->header;

    if (is_bomb(header) || trace_chunk_hash(frame, header->compressed_size) != header->frame_hash ||
        ZSTD_getFrameContentSize(frame, header->compressed_size) != header->raw_size ||
        ZSTD_findFrameCompressedSize(frame, header->compressed_size) != header->compressed_size)
        return false;
    if (header->raw_size > scanner->payload_capacity || scanner->payload == NULL) {
        scanner->payload_capacity = header->raw_size;
        scanner->payload = memory_resize(scanner->payload, (size_t)header->raw_size + 1);
    }
    chunk->payload = scanner->payload;
    return ZSTD_decompressDCtx(scanner->context, scanner->payload, header->raw_size, frame,
                               header->compressed_size) == header->raw_size;
}

/* A frame that reaches past the end is the last one cut off, unless the middle
 * of the file is missing: then sound headers follow. */
static enum chunk_state skip_cut_frame(struct chunk_scanner *scanner, size_t frame)
{
    struct trace_chunk_header unused;

    scanner->offset = find_header(scanner, frame, &unused);
    scanner->truncated = scanner->offset == scanner->size;
    if (!scanner->truncated)
        scanner->bytes_skipped += scanner->offset - frame;
    return CHUNK_DAMAGED;
}

enum chunk_state chunk_scanner_next(struct chunk_scanner *scanner, struct chunk *chunk)
{
    struct trace_chunk_header following;
    size_t start = scanner->offset;

    if (!header_at(scanner, start, &chunk->header)) {
        if (is_cut_header(scanner, start)) {
            scanner->truncated = true;
            start = scanner->size;
        }
        scanner->offset = find_header(scanner, start, &chunk->header);
        scanner->bytes_skipped += scanner->offset - start;
    }
    if (scanner->offset == scanner->size)
        return CHUNK_END;

    size_t frame = scanner->offset + HEADER_SIZE;
    if (chunk->header.compressed_size > scanner->size - frame)
        return skip_cut_frame(scanner, frame);
    size_t end = frame + chunk->header.compressed_size;
    if (chunk->header.version == TRACE_VERSION && unpack(scanner, scanner->bytes + frame, chunk)) {
        chunk->frame = scanner->bytes + frame;
        scanner->offset = end;
        return CHUNK_SOUND;
    }
    /* When the frame's length cannot be trusted either, search from its start. */
    bool follows =
        end == scanner->size || is_cut_header(scanner, end) || header_at(scanner, end, &following);
    scanner->offset = follows ? end : frame;
    return chunk->header.version != TRACE_VERSION ? CHUNK_OTHER : CHUNK_DAMAGED;
}
