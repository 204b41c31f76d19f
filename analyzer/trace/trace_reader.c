/*
 * From a file to visited records: opening, the sequence of chunks, epochs and
 * gaps. Its own file because scanning and decoding each know nothing of the file
 * as a whole.
 */
#include "analyzer/trace/trace_reader.h"

#include "analyzer/trace/chunk_scanner.h"
#include "analyzer/trace/record_decoder.h"
#include "analyzer/trace/trace_files.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

#define GIVE_BACK ((size_t)16 << 20) /* at a time; a multiple of any page's size */

struct reading {
    struct chunk_scanner scanner;
    struct record_decoder decoder;
    struct trace_summary *summary;
    uint64_t expected; /* sequence of the next sound chunk */
    uint64_t epoch;    /* the last sound chunk's, 0: not told */
    uint64_t last_ns;  /* of that chunk */
    /* The header of the one expected, met without its frame: lost, unless the chunk comes
     * again, as after a write that failed and then did not. No magic: none. */
    struct trace_chunk_header torn;
    bool in_gap;            /* chunks behind the last sound one are lost */
    bool started;           /* a sound header was met */
    uint32_t other_version; /* of a chunk that cannot be read, TRACE_VERSION: none */
};

static uint64_t epoch_of(const struct trace_chunk_header *header)
{
    return header->flags >> TRACE_CHUNK_EPOCH_SHIFT;
}

/* Chunks that cannot be read, behind the last sound one. */
static void add_to_gap(struct reading *reading, uint64_t chunks, uint64_t records, uint64_t untold)
{
    struct trace_summary *summary = reading->summary;

    if (!reading->in_gap && summary->gap_count < TRACE_GAPS)
        summary->gaps[summary->gap_count++] = (struct trace_gap){.from_ns = reading->last_ns};
    struct trace_gap *gap = &summary->gaps[summary->gap_count - 1];
    reading->in_gap = true;
    gap->chunks += chunks;
    gap->records += records;
    gap->untold += untold;
    gap->to_ns = 0;
}

/* A sound chunk ends the gap before it. */
static void end_gap(struct reading *reading, const struct trace_chunk_header *header)
{
    struct trace_summary *summary = reading->summary;

    if (reading->in_gap)
        summary->gaps[summary->gap_count - 1].to_ns = header->time_first;
    reading->in_gap = false;
    if (header->time_last > reading->last_ns)
        reading->last_ns = header->time_last;
}

static bool starts_epoch(const struct trace_chunk_header *header)
{
    bool first = header->sequence == 0 && (header->flags & TRACE_CHUNK_GAP) == 0;

    return (header->flags & TRACE_CHUNK_EPOCH) != 0 || first;
}

static enum decoder_loss loss_before(const struct reading *reading,
                                     const struct trace_chunk_header *header)
{
    bool same = epoch_of(header) != 0 && epoch_of(header) == reading->epoch;

    return same ? LOSS_DEFINITIONS : LOSS_EPOCH;
}

/* Those from the one expected on do not come. */
static void lose_chunks(struct reading *reading, uint64_t missing)
{
    bool torn = reading->torn.skippable_magic != 0;

    reading->summary->chunks_damaged += missing;
    add_to_gap(reading, missing, torn ? reading->torn.records : 0, missing - torn);
    reading->torn.skippable_magic = 0;
}

/* Settles what lies between the sound chunk before and `header`. False when the chunk
 * is not to be used: it was there already. */
static bool follow_sequence(struct reading *reading, const struct trace_chunk_header *header,
                            bool at_start)
{
    bool first = !reading->started;

    reading->started = true;
    if (!first && header->sequence < reading->expected) {
        reading->summary->chunks_damaged++;
        return false;
    }
    /* A trace whose first epochs were dropped on purpose begins with an epoch. */
    if (first && at_start && starts_epoch(header))
        reading->expected = reading->summary->chunks_before = header->sequence;
    uint64_t missing = header->sequence - reading->expected;
    if (missing > 0) {
        bool no_epoch =
            missing == 1 && reading->torn.skippable_magic != 0 && !starts_epoch(&reading->torn);
        record_decoder_lost(&reading->decoder,
                            no_epoch ? LOSS_DEFINITIONS : loss_before(reading, header));
        lose_chunks(reading, missing);
    }
    reading->expected = header->sequence;
    return true;
}

static void widen_times(struct trace_summary *summary, const struct trace_chunk_header *header)
{
    if (summary->time_first == 0 || header->time_first < summary->time_first)
        summary->time_first = header->time_first;
    if (header->time_last > summary->time_last)
        summary->time_last = header->time_last;
}

/* A sound one, the one expected. */
static void begin_chunk(struct reading *reading, const struct trace_chunk_header *header)
{
    reading->torn.skippable_magic = 0;
    reading->expected++;
    if (starts_epoch(header))
        record_decoder_epoch(&reading->decoder);
    else if ((header->flags & TRACE_CHUNK_GAP) != 0)
        record_decoder_lost(&reading->decoder, loss_before(reading, header));
    reading->epoch = epoch_of(header);
}

