/*
 * Cleaning. Its own file because it is the analyzer's only code that writes chunks.
 */
#include "analyzer/trace/trace_cleaner.h"

#include "analyzer/trace/trace_reader.h"
#include "preload/contract/trace_chunk.h"

struct cleaner {
    FILE *out;
    uint32_t sequence; /* of the next chunk */
};

static void on_chunk(void *context, const struct trace_chunk_header *header, const uint8_t *frame,
                     bool lost)
{
    struct cleaner *cleaner = context;
    struct trace_chunk_header clean = *header;

    clean.sequence = cleaner->sequence++;
    clean.flags |= lost ? TRACE_CHUNK_GAP : 0;
    clean.header_hash = trace_chunk_hash(&clean, offsetof(struct trace_chunk_header, header_hash));
    fwrite(&clean, sizeof(clean), 1, cleaner->out);
    fwrite(frame, 1, clean.compressed_size, cleaner->out);
}

int trace_clean(const char *path, FILE *out, struct problem *problem)
{
    struct cleaner cleaner = {.out = out};
    const struct trace_visitor visitor = {.context = &cleaner, .chunk = on_chunk};
    struct trace_summary summary;

    return trace_read(path, &visitor, &summary, problem);
}
