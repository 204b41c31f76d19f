/* Unit tests of analyzer/reports/source_text.c. */
#include "analyzer/reports/source_text.h"

#include "analyzer/util/utf8.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct source_text text;

static void stop(void)
{
    source_text_release(&text);
    scratch_release();
}

TestSuite(source_text, .init = scratch_init, .fini = stop);

static void assert_line(uint32_t number, size_t width, const char *expected)
{
    char *line = source_text_line(&text, number, width);

    if (expected == NULL)
        cr_assert_null(line);
    else
        cr_assert_str_eq(line, expected);
    free(line);
}

Test(source_text, lines_of_a_file)
{
    scratch_write("a.c", "one\n\n\tthree\r\nlast");
    source_text_init(&text, "a.c", NULL, 0);
    cr_assert_str_eq(text.path, "a.c");
    cr_assert_null(text.looked);
    cr_assert_eq(text.line_count, 4);
    assert_line(0, 80, NULL);
    assert_line(1, 80, "one");
    assert_line(2, 80, "");
    assert_line(3, 80, "        three");
    assert_line(4, 80, "last");
    assert_line(4, 3, "la…");
    assert_line(5, 80, NULL);
    assert_line(UINT32_MAX, 80, NULL);
    char *stripped = source_text_stripped(&text, 3, 5);
    cr_assert_str_eq(stripped, "three");
    free(stripped);
}

Test(source_text, hostile_text_is_text)
{
    char wide[100001];

    memset(wide, '\t', sizeof(wide) - 1);
    wide[sizeof(wide) - 1] = '\0';
    scratch_write("a.c", "\x1b[31m\xff\xe2\x80\xae<script>");
    source_text_init(&text, "a.c", NULL, 0);
    assert_line(1, 80, "\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd<script>");
    source_text_release(&text);
    scratch_write("a.c", wide);
    source_text_init(&text, "a.c", NULL, 0);
    char *line = source_text_line(&text, 1, 40);
    cr_assert_eq(utf8_length(line), 40);
    free(line);
}

Test(source_text, looked_for_by_the_last_parts_of_its_path)
{
    cr_assert_eq(mkdir("src", 0700), 0);
    cr_assert_eq(mkdir("there", 0700), 0);
    scratch_write("src/dict.c", "here\n");
    source_text_init(&text, "/gone/build/src/dict.c", NULL, 0);
    cr_assert_str_eq(text.path, "./src/dict.c");
    source_text_release(&text);
    /* What is asked for comes first. */
    scratch_write("there/dict.c", "there\n");
    source_text_init(&text, "/gone/build/src/dict.c", "there", 0);
    cr_assert_str_eq(text.path, "there/dict.c");
    assert_line(1, 80, "there");
}

Test(source_text, says_where_it_looked)
{
    source_text_init(&text, "/gone/dict.c", NULL, 0);
    cr_assert_null(text.path);
    cr_assert_eq(text.line_count, 0);
    cr_assert_not_null(strstr(text.looked, "profinject-test."));
    source_text_release(&text);
    source_text_init(&text, "/gone/dict.c", "elsewhere", 0);
    cr_assert_not_null(strstr(text.looked, "'elsewhere'"));
}

/* Neither blocks at a pipe nor reads what is no file. */
Test(source_text, only_regular_files, .timeout = 10)
{
    cr_assert_eq(mkfifo("a.c", 0600), 0);
    source_text_init(&text, "a.c", NULL, 0);
    cr_assert_null(text.path);
    source_text_release(&text);
    source_text_init(&text, "/dev/zero", NULL, 0);
    cr_assert_null(text.path);
    source_text_release(&text);
    cr_assert_eq(mkdir("b.c", 0700), 0);
    source_text_init(&text, "b.c", NULL, 0);
    cr_assert_null(text.path);
    source_text_release(&text);
    scratch_write("empty.c", "");
    source_text_init(&text, "empty.c", NULL, 0);
    cr_assert_eq(text.line_count, 0);
    cr_assert_not_null(text.path);
}

Test(source_text, knows_when_it_is_newer_than_the_recording)
{
    scratch_write("a.c", "one\n");
    source_text_init(&text, "a.c", NULL, 1);
    cr_assert(text.is_newer);
    source_text_release(&text);
    source_text_init(&text, "a.c", NULL, UINT64_C(4102444800) * 1000000000u);
    cr_assert_not(text.is_newer);
}
