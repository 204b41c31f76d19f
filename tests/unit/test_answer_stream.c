/*
 * Answers through a pipe, and what a writer with damaged memory may put there.
 */
#include "analyzer/symbols/answer_stream.h"

#include "analyzer/util/memory.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT 4

static struct symbol_query queries[COUNT], *asked[COUNT];
static uint16_t owner[COUNT];
static struct answer_table table;
static struct answer_reader reader;
static struct answer_writer writer;
static int ends[2];

static void start(void)
{
    for (size_t i = 0; i < COUNT; i++)
        asked[i] = &queries[i];
    table = (struct answer_table){.queries = asked,
                                  .owner = owner,
                                  .count = COUNT,
                                  .strings = strings_new(),
                                  .text_left = 1000};
    cr_assert_eq(pipe(ends), 0);
    answer_reader_init(&reader, ends[0], 3);
    answer_writer_init(&writer, ends[1]);
}

static void end(void)
{
    answer_reader_release(&reader);
    for (size_t i = 0; i < COUNT; i++)
        free(queries[i].frames);
    strings_free(table.strings);
    key_table_free(writer.texts);
    free(writer.bytes);
}

TestSuite(answer_stream, .init = start, .fini = end, .timeout = 20);

static const uint32_t all[COUNT] = {0, 1, 2, 3};

/* Messages up to the end, or to where the stream breaks off. */
static size_t read_all(void)
{
    size_t messages = 0;

    close(ends[1]);
    while (answer_read(&reader, &table))
        messages++;
    return messages;
}

Test(answer_stream, round_trip)
{
    static const char name[] = "f", file[] = "/x/a.c", outer[] = "outer";
    struct symbol_frame frames[] = {{name, file, 3, 1, true}, {outer, NULL, 9, 0, false}};
    struct symbol_query answer = {.frames = frames, .count = 2}, nothing = {0};

    answer_write_begin(&writer);
    answer_write_claim(&writer, all, 3);
    answer_write(&writer, 2, &answer);
    answer_write(&writer, 0, &nothing);
    answer_write(&writer, 1, &answer);
    answer_write_flush(&writer);
    answer_write_flush(&writer); /* nothing more */
    cr_expect_eq(read_all(), 3);
    cr_expect(table.begun);
    for (size_t i = 1; i < 3; i++) {
        cr_assert_eq(queries[i].count, 2);
        cr_expect_str_eq(queries[i].frames[0].function, "f");
        cr_expect_str_eq(queries[i].frames[0].file, "/x/a.c");
        cr_expect_eq(queries[i].frames[0].line, 3);
        cr_expect_eq(queries[i].frames[0].decl_line, 1);
        cr_expect(queries[i].frames[0].inlined);
        cr_expect_str_eq(queries[i].frames[1].function, "outer");
        cr_expect_null(queries[i].frames[1].file);
        cr_expect(!queries[i].frames[1].inlined);
    }
    cr_expect_eq(queries[1].frames[0].function, queries[2].frames[0].function);
    cr_expect_eq(owner[0], ANSWER_THERE);
    cr_expect_eq(queries[0].count, 0);
    cr_expect_eq(owner[3], ANSWER_NOBODY);
}

Test(answer_stream, what_was_at_work_when_it_ended_is_known)
{
    struct symbol_query nothing = {0};

    answer_write_begin(&writer);
    answer_write_claim(&writer, all, 2);
    answer_write(&writer, 0, &nothing);
    answer_write_claim(&writer, all + 2, 1);
    cr_expect_eq(read_all(), 4);
    cr_expect_eq(owner[0], ANSWER_THERE);
    cr_expect_eq(owner[1], 3);
    cr_expect_eq(owner[2], 3);
    cr_expect_eq(owner[3], ANSWER_NOBODY);
}

/* Each breaks the stream off, and what came before stays. */
static void expect_refused(uint32_t number, const struct symbol_query *answer)
{
    answer_write_claim(&writer, all, 2);
    answer_write(&writer, number, answer);
    answer_write_flush(&writer);
    answer_write_begin(&writer); /* is not read any more */
    cr_expect_eq(read_all(), 1);
    cr_expect(!table.begun);
    cr_expect_eq(owner[1], 3);
}

Test(answer_stream, an_answer_to_what_was_not_claimed)
{
    expect_refused(3, &(struct symbol_query){0});
}

Test(answer_stream, an_answer_to_what_was_not_asked)
{
    expect_refused(COUNT, &(struct symbol_query){0});
}

Test(answer_stream, too_many_frames)
{
    struct symbol_query answer = {.count = 2000};

    answer.frames = memory_alloc(answer.count * sizeof(*answer.frames));
    expect_refused(0, &answer);
    free(answer.frames);
}

Test(answer_stream, texts_of_more_than_they_may_take)
{
    static char text[2000];
    struct symbol_frame frame = {.function = memset(text, 'x', sizeof(text) - 1)};

    expect_refused(0, &(struct symbol_query){.frames = &frame, .count = 1});
    cr_expect_eq(queries[0].count, 0);
}

Test(answer_stream, claimed_twice)
{
    answer_write_claim(&writer, all, 2);
    answer_write_claim(&writer, all + 1, 2);
    cr_expect_eq(read_all(), 1);
    cr_expect_eq(owner[2], ANSWER_NOBODY);
}

Test(answer_stream, no_message)
{
    cr_assert_eq(write(ends[1], "no message at all", 17), 17);
    cr_expect_eq(read_all(), 0);
}
