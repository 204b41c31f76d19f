/* Chunks are found and unpacked, over damage of every kind. */
#include "analyzer/trace/chunk_scanner.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>

#define HEADER 72

/* Three chunks of which the second has a frame that does not compress. */
static struct bytes three_chunks(size_t *second, size_t *third)
{
    struct bytes file = {0};
    struct bytes payload = {0};

    put(&payload, "first", 5);
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 0});
    *second = file.size;
    for (uint32_t i = 0, word = 1; i < 1000; i++, word = word * 1664525 + 1013904223)
        put_u32(&payload, word);
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 0, 1});
    *third = file.size;
    put(&payload, "third", 5);
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 0, 2});
    return file;
}

/* Scans all; writes one letter per chunk (S sound, D damaged, N newer) and the
 * scanner's findings. */
static void scan(const struct bytes *file, char *states, struct chunk_scanner *scanner)
{
    struct chunk chunk;
    enum chunk_state state;

    chunk_scanner_init(scanner, file->at, file->size);
    while ((state = chunk_scanner_next(scanner, &chunk)) != CHUNK_END)
        *states++ = "ESDO"[state];
    *states = '\0';
    chunk_scanner_release(scanner);
}

Test(chunk_scanner, payloads_come_out_as_they_went_in)
{
    size_t second, third;
    struct bytes file = three_chunks(&second, &third);
    struct chunk_scanner scanner;
    struct chunk chunk;

    chunk_scanner_init(&scanner, file.at, file.size);
    cr_assert_eq(chunk_scanner_next(&scanner, &chunk), CHUNK_SOUND);
    cr_assert_eq(chunk.header.sequence, 0);
    cr_assert_eq(chunk.header.flags, TRACE_CHUNK_EPOCH);
    cr_assert_arr_eq(chunk.payload, "first", 5);
    cr_assert_eq(chunk_scanner_next(&scanner, &chunk), CHUNK_SOUND);
    cr_assert_eq(chunk.header.raw_size, 4000);
    cr_assert_eq(chunk_scanner_next(&scanner, &chunk), CHUNK_SOUND);
    cr_assert_arr_eq(chunk.payload, "third", 5);
    cr_assert_eq(chunk_scanner_next(&scanner, &chunk), CHUNK_END);
    cr_assert_eq(scanner.bytes_skipped, 0);
    cr_assert_not(scanner.truncated);
    chunk_scanner_release(&scanner);
    bytes_free(&file);
}

Test(chunk_scanner, a_damaged_frame_costs_its_chunk)
{
    size_t second, third;
    struct bytes file = three_chunks(&second, &third);
    struct chunk_scanner scanner;
    char states[16];

    file.at[second + HEADER + 500] ^= 1;
    scan(&file, states, &scanner);
    cr_assert_str_eq(states, "SDS");
    cr_assert_eq(scanner.bytes_skipped, 0);
    bytes_free(&file);
}

Test(chunk_scanner, a_damaged_header_is_passed_over)
{
    size_t second, third;
    struct bytes file = three_chunks(&second, &third);
    struct chunk_scanner scanner;
    char states[16];

    file.at[second + 30] ^= 1;
    scan(&file, states, &scanner);
    cr_assert_str_eq(states, "SS");
    cr_assert_eq(scanner.bytes_skipped, third - second);
    bytes_free(&file);
}

Test(chunk_scanner, missing_and_added_bytes_are_survived)
{
    size_t second, third;
    struct bytes file = three_chunks(&second, &third);
    struct chunk_scanner scanner;
    char states[16];

    struct bytes cut = {0};
    put(&cut, file.at, second + HEADER + 100);
    put(&cut, file.at + third, file.size - third);
    scan(&cut, states, &scanner);
    cr_assert_str_eq(states, "SDS");

    struct bytes grown = {0};
    put(&grown, "garbage", 7);
    put(&grown, file.at, second + HEADER + 100);
    put(&grown, file.at, 50);
    put(&grown, file.at + second + HEADER + 100, file.size - second - HEADER - 100);
    scan(&grown, states, &scanner);
    cr_assert_str_eq(states, "SDS");
    cr_assert_not(scanner.truncated);
    bytes_free(&cut);
    bytes_free(&grown);
    bytes_free(&file);
}

Test(chunk_scanner, every_truncation_is_seen_as_one)
{
    size_t second, third;
    struct bytes file = three_chunks(&second, &third);
    struct chunk_scanner scanner;
    char states[16];

    for (size_t size = third + 1; size < file.size; size++) {
        struct bytes cut = {file.at, size, 0};
        scan(&cut, states, &scanner);
        cr_assert_str_eq(states, size < third + HEADER ? "SS" : "SSD", "cut at %zu", size);
        cr_assert(scanner.truncated);
        cr_assert_eq(scanner.bytes_skipped, 0);
    }
    bytes_free(&file);
}

Test(chunk_scanner, another_version_is_told_apart)
{
    struct bytes file = {0};
    struct bytes payload = {0};
    struct chunk_scanner scanner;
    char states[16];

    put(&payload, "x", 1);
    make_chunk(&file, &payload, (struct made_chunk){TRACE_VERSION + 1, 1, 0});
    put(&payload, "x", 1);
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 1});
    put(&payload, "x", 1);
    make_chunk(&file, &payload, (struct made_chunk){TRACE_VERSION - 1, 1, 2});
    scan(&file, states, &scanner);
    cr_assert_str_eq(states, "OSO");
    bytes_free(&file);
}

Test(chunk_scanner, a_frame_that_is_larger_than_its_header_says_is_refused)
{
    struct bytes file = {0};
    struct bytes payload = {0};
    struct chunk_scanner scanner;
    char states[16];

    for (int i = 0; i < 1000; i++)
        put_u64(&payload, 0);
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 0});
    /* raw_size at 36, then the header hash again over what it says now. */
    file.at[36] = 16;
    file.at[37] = 0;
    uint64_t hash = XXH64(file.at, HEADER - 8, 0);
    memcpy(file.at + HEADER - 8, &hash, sizeof(hash));
    scan(&file, states, &scanner);
    cr_assert_str_eq(states, "D");
    bytes_free(&file);
}

Test(chunk_scanner, a_file_of_other_bytes_has_no_chunk)
{
    struct bytes file = {0};
    struct chunk_scanner scanner;
    char states[16];

    for (int i = 0; i < 100; i++)
        put(&file, "no trace at all\n", 16);
    scan(&file, states, &scanner);
    cr_assert_str_eq(states, "");
    cr_assert_eq(scanner.bytes_skipped, 1600);
    cr_assert_not(scanner.truncated);
    bytes_free(&file);
}
