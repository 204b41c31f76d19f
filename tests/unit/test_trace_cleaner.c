/* A cleaned trace is sound, and holds what the damaged one did. */
#include "analyzer/trace/trace_cleaner.h"

#include "analyzer/trace/trace_reader.h"
#include "tests/unit/scratch.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>

static struct trace_summary summary;
static struct problem problem;
static unsigned samples, lost_chunks;
static uint32_t records; /* of the last chunk, as it says */

TestSuite(trace_cleaner, .init = scratch_init, .fini = scratch_release);

static void on_sample(void *context, const struct trace_sample *sample)
{
    (void)context;
    (void)sample;
    samples++;
}

static void on_chunk(void *context, const struct trace_chunk_header *header, const uint8_t *frame,
                     const uint8_t *payload, bool lost)
{
    (void)context;
    (void)frame;
    (void)payload;
    (void)lost;
    lost_chunks += (header->flags & TRACE_CHUNK_GAP) != 0;
    records = header->records;
}

static void write_file(const char *name, const struct bytes *file)
{
    FILE *out = fopen(name, "w");

    fwrite(file->at, 1, file->size, out);
    fclose(out);
}

static int read_file(const char *name)
{
    samples = lost_chunks = 0;
    return trace_read(name, &(struct trace_visitor){.sample = on_sample, .chunk = on_chunk},
                      &summary, &problem);
}

static int clean_to(const char *from, const char *to, bool keep_args)
{
    FILE *out = fopen(to, "w");
    int status = trace_clean(from, out, keep_args, &problem);

    fclose(out);
    return status;
}

static int clean(const char *from, const char *to)
{
    return clean_to(from, to, true);
}

Test(trace_cleaner, what_was_sound_is_there_and_numbered_anew)
{
    struct bytes file = made_trace();
    unsigned damaged_samples;

    file.at[300] ^= 1;
    write_file("damaged.pinj", &file);
    cr_assert_eq(read_file("damaged.pinj"), 0);
    damaged_samples = samples;
    uint64_t sound = summary.chunks;
    cr_assert_gt(summary.chunks_damaged, 0);
    cr_assert_eq(clean("damaged.pinj", "clean.pinj"), 0);
    cr_assert_eq(read_file("clean.pinj"), 0);
    cr_assert_eq(summary.chunks, sound);
    cr_assert_eq(summary.chunks_damaged + summary.bytes_skipped, 0);
    cr_assert_eq(samples, damaged_samples);
    cr_assert_eq(lost_chunks, 1);
    bytes_free(&file);
}

Test(trace_cleaner, a_sound_trace_stays_as_it_is)
{
    struct bytes file = made_trace();
    char same[1 << 16];

    write_file("sound.pinj", &file);
    cr_assert_eq(clean("sound.pinj", "clean.pinj"), 0);
    FILE *in = fopen("clean.pinj", "r");
    cr_assert_eq(fread(same, 1, sizeof(same), in), file.size);
    fclose(in);
    cr_assert_arr_eq(same, file.at, file.size);
    bytes_free(&file);
}

/* Older traces do not count properties, and others may say what they like. */
Test(trace_cleaner, arguments_left_out_of_a_chunk_that_counts_none_leave_none)
{
    struct bytes file = {0}, payload = {0};

    make_property(&payload, "comm", "me");
    make_property(&payload, "args", "a secret");
    make_chunk(&file, &payload,
               (struct made_chunk){.version = MADE_VERSION, .flags = TRACE_CHUNK_EPOCH});
    write_file("args.pinj", &file);
    cr_assert_eq(read_file("args.pinj"), 0);
    cr_assert_eq(records, 0);
    cr_assert_eq(clean_to("args.pinj", "clean.pinj", false), 0);
    cr_assert_eq(read_file("clean.pinj"), 0);
    cr_expect_eq(summary.chunks, 1);
    cr_expect_eq(records, 0, "%u", records);
    bytes_free(&file);
}

Test(trace_cleaner, what_is_no_trace_is_a_problem)
{
    scratch_write("text", "nothing of the kind");
    cr_assert_eq(clean("text", "clean.pinj"), PROBLEM_DATA);
}
