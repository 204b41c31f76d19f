/* Whole files: sound, damaged, cut, of another kind, and at random. */
#include "analyzer/trace/trace_reader.h"
#include "tests/unit/randomness.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>
#include <unistd.h>

static char path[] = "/tmp/trace_reader.XXXXXX";
static struct trace_summary summary;
static struct problem problem;
static uint64_t samples, weights;

static void on_sample(void *context, const struct trace_sample *sample)
{
    (void)context;
    samples++;
    weights += sample->weight;
}

static void start(void)
{
    close(mkstemp(path));
}

static void stop(void)
{
    unlink(path);
}

static int read_bytes(const void *bytes, size_t size)
{
    const struct trace_visitor visitor = {.sample = on_sample};
    struct bytes file = {(uint8_t *)(uintptr_t)bytes, size, 0};

    make_file(path, &file);
    samples = weights = 0;
    problem = (struct problem){0};
    return trace_read(path, &visitor, &summary, &problem);
}

static void find_chunks(const struct bytes *file, size_t *offsets)
{
    size_t count = 0;

    for (size_t at = 0; at < file->size; count++) {
        uint32_t size;
        memcpy(&size, file->at + at + 32, sizeof(size));
        offsets[count] = at;
        at += 72 + size;
    }
    offsets[count] = file->size;
}

TestSuite(trace_reader, .init = start, .fini = stop);

Test(trace_reader, a_sound_trace)
{
    struct bytes file = made_trace();

    cr_assert_eq(read_bytes(file.at, file.size), 0);
    cr_assert_eq(summary.bytes, file.size);
    cr_assert_eq(summary.chunks, MADE_TRACE_CHUNKS);
    cr_assert_eq(summary.chunks_damaged, 0);
    cr_assert_eq(summary.bytes_skipped, 0);
    cr_assert_eq(summary.records_dropped + summary.samples_dropped, 0);
    cr_assert_eq(summary.recovered_records, 0);
    cr_assert_eq(summary.time_first, 1000);
    cr_assert_eq(summary.time_last, 2003);
    cr_assert_not(summary.truncated);
    cr_assert_eq(samples, 6);
    cr_assert_eq(weights, 4 + 4 + 2 + 1 + 1 + 8);
    bytes_free(&file);
}

Test(trace_reader, a_lost_chunk_costs_its_own_samples)
{
    struct bytes file = made_trace();
    size_t at[MADE_TRACE_CHUNKS + 1];

    find_chunks(&file, at);
    file.at[at[1] + 80] ^= 4;
    cr_assert_eq(read_bytes(file.at, file.size), 0);
    cr_assert_eq(summary.chunks, 3);
    cr_assert_eq(summary.chunks_damaged, 1);
    cr_assert_eq(samples, 1, "the second epoch stands by itself");
    cr_assert_gt(summary.recovered_records, 0);
    cr_assert_eq(summary.samples_dropped, 0);
    bytes_free(&file);
}

Test(trace_reader, a_missing_chunk_is_seen_by_its_number)
{
    struct bytes file = made_trace();
    struct bytes cut = {0};
    size_t at[MADE_TRACE_CHUNKS + 1];

    find_chunks(&file, at);
    put(&cut, file.at, at[2]);
    put(&cut, file.at + at[3], at[4] - at[3]);
    cr_assert_eq(read_bytes(cut.at, cut.size), 0);
    cr_assert_eq(summary.chunks, 3);
    cr_assert_eq(summary.chunks_damaged, 1);
    cr_assert_eq(samples, 5);
    cr_assert_eq(summary.samples_dropped, 1, "of the epoch whose definitions are gone");
    bytes_free(&cut);
    bytes_free(&file);
}

Test(trace_reader, dropping_whole_epochs_leaves_a_sound_trace)
{
    struct bytes file = made_trace();
    size_t at[MADE_TRACE_CHUNKS + 1];

    find_chunks(&file, at);
    cr_assert_eq(read_bytes(file.at + at[2], file.size - at[2]), 0);
    cr_assert_eq(summary.chunks, 2);
    cr_assert_eq(summary.chunks_damaged, 0);
    cr_assert_eq(samples, 1);
    bytes_free(&file);
}

Test(trace_reader, a_chunk_that_comes_again_counts_once)
{
    struct bytes file = made_trace();
    size_t at[MADE_TRACE_CHUNKS + 1];

    find_chunks(&file, at);
    put(&file, file.at + at[1], at[2] - at[1]);
    cr_assert_eq(read_bytes(file.at, file.size), 0);
    cr_assert_eq(samples, 6);
    cr_assert_eq(summary.chunks_damaged, 1);
    bytes_free(&file);
}