static void read_chunk(struct reading *reading, const struct chunk *chunk, enum chunk_state state,
                       bool at_start)
{
    const struct trace_visitor *visitor = reading->decoder.visitor;

    if (!follow_sequence(reading, &chunk->header, at_start))
        return;
    if (state == CHUNK_SOUND) {
        begin_chunk(reading, &chunk->header);
        reading->summary->chunks++;
        widen_times(reading->summary, &chunk->header);
        if (visitor->chunk != NULL)
            visitor->chunk(visitor->context, &chunk->header, chunk->frame, chunk->payload,
                           reading->in_gap);
        end_gap(reading, &chunk->header);
        record_decoder_payload(&reading->decoder, chunk->payload, chunk->header.raw_size);
        return;
    }
    reading->torn = chunk->header;
    if (state == CHUNK_OTHER)
        reading->other_version = chunk->header.version;
}

/* What was read of the file is resident until it is given back: of a large one only the
 * part that is being read is to count. It stays in the page cache. */
static void give_back(const struct chunk_scanner *scanner, size_t *given)
{
    size_t end = scanner->offset / GIVE_BACK * GIVE_BACK;

    if (end > *given)
        madvise((void *)(uintptr_t)(scanner->bytes + *given), end - *given, MADV_DONTNEED);
    *given = end > *given ? end : *given;
}

static bool has_enough(const struct reading *reading)
{
    return reading->decoder.visitor->first_chunk_only && reading->summary->chunks > 0;
}

/* Of one file; `first`: there is none before it. */
static void read_chunks(struct reading *reading, const struct trace_file *file, bool first)
{
    struct chunk_scanner *scanner = &reading->scanner;
    struct chunk chunk;
    enum chunk_state state;
    size_t given = 0;

    reading->summary->bytes_sound = 0;
    chunk_scanner_init(scanner, file->bytes, file->size);
    do {
        bool at_start = first && scanner->offset == 0;
        state = chunk_scanner_next(scanner, &chunk);
        at_start = at_start && scanner->bytes_skipped == 0;
        if (state != CHUNK_END)
            read_chunk(reading, &chunk, state, at_start);
        if (state == CHUNK_SOUND)
            reading->summary->bytes_sound = scanner->offset;
        give_back(scanner, &given);
    } while (state != CHUNK_END && !has_enough(reading));
    reading->summary->bytes_skipped += scanner->bytes_skipped;
    reading->summary->truncated = scanner->truncated;
    chunk_scanner_release(scanner);
}

static void read_files(struct reading *reading, const struct trace_files *files)
{
    for (size_t i = 0; i < files->count && !has_enough(reading); i++) {
        reading->summary->bytes += files->items[i].size;
        read_chunks(reading, &files->items[i], i == 0);
    }
    if (reading->torn.skippable_magic != 0)
        lose_chunks(reading, 1);
}

/* What is wrong with a file in which nothing could be read. */
static int nothing_sound(const struct reading *reading, const char *path, struct problem *problem)
{
    const struct trace_summary *summary = reading->summary;

    if (reading->other_version != TRACE_VERSION)
        return problem_set(problem, PROBLEM_DATA,
                           "cannot read '%s': made by %s profinject (trace version %" PRIu32
                           ", this one reads %u)",
                           path, reading->other_version > TRACE_VERSION ? "a newer" : "an older",
                           reading->other_version, TRACE_VERSION);
    if (summary->truncated && summary->chunks_damaged <= 1)
        return problem_set(problem, PROBLEM_DATA,
                           "cannot read '%s': cut off inside its first chunk", path);
    if (reading->started)
        return problem_set(problem, PROBLEM_DATA,
                           "cannot read '%s': damaged, none of its %" PRIu64 " chunks is sound",
                           path, summary->chunks_damaged);
    return problem_set(problem, PROBLEM_DATA, "cannot read '%s': not a profinject trace", path);
}

int trace_read(const char *path, const struct trace_visitor *visitor, struct trace_summary *summary,
               struct problem *problem)
{
    struct reading reading = {.summary = summary, .other_version = TRACE_VERSION};
    struct trace_files files;

    memset(summary, 0, sizeof(*summary));
    int status = trace_files_open(&files, path, problem);
    if (status != 0)
        return status;
    record_decoder_init(&reading.decoder, visitor, summary);
    read_files(&reading, &files);
    if (summary->chunks == 0)
        status = nothing_sound(&reading, path, problem);
    record_decoder_release(&reading.decoder);
    trace_files_close(&files);
    return status;
}

void trace_read_records(const uint8_t *bytes, size_t size, const struct trace_visitor *visitor,
                        struct trace_summary *summary)
{
    struct record_decoder decoder;

    record_decoder_init(&decoder, visitor, summary);
    record_decoder_epoch(&decoder);
    record_decoder_payload(&decoder, bytes, size);
    record_decoder_release(&decoder);
}
