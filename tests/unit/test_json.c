/* Unit tests of analyzer/util/json.c: exact text, and jq as an independent reader. */
#include "analyzer/util/json.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *text;
static size_t size;

static FILE *start(struct json *json, unsigned line_depth)
{
    FILE *out = open_memstream(&text, &size);

    json_init(json, out, line_depth);
    return out;
}

static void assert_text(FILE *out, const char *expected)
{
    fclose(out);
    cr_assert_str_eq(text, expected);
    free(text);
}

Test(json, containers_commas_and_lines)
{
    struct json json;
    FILE *out = start(&json, 1);

    json_object_begin(&json, NULL);
    json_int(&json, "a", -1);
    json_array_begin(&json, "b");
    json_uint(&json, NULL, UINT64_MAX);
    json_null(&json, NULL);
    json_array_end(&json);
    json_array_begin(&json, "c");
    json_array_end(&json);
    json_bool(&json, "d", true);
    json_object_end(&json);
    json_finish(&json);
    assert_text(out, "{\n  \"a\": -1,\n  \"b\": [18446744073709551615, null],\n  \"c\": [],\n"
                     "  \"d\": true\n}\n");
}

Test(json, strings_are_escaped)
{
    struct json json;
    FILE *out = start(&json, 0);

    json_string(&json, NULL, "a\"b\\c\n\t\x01\x7f\xff</script>");
    assert_text(out, "\"a\\\"b\\\\c\\n\\t\\u0001\\u007f\xef\xbf\xbd\\u003c/script>\"");
}

Test(json, numbers)
{
    struct json json;
    FILE *out = start(&json, 0);

    json_array_begin(&json, NULL);
    json_double(&json, NULL, 0.5);
    json_double(&json, NULL, NAN);
    json_double(&json, NULL, INFINITY);
    json_double(&json, NULL, 250);
    json_string(&json, NULL, NULL);
    json_array_end(&json);
    assert_text(out, "[0.5, null, null, 250, null]");
}

Test(json, jq_reads_every_byte_string)
{
    FILE *jq = popen("jq -e '(.|length) == 255 and (.[64]|length) == 1' >/dev/null", "w");
    struct json json;

    cr_assert_not_null(jq);
    json_init(&json, jq, 0);
    json_array_begin(&json, NULL);
    for (int byte = 1; byte < 256; byte++)
        json_string(&json, NULL, (char[]){(char)byte, '\0'});
    json_array_end(&json);
    cr_assert_eq(pclose(jq), 0);
}

static void write_numbers(struct json *json)
{
    json_array_begin(json, NULL);
    json_int(json, NULL, INT64_MIN);
    json_int(json, NULL, INT64_MAX);
    json_int(json, NULL, 0);
    json_uint(json, NULL, UINT64_MAX);
    json_uint(json, NULL, 0);
    json_millionths(json, NULL, 0);
    json_millionths(json, NULL, 1000000);
    json_millionths(json, NULL, 1000001);
    json_millionths(json, NULL, UINT64_MAX);
    json_array_end(json);
}

Test(json, numbers_to_the_last_digit)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    struct json json;

    json_init(&json, out, 0);
    write_numbers(&json);
    fclose(out);
    cr_assert_str_eq(text,
                     "[-9223372036854775808, 9223372036854775807, 0, 18446744073709551615, 0, "
                     "0, 1, 1.000001, 18446744073709.551615]");
    free(text);
}

Test(json, columns_hold_every_digit)
{
    const int64_t values[] = {0, -1, INT64_MIN, INT64_MAX, 10};
    struct json json;
    FILE *out = start(&json, 0);

    json_object_begin(&json, NULL);
    json_column(&json, "a", values, 5);
    json_column(&json, "b", values, 0);
    json_object_end(&json);
    assert_text(out, "{\"a\": [0,-1,-9223372036854775808,9223372036854775807,10], \"b\": []}");
}

/* Longer than what is written at a time. */
Test(json, columns_of_any_length)
{
    enum { COUNT = 5000 };
    int64_t values[COUNT];
    struct json json;
    FILE *out = start(&json, 0);

    for (int64_t i = 0; i < COUNT; i++)
        values[i] = i * 1000003;
    json_column(&json, NULL, values, COUNT);
    fclose(out);
    char *at = text + 1;
    for (int64_t i = 0; i < COUNT; i++) {
        cr_assert_eq(strtoll(at, &at, 10), i * 1000003);
        cr_assert_eq(*at++, i + 1 < COUNT ? ',' : ']');
    }
    cr_assert_eq(*at, '\0');
    free(text);
}
