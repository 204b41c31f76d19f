/*
 * Cleaning. Its own file because it is the analyzer's only code that writes chunks.
 */
#include "analyzer/trace/trace_cleaner.h"

#include "analyzer/trace/trace_reader.h"
#include "analyzer/trace/wire.h"
#include "analyzer/util/memory.h"
#include "preload/contract/trace_chunk.h"

#include <stdlib.h>
#include <string.h>

struct cleaner {
    FILE *out;
    uint32_t sequence; /* of the next chunk */
    bool keep_args;
    uint8_t *kept; /* a payload without them */
    size_t capacity;
    struct trace_packer packer;
};

static bool holds_args(const uint8_t *body, size_t size)
{
    struct wire_cursor cursor = wire_cursor_at(body, size);
    struct wire_string name = wire_string(&cursor);

    return !cursor.failed && name.size == strlen("args") && memcmp(name.bytes, "args", 4) == 0;
}

/* Copies all but what tells arguments to `kept`; how many records were left out. What is no
 * record stays: readers stop there. */
static uint32_t leave_args_out(const uint8_t *payload, size_t size, uint8_t *kept, size_t *left)
{
    struct wire_cursor cursor = wire_cursor_at(payload, size);
    uint32_t out = 0;

    *left = 0;
    while (wire_left(&cursor) > 0) {
        const uint8_t *record = cursor.at;
        uint64_t tag = wire_varint(&cursor);
        struct wire_string body = wire_string(&cursor);
        const uint8_t *end = cursor.failed ? payload + size : cursor.at;
        if (!cursor.failed && tag == TRACE_PROPERTY && holds_args(body.bytes, body.size)) {
            out++;
            continue;
        }
        memcpy(kept + *left, record, (size_t)(end - record));
        *left += (size_t)(end - record);
        cursor.at = end;
    }
    return out;
}

static void write_as_it_is(struct cleaner *cleaner, const struct trace_chunk_header *header,
                           const uint8_t *frame)
{
    struct trace_chunk_header clean = *header;

    clean.header_hash = trace_chunk_hash(&clean, offsetof(struct trace_chunk_header, header_hash));
    fwrite(&clean, sizeof(clean), 1, cleaner->out);
    fwrite(frame, 1, clean.compressed_size, cleaner->out);
}

static void write_anew(struct cleaner *cleaner, const struct trace_chunk_header *header,
                       size_t size, uint32_t records)
{
    const uint8_t *chunk;
    size_t chunk_size;

    cleaner->packer.sequence = header->sequence;
    if (trace_packer_pack(&cleaner->packer, cleaner->kept, size, records, header->flags,
                          header->time_first, header->time_last, &chunk, &chunk_size) != 0)
        memory_exhausted();
    fwrite(chunk, 1, chunk_size, cleaner->out);
}

static void on_chunk(void *context, const struct trace_chunk_header *header, const uint8_t *frame,
                     const uint8_t *payload, bool lost)
{
    struct cleaner *cleaner = context;
    struct trace_chunk_header clean = *header;
    uint32_t left_out = 0;
    size_t size = 0;

    clean.sequence = cleaner->sequence++;
    clean.flags |= lost ? TRACE_CHUNK_GAP : 0;
    if (!cleaner->keep_args) {
        if (clean.raw_size > cleaner->capacity)
            cleaner->kept = memory_resize(cleaner->kept, clean.raw_size);
        cleaner->capacity = clean.raw_size > cleaner->capacity ? clean.raw_size : cleaner->capacity;
        left_out = leave_args_out(payload, clean.raw_size, cleaner->kept, &size);
    }
    uint32_t records = clean.records > left_out ? clean.records - left_out : 0;
    if (left_out > 0)
        write_anew(cleaner, &clean, size, records);
    else
        write_as_it_is(cleaner, &clean, frame);
}

int trace_clean(const char *path, FILE *out, bool keep_args, struct problem *problem)
{
    struct cleaner cleaner = {.out = out, .keep_args = keep_args};
    const struct trace_visitor visitor = {.context = &cleaner, .chunk = on_chunk};
    struct trace_summary summary;

    if (trace_packer_init(&cleaner.packer) != 0)
        memory_exhausted();
    int status = trace_read(path, &visitor, &summary, problem);
    trace_packer_release(&cleaner.packer);
    free(cleaner.kept);
    return status;
}
