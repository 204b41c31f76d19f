/*
 * Chunk framing and compression. Its own file because it is the only code that
 * knows zstd's side of the trace format.
 */
#include "preload/contract/trace_chunk.h"

#include "preload/contract/buffer.h"
#include "preload/contract/own_memory.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* Level 1 is within 3 % of level 3 on these payloads at half the time. Whatever the load: of the servant's
 * time little is zstd's, 13 us of 500 for a chunk at 250 Hz. Of 20000 samples a second and thread, on a
 * machine with 20 runnable threads a processor, none is lost; level -50 takes 9 % from the servant's
 * CPU time there and makes traces 2.2 times as large. */
#define LEVEL 1

/* Exact heap events are varints already, 7 bytes for a malloc and its free: level 1 makes 3.6
 * to 4.7 of them for 20 to 30 ns each, this one 6.6 to 7.2 for 3 to 7. */
#define LEVEL_OF_EVENTS (-50)

/* Payloads are at most a few hundred KiB; the context is sized for this and a
 * larger payload only compresses a little worse. */
#define EXPECTED_PAYLOAD (256u << 10)

/* A first chunk up to this size is not compressed. */
#define STORED_MAX 2048u
#define STORED_FRAME 16u /* bytes around what is stored */

uint64_t trace_chunk_hash(const void *bytes, size_t size)
{
    return XXH64(bytes, size, 0);
}

/* A context in memory of our own: zstd's allocating constructor would use the
 * target's heap. */
static ZSTD_CCtx *context_in(void *workspace, size_t size)
{
    ZSTD_CCtx *context = ZSTD_initStaticCCtx(workspace, size);
    if (context) {
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL);
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1);
    }
    return context;
}

int trace_packer_init(struct trace_packer *packer)
{
    memset(packer, 0, sizeof *packer);
    ZSTD_compressionParameters parameters = ZSTD_getCParams(LEVEL, EXPECTED_PAYLOAD, 0);
    packer->workspace_size = ZSTD_estimateCCtxSize_usingCParams(parameters);
    size_t any_size = ZSTD_estimateCCtxSize(LEVEL);
    if (any_size > packer->workspace_size)
        packer->workspace_size = any_size;
    packer->workspace = buffer_reserve(packer->workspace_size);
    return packer->workspace ? 0 : -ENOMEM;
}

void trace_packer_release(struct trace_packer *packer)
{
    own_memory_forget(packer->workspace);
    own_memory_forget(packer->output);
    if (packer->workspace)
        munmap(packer->workspace, packer->workspace_size);
    if (packer->output)
        munmap(packer->output, packer->output_size);
    memset(packer, 0, sizeof *packer);
}

static int reserve_output(struct trace_packer *packer, size_t size)
{
    if (size <= packer->output_size)
        return 0;
    uint8_t *output = buffer_reserve(size);
    if (!output)
        return -ENOMEM;
    own_memory_forget(packer->output);
    if (packer->output)
        munmap(packer->output, packer->output_size);
    packer->output = output;
    packer->output_size = size;
    return 0;
}

/* Stores as a frame of one raw block (RFC 8878, 3.1.1): making a context costs 60 us,
 * more than a process of a moment has to say. */
static size_t store(uint8_t *frame, const uint8_t *raw, size_t raw_size)
{
    const uint32_t magic = ZSTD_MAGICNUMBER, content = (uint32_t)raw_size;
    const uint32_t block = content << 3 | 1; /* raw, and the last */
    const uint32_t checksum = (uint32_t)trace_chunk_hash(raw, raw_size);
    uint8_t *at = frame;
    at = mempcpy(at, &magic, 4);
    *at++ = 0xA4; /* content size of 4 bytes, a single segment, a checksum */
    at = mempcpy(at, &content, 4);
    at = mempcpy(at, &block, 3);
    at = mempcpy(at, raw, raw_size);
    at = mempcpy(at, &checksum, 4);
    return (size_t)(at - frame);
}

/* The size of the frame, 0 when there is no memory for it. */
static size_t make_frame(struct trace_packer *packer, uint8_t *frame, size_t room,
                         const uint8_t *raw, size_t raw_size)
{
    if (!packer->context && raw_size <= STORED_MAX)
        return store(frame, raw, raw_size);
    if (!packer->context)
        packer->context = context_in(packer->workspace, packer->workspace_size);
    if (packer->context)
        ZSTD_CCtx_setParameter(packer->context, ZSTD_c_compressionLevel,
                               packer->events ? LEVEL_OF_EVENTS : LEVEL);
    size_t size = packer->context ? ZSTD_compress2(packer->context, frame, room, raw, raw_size) : 0;
    return ZSTD_isError(size) ? 0 : size;
}

int trace_packer_pack(struct trace_packer *packer, const uint8_t *raw, size_t raw_size,
                      uint32_t records, uint32_t flags, uint64_t time_first, uint64_t time_last,
                      const uint8_t **chunk, size_t *chunk_size)
{
    struct trace_chunk_header header = {
        .skippable_magic = TRACE_SKIPPABLE_MAGIC,
        .skippable_size = sizeof header - 8,
        .version = TRACE_VERSION,
        .flags = flags,
        .sequence = packer->sequence,
        .records = records,
        .raw_size = (uint32_t)raw_size,
        .time_first = time_first,
        .time_last = time_last,
    };

    if (raw_size > TRACE_CHUNK_MAX)
        return -EINVAL;
    if (reserve_output(packer, sizeof header + STORED_FRAME + ZSTD_compressBound(raw_size)) != 0)
        return -ENOMEM;
    uint8_t *frame = packer->output + sizeof header;
    size_t size = make_frame(packer, frame, packer->output_size - sizeof header, raw, raw_size);
    if (!size)
        return -ENOMEM;
    memcpy(header.signature, TRACE_SIGNATURE, sizeof header.signature);
    header.compressed_size = (uint32_t)size;
    header.frame_hash = trace_chunk_hash(frame, size);
    header.header_hash =
        trace_chunk_hash(&header, offsetof(struct trace_chunk_header, header_hash));
    memcpy(packer->output, &header, sizeof header);
    *chunk = packer->output;
    *chunk_size = sizeof header + size;
    return 0;
}

void trace_packer_written(struct trace_packer *packer)
{
    packer->sequence++;
}

bool trace_chunk_header_valid(const struct trace_chunk_header *header)
{
    return header->skippable_magic == TRACE_SKIPPABLE_MAGIC &&
           header->skippable_size == sizeof *header - 8 &&
           memcmp(header->signature, TRACE_SIGNATURE, sizeof header->signature) == 0 &&
           header->raw_size <= TRACE_CHUNK_MAX &&
           header->compressed_size <= ZSTD_COMPRESSBOUND(TRACE_CHUNK_MAX) &&
           header->header_hash ==
               trace_chunk_hash(header, offsetof(struct trace_chunk_header, header_hash));
}
