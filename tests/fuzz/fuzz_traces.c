/*
 * Traces as a report reads them: through the reader and the decoder into the profile, heap
 * replay, leak scan and all, without symbols. The input is a list of payloads, a byte of
 * flags and two of length before each, and becomes a trace whose chunks are sound.
 */
#include "analyzer/load/load.h"
#include "analyzer/model/convoys.h"
#include "analyzer/model/io_table.h"
#include "analyzer/model/lock_order.h"
#include "analyzer/model/time_shares.h"
#include "analyzer/model/wake_chains.h"
#include "preload/contract/trace_chunk.h"
#include "tests/fuzz/fuzz.h"

#include <sys/prctl.h>

int LLVMFuzzerInitialize(int *count, char ***arguments);

#define EPOCH 1u
#define MISSING_BEFORE 2u
#define DAMAGED 4u
#define FRAME 16u /* bytes of a stored frame around its contents */

struct trace {
    uint8_t *bytes;
    size_t size;
    uint32_t sequence;
};

/* A zstd frame of one raw block. */
static size_t store(uint8_t *to, const uint8_t *payload, size_t size)
{
    const uint32_t magic = 0xFD2FB528, content = (uint32_t)size, block = content << 3 | 1;
    const uint32_t sum = (uint32_t)trace_chunk_hash(payload, size);
    uint8_t *at = mempcpy(to, &magic, 4);

    *at++ = 0xA4;
    at = mempcpy(at, &content, 4);
    at = mempcpy(at, &block, 3);
    at = mempcpy(at, payload, size);
    return (size_t)((uint8_t *)mempcpy(at, &sum, 4) - to);
}

static void add(struct trace *trace, unsigned flags, const uint8_t *payload, size_t size)
{
    struct trace_chunk_header header = {.skippable_magic = TRACE_SKIPPABLE_MAGIC,
                                        .skippable_size = sizeof(header) - 8,
                                        .version = TRACE_VERSION,
                                        .flags = flags & EPOCH ? TRACE_CHUNK_EPOCH : 0,
                                        .raw_size = (uint32_t)size,
                                        .time_first = 1000000,
                                        .time_last = 2000000};
    uint8_t *frame = trace->bytes + trace->size + sizeof(header);

    trace->sequence += flags & MISSING_BEFORE ? 1 : 0;
    header.sequence = trace->sequence++;
    memcpy(header.signature, TRACE_SIGNATURE, sizeof(header.signature));
    header.compressed_size = (uint32_t)store(frame, payload, size);
    header.frame_hash = trace_chunk_hash(frame, header.compressed_size) ^ (flags & DAMAGED);
    header.header_hash =
        trace_chunk_hash(&header, offsetof(struct trace_chunk_header, header_hash));
    memcpy(trace->bytes + trace->size, &header, sizeof(header));
    trace->size += sizeof(header) + header.compressed_size;
}

/* What reports find out of them. */
static void look_at_waits(const struct profile *profile)
{
    struct time_shares shares;
    struct convoys convoys;
    struct lock_order order;
    struct wake_chains chains;
    struct io_table table;

    time_shares_init(&shares, profile);
    convoys_init(&convoys, profile);
    lock_order_init(&order, profile);
    wake_chains_init(&chains, profile);
    io_table_init(&table, profile);
    io_table_release(&table);
    wake_chains_release(&chains);
    lock_order_release(&order);
    convoys_release(&convoys);
    time_shares_release(&shares);
}

/* Points are in order, and means lie between the least and the most. */
static void look_at_resources(const struct profile *profile)
{
    double cells[16];

    for (size_t i = 0; i < profile->resources.count; i++) {
        const struct resource_series *series = &profile->resources.series[i];
        for (size_t p = 1; p < series->count; p++)
            if (series->points[p].time_ns <= series->points[p - 1].time_ns)
                abort();
        struct resource_summary sum = resource_summarise(series, 0, UINT64_MAX);
        if (sum.known_s > 0 && sum.least > sum.most)
            abort();
        resource_resample(series, 1000000, 1000000, 16, cells);
    }
    for (size_t i = 0; i < profile->entries.count; i++)
        if (entries_value(&profile->entries, i, METRIC_THROTTLED_CPU) >
            entries_value(&profile->entries, i, METRIC_CPU))
            abort();
}

static void load(const struct trace *trace)
{
    const struct load_options options = {.no_symbols = true, .leaks = true, .samples = true};
    const char *path = fuzz_file(trace->bytes, trace->size);
    struct profile *profile = NULL;
    struct problem problem;

    if (load_profile(&path, 1, &options, &profile, &problem) != 0)
        return;
    look_at_waits(profile);
    look_at_resources(profile);
    profile_free(profile);
}

/* Clearing large pages for tables that stay empty would take most of the time. */
int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    (void)count;
    (void)arguments;
    return prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trace trace = {malloc(size * (sizeof(struct trace_chunk_header) + FRAME + 1) + 1), 0, 0};

    while (size >= 3) {
        unsigned flags = data[0];
        size_t length = data[1] | (size_t)data[2] << 8;
        data += 3, size -= 3;
        length = length < size ? length : size;
        add(&trace, flags, data, length);
        data += length, size -= length;
    }
    if (trace.size > 0)
        load(&trace);
    free(trace.bytes);
    return 0;
}