/* As a writer leaves it that could not take the beginning of a chunk back. */
Test(trace_reader, a_chunk_torn_and_then_whole_is_not_lost)
{
    struct bytes file = made_trace();
    struct bytes torn = {0};
    size_t at[MADE_TRACE_CHUNKS + 1];

    find_chunks(&file, at);
    for (int i = 0; i < MADE_TRACE_CHUNKS; i++) {
        put(&torn, file.at, at[i] + 75);
        put(&torn, file.at + at[i], file.size - at[i]);
        cr_assert_eq(read_bytes(torn.at, torn.size), 0);
        cr_assert_eq(summary.chunks, MADE_TRACE_CHUNKS);
        cr_assert_eq(summary.chunks_damaged, 0);
        cr_assert_eq(samples, 6, "torn in chunk %d", i);
        cr_assert_eq(summary.samples_dropped, 0);
        bytes_free(&torn);
    }
    bytes_free(&file);
}

Test(trace_reader, every_truncation_keeps_the_chunks_before_it)
{
    struct bytes file = made_trace();
    size_t at[MADE_TRACE_CHUNKS + 1];

    find_chunks(&file, at);
    for (size_t size = 1; size < file.size; size++) {
        unsigned whole = 0;
        while (at[whole + 1] <= size)
            whole++;
        int status = read_bytes(file.at, size);
        cr_assert_eq(status, whole > 0 ? 0 : PROBLEM_DATA, "cut at %zu", size);
        cr_assert_eq(summary.chunks, whole);
        cr_assert_eq(summary.truncated, at[whole] != size, "cut at %zu", size);
    }
    bytes_free(&file);
}

Test(trace_reader, what_is_no_trace_is_named)
{
    struct bytes file = made_trace();

    cr_assert_eq(read_bytes("just text\n", 10), PROBLEM_DATA);
    cr_assert(strstr(problem.text, "not a profinject trace"));
    cr_assert_eq(read_bytes("", 0), PROBLEM_DATA);
    cr_assert(strstr(problem.text, "not a profinject trace"));
    cr_assert_eq(read_bytes(file.at, 60), PROBLEM_DATA);
    cr_assert(strstr(problem.text, "cut off"));
    unlink(path);
    cr_assert_eq(trace_read(path, &(struct trace_visitor){0}, &summary, &problem), PROBLEM_SYSTEM);
    cr_assert(strstr(problem.text, "No such file"));
    cr_assert_eq(trace_read("/tmp", &(struct trace_visitor){0}, &summary, &problem), PROBLEM_DATA);
    cr_assert(strstr(problem.text, "not a regular file"));
    bytes_free(&file);
}

Test(trace_reader, a_trace_of_another_version_is_named)
{
    struct bytes file = {0};
    struct bytes payload = {0};

    make_property(&payload, "comm", "x");
    make_chunk(&file, &payload, (struct made_chunk){7, 1, 0});
    cr_assert_eq(read_bytes(file.at, file.size), PROBLEM_DATA);
    cr_assert(strstr(problem.text, "a newer profinject (trace version 7"));
    bytes_free(&file);
    make_property(&payload, "comm", "x");
    make_chunk(&file, &payload, (struct made_chunk){1, 1, 0});
    cr_assert_eq(read_bytes(file.at, file.size), PROBLEM_DATA);
    cr_assert(strstr(problem.text, "an older profinject (trace version 1"));
    bytes_free(&file);
}

static void mutate(struct bytes *file)
{
    uint32_t at = random_below((uint32_t)file->size);
    uint32_t length = 1 + random_below((uint32_t)file->size - at);

    switch (random_below(4)) {
    case 0:
        file->at[at] ^= (uint8_t)(1u << random_below(8));
        break;
    case 1:
        file->size = at + 1;
        break;
    case 2: /* a piece is missing */
        memmove(file->at + at, file->at + at + length, file->size - at - length);
        file->size = file->size - length + (file->size == length);
        break;
    default: { /* a piece is there twice */
        uint8_t *piece = malloc(length);
        memcpy(piece, file->at + at, length);
        put(file, piece, length);
        free(piece);
    }
    }
}

Test(trace_reader, damaged_files_are_survived)
{
    for (int round = 0; round < 3000; round++) {
        struct bytes file = made_trace();
        for (uint32_t times = 1 + random_below(4); times > 0; times--)
            mutate(&file);
        int status = read_bytes(file.at, file.size);
        cr_assert(status == 0 ? summary.chunks > 0 : problem.text[0] != '\0');
        cr_assert_leq(samples, 6);
        cr_assert_leq(weights, 20);
        bytes_free(&file);
    }
}

/* The same bytes behind right hashes: what decoding alone has to survive. */
Test(trace_reader, damaged_payloads_are_survived)
{
    for (int round = 0; round < 3000; round++) {
        struct bytes file = {0};
        struct bytes payload = made_payload();
        for (uint32_t times = 1 + random_below(6); times > 0; times--)
            mutate(&payload);
        make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 0});
        cr_assert_eq(read_bytes(file.at, file.size), 0);
        bytes_free(&file);
    }
}
