/*
 * Chunk framing (trace_format.h): payload bytes to a skippable header plus one
 * zstd frame, and the check of a header on the way back.
 *
 * The packer allocates its zstd context once, by mmap, never from the heap: it
 * runs inside the target. One thread at a time; not for signal handlers.
 */
#ifndef PROFINJECT_TRACE_CHUNK_H
#define PROFINJECT_TRACE_CHUNK_H

#include "preload/contract/trace_format.h"

#include <stdbool.h>
#include <stddef.h>

struct trace_packer {
    void *workspace; /* zstd's, mmap'd */
    size_t workspace_size;
    void *context;   /* NULL until a chunk is worth compressing */
    uint8_t *output; /* header and frame, mmap'd */
    size_t output_size;
    uint32_t sequence; /* of the next chunk */
    bool events;       /* it is all but exact heap events */
};

/* 0 or -ENOMEM. */
int trace_packer_init(struct trace_packer *packer);
void trace_packer_release(struct trace_packer *packer);

/*
 * Packs `raw_size` payload bytes of `records` records. On success *chunk and
 * *chunk_size name the bytes to write, owned by the packer until the next call;
 * `sequence` advances only with trace_packer_written(). -ENOMEM, or -EINVAL for
 * a payload larger than TRACE_CHUNK_MAX.
 */
int trace_packer_pack(struct trace_packer *packer, const uint8_t *raw, size_t raw_size,
                      uint32_t records, uint32_t flags, uint64_t time_first, uint64_t time_last,
                      const uint8_t **chunk, size_t *chunk_size);
void trace_packer_written(struct trace_packer *packer);

/* True when `header` is whole: magic, signature, sizes within bounds, hash. The
 * version is left to the reader. */
bool trace_chunk_header_valid(const struct trace_chunk_header *header);

/* XXH64 with seed 0, as in frame_hash. */
uint64_t trace_chunk_hash(const void *bytes, size_t size);

#endif
