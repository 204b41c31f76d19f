/* The files of a trace: read in their order, whichever are there. */
#include "analyzer/trace/trace_files.h"

#include "analyzer/trace/trace_reader.h"
#include "tests/unit/scratch.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>
#include <unistd.h>

TestSuite(trace_files, .init = scratch_init, .fini = scratch_release);

static struct problem problem;

/* A part of `count` chunks from number `sequence` on, of an epoch. */
static void make_part(const char *name, uint32_t sequence, uint32_t count)
{
    struct bytes file = {0}, payload = {0};
    FILE *out = fopen(name, "w");

    for (uint32_t i = 0; i < count; i++) {
        struct bytes body = {0};
        put_varint(&body, sequence * 10ull);
        if (i == 0)
            put_record(&payload, 16, &body);
        make_property(&payload, "comm", name);
        make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, i == 0, sequence + i});
        bytes_free(&body);
    }
    fwrite(file.at, 1, file.size, out);
    fclose(out);
    bytes_free(&file);
}

static char seen[256];

static void on_property(void *context, const char *name, const char *value, size_t size)
{
    (void)context, (void)name, (void)size;
    strcat(strcat(seen, value), " ");
}

static struct trace_summary read_all(void)
{
    const struct trace_visitor visitor = {.property = on_property};
    struct trace_summary summary;

    cr_assert_eq(trace_read("t.pinj", &visitor, &summary, &problem), 0, "%s", problem.text);
    return summary;
}

Test(trace_files, one_alone)
{
    make_part("t.pinj", 0, 2);
    struct trace_summary summary = read_all();
    cr_assert_str_eq(seen, "t.pinj t.pinj ");
    cr_assert(summary.chunks == 2 && summary.chunks_before == 0 && summary.records_before == 0);
}

Test(trace_files, parts_by_their_first_chunks)
{
    make_part("t.pinj", 12, 3);
    make_part("t.pinj.1", 15, 1);
    make_part("t.pinj.2", 7, 2);
    make_part("t.pinj.3", 9, 3);
    struct trace_summary summary = read_all();
    cr_assert_str_eq(seen, "t.pinj.2 t.pinj.2 t.pinj.3 t.pinj.3 t.pinj.3 t.pinj t.pinj t.pinj "
                           "t.pinj.1 ");
    cr_assert(summary.chunks == 9 && summary.chunks_damaged == 0);
    cr_assert(summary.chunks_before == 7 && summary.records_before == 70);
}

Test(trace_files, a_part_just_begun_is_empty)
{
    make_part("t.pinj.1", 3, 2);
    scratch_write("t.pinj", "");
    struct trace_summary summary = read_all();
    cr_assert(summary.chunks == 2 && summary.chunks_before == 3 && summary.chunks_damaged == 0);
}

Test(trace_files, a_part_whose_first_chunk_is_damaged_keeps_its_place)
{
    make_part("t.pinj", 3, 1);
    make_part("t.pinj.1", 4, 3);
    FILE *part = fopen("t.pinj.1", "r+");
    fputs("XXXXXXXX", part);
    fclose(part);
    struct trace_summary summary = read_all();
    cr_assert_eq(summary.chunks, 3);
    cr_assert_eq(summary.chunks_damaged, 1);
    cr_assert(summary.gap_count == 1 && summary.gaps[0].chunks == 1);
}

Test(trace_files, nothing_but_empty_files_is_no_trace)
{
    struct trace_files files;

    scratch_write("t.pinj", "");
    scratch_write("t.pinj.1", "");
    cr_assert_eq(trace_files_open(&files, "t.pinj", &problem), PROBLEM_DATA);
    cr_assert_eq(trace_files_open(&files, "other.pinj", &problem), PROBLEM_SYSTEM);
}
