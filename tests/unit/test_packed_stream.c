/* Unit tests of analyzer/util/packed_stream.c: base64 and gzip as readers of their own. */
#include "analyzer/util/packed_stream.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *pack(const char *text, size_t size)
{
    char *packed;
    size_t packed_size;
    FILE *out = open_memstream(&packed, &packed_size);
    FILE *stream = packed_stream_open(out);

    cr_assert_eq(fwrite(text, 1, size, stream), size);
    cr_assert_eq(fclose(stream), 0);
    fclose(out);
    cr_assert_eq(
        strspn(packed, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="),
        packed_size);
    return packed;
}

/* What base64 and gzip make of it. */
static void assert_holds(const char *packed, const char *text, size_t size)
{
    char path[] = "/tmp/packed_stream.XXXXXX", command[96];
    FILE *file = fdopen(mkstemp(path), "w");

    fputs(packed, file);
    fclose(file);
    snprintf(command, sizeof(command), "base64 -d %s | gzip -dc", path);
    FILE *in = popen(command, "r");
    char *read = calloc(size + 2, 1);
    cr_expect_eq(fread(read, 1, size + 2, in), size);
    cr_expect_eq(pclose(in), 0);
    cr_expect_eq(memcmp(read, text, size), 0);
    free(read);
    unlink(path);
}

Test(packed_stream, text_of_any_length)
{
    static char text[3000000];

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)('a' + i * i % 23);
    for (size_t size = 0; size < 12; size++) {
        char *packed = pack(text, size);
        cr_expect_eq(strlen(packed) % 4, 0);
        assert_holds(packed, text, size);
        free(packed);
    }
    char *packed = pack(text, sizeof(text));
    assert_holds(packed, text, sizeof(text));
    free(packed);
}

Test(packed_stream, the_same_text_gives_the_same_bytes)
{
    char *one = pack("abc", 3), *other = pack("abc", 3);

    cr_expect_str_eq(one, other);
    free(one);
    free(other);
}

Test(packed_stream, a_stream_that_fails_shows_it)
{
    FILE *out = fopen("/dev/full", "w");

    setvbuf(out, NULL, _IONBF, 0);
    FILE *stream = packed_stream_open(out);
    fputs("abc", stream);
    fclose(stream);
    cr_expect(ferror(out));
    fclose(out);
}
