/*
 * Finds the chunks of a trace in memory and unpacks them, over damage: after
 * bytes that are no chunk it goes on at the next sound header.
 *
 * Reads only inside [bytes, bytes + size). Holds one unpacked payload at a time,
 * valid until the next call. Not thread-safe.
 */
#ifndef PROFINJECT_TRACE_CHUNK_SCANNER_H
#define PROFINJECT_TRACE_CHUNK_SCANNER_H

#include "preload/contract/trace_format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chunk_scanner {
    const uint8_t *bytes; /* of the whole file, the caller's */
    size_t size, offset;
    uint64_t bytes_skipped; /* passed over while looking for a sound header */
    bool truncated;         /* the file ends inside a chunk */
    void *context;          /* zstd's */
    uint8_t *payload;
    size_t payload_capacity;
};

enum chunk_state {
    CHUNK_END,     /* no further chunk: nothing was filled in */
    CHUNK_SOUND,   /* header and payload */
    CHUNK_DAMAGED, /* the header is sound, the frame is not, or not all there */
    CHUNK_OTHER,   /* the header is sound, of a version this reader does not know */
};

struct chunk {
    struct trace_chunk_header header;
    const uint8_t *payload; /* header.raw_size bytes; of a sound one, as what follows */
    const uint8_t *frame;   /* header.compressed_size bytes, in the file */
};

void chunk_scanner_init(struct chunk_scanner *scanner, const uint8_t *bytes, size_t size);
void chunk_scanner_release(struct chunk_scanner *scanner);

/* The header of the first chunk there is, whatever became of it. False: none. */
bool chunk_scanner_first(const struct chunk_scanner *scanner, struct trace_chunk_header *header);

/* Fills `chunk` with the next one and steps behind it. */
enum chunk_state chunk_scanner_next(struct chunk_scanner *scanner, struct chunk *chunk);

#endif
