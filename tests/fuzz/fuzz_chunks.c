/*
 * Whole files, as they come: chunks, what lies between them, resynchronisation; and the clean
 * traces that are made of them. The mutator mends hashes again, most of the time: few mutants
 * would come past them otherwise.
 */
#include "analyzer/trace/trace_cleaner.h"
#include "analyzer/trace/trace_reader.h"
#include "preload/contract/trace_chunk.h"
#include "tests/fuzz/fuzz.h"

#include <stddef.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

#define HEADER sizeof(struct trace_chunk_header)

/* Makes what begins like a header one, of the frame behind it. */
static void mend(uint8_t *at, size_t left, bool frames)
{
    struct trace_chunk_header header;

    memcpy(&header, at, HEADER);
    if (frames && header.compressed_size <= left - HEADER)
        header.frame_hash = trace_chunk_hash(at + HEADER, header.compressed_size);
    header.header_hash =
        trace_chunk_hash(&header, offsetof(struct trace_chunk_header, header_hash));
    memcpy(at, &header, HEADER);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, max_size);
    for (size_t at = 0; seed % 8 != 0 && at + HEADER <= size; at++)
        if (memcmp(data + at + 8, TRACE_SIGNATURE, 8) == 0)
            mend(data + at, size - at, seed % 8 != 1);
    return size;
}

static void on_property(void *context, const char *name, const char *value, size_t size)
{
    (void)context;
    fuzz_touch(name, strlen(name));
    fuzz_touch(value, size);
}

/* In what is made of a trace that can be read lies all that is sound there, and nothing else. */
static void check_clean(const char *trace, bool keep_args, uint64_t chunks)
{
    static char path[FUZZ_PATH];
    const struct trace_visitor visitor = {.property = on_property};
    struct trace_summary summary;
    struct problem problem;

    if (*path == '\0')
        fuzz_memory(path);
    FILE *out = fopen(path, "we");
    if (out == NULL || trace_clean(trace, out, keep_args, &problem) != 0 || fclose(out) != 0 ||
        trace_read(path, &visitor, &summary, &problem) != 0)
        abort();
    if (summary.chunks != chunks || summary.chunks_damaged > 0 || summary.bytes_skipped > 0 ||
        summary.truncated)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct trace_visitor visitor = {.property = on_property};
    struct trace_summary summary;
    struct problem problem;

    const char *path = fuzz_file(data, size);
    int status = trace_read(path, &visitor, &summary, &problem);
    if (summary.bytes_skipped > size || summary.chunks > size / HEADER)
        abort();
    if (status == 0)
        check_clean(path, size % 2, summary.chunks);
    return 0;
}
