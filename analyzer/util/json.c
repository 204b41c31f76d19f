/*
 * JSON output. Its own file because three reports write JSON; reading it is
 * left to a library.
 */
#include "analyzer/util/json.h"

#include "analyzer/util/utf8.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN_BUFFER 4096
#define INTEGER_DIGITS 20 /* with a sign */

void json_init(struct json *json, FILE *out, unsigned line_depth)
{
    *json = (struct json){.out = out, .line_depth = line_depth};
}

static void write_code(FILE *out, uint32_t code)
{
    char bytes[UTF8_MAX];

    switch (code) {
    case '"':
    case '\\':
        fprintf(out, "\\%c", (int)code);
        return;
    case '\n':
        fputs("\\n", out);
        return;
    case '\t':
        fputs("\\t", out);
        return;
    default:
        /* < keeps the text harmless inside an HTML or SVG script element. */
        if (code < 0x10000 && (utf8_is_control(code) || code == '<'))
            fprintf(out, "\\u%04x", code);
        else
            fwrite(bytes, 1, utf8_put(bytes, code), out);
    }
}

/* Bytes at the beginning of `text` that need no second look: nearly all there are. */
static size_t plain_length(const char *text)
{
    size_t length = 0;

    while (text[length] >= ' ' && text[length] < 0x7F && text[length] != '"' &&
           text[length] != '\\' && text[length] != '<')
        length++;
    return length;
}

void json_write_string(FILE *out, const char *text)
{
    fputc('"', out);
    while (*text != '\0') {
        size_t plain = plain_length(text);
        fwrite(text, 1, plain, out);
        text += plain;
        if (*text != '\0')
            write_code(out, utf8_next(&text));
    }
    fputc('"', out);
}

static void start_line(struct json *json)
{
    if (json->depth > json->line_depth) {
        if ((json->filled >> json->depth & 1) != 0)
            fputc(' ', json->out);
        return;
    }
    fprintf(json->out, "\n%*s", (int)json->depth * 2, "");
}

static void start_element(struct json *json, const char *key)
{
    uint64_t bit = UINT64_C(1) << json->depth;

    if ((json->filled & bit) != 0)
        fputc(',', json->out);
    if (json->depth > 0)
        start_line(json);
    json->filled |= bit;
    if (key != NULL) {
        json_write_string(json->out, key);
        fputs(": ", json->out);
    }
}

static void begin(struct json *json, const char *key, char bracket)
{
    assert(json->depth < JSON_MAX_DEPTH);
    start_element(json, key);
    fputc(bracket, json->out);
    json->depth++;
    json->filled &= ~(UINT64_C(1) << json->depth);
}

static void end(struct json *json, char bracket)
{
    bool filled = (json->filled >> json->depth & 1) != 0;
    bool lines = json->depth <= json->line_depth;

    json->depth--;
    if (filled && lines)
        fprintf(json->out, "\n%*s", (int)json->depth * 2, "");
    fputc(bracket, json->out);
}

void json_object_begin(struct json *json, const char *key)
{
    begin(json, key, '{');
}

void json_object_end(struct json *json)
{
    end(json, '}');
}

void json_array_begin(struct json *json, const char *key)
{
    begin(json, key, '[');
}

void json_array_end(struct json *json)
{
    end(json, ']');
}

void json_string(struct json *json, const char *key, const char *text)
{
    start_element(json, key);
    if (text != NULL)
        json_write_string(json->out, text);
    else
        fputs("null", json->out);
}

/* Documents of millions of numbers are mostly that: printf takes five times as long. */
static void write_digits(FILE *out, uint64_t value, unsigned least)
{
    char digits[24];
    char *at = digits + sizeof(digits);

    while (value > 0 || least > 0) {
        *--at = (char)('0' + value % 10);
        value /= 10;
        least -= least > 0;
    }
    fwrite(at, 1, (size_t)(digits + sizeof(digits) - at), out);
}

void json_text(struct json *json, const char *key, const char *text)
{
    char *clean = text != NULL ? utf8_clean(text) : NULL;

    json_string(json, key, clean);
    free(clean);
}

void json_int(struct json *json, const char *key, int64_t value)
{
    start_element(json, key);
    if (value < 0)
        fputc('-', json->out);
    write_digits(json->out, value < 0 ? -(uint64_t)value : (uint64_t)value, 1);
}

void json_uint(struct json *json, const char *key, uint64_t value)
{
    start_element(json, key);
    write_digits(json->out, value, 1);
}

void json_millionths(struct json *json, const char *key, uint64_t value)
{
    start_element(json, key);
    write_digits(json->out, value / 1000000, 1);
    if (value % 1000000 != 0) {
        fputc('.', json->out);
        write_digits(json->out, value % 1000000, 6);
    }
}

void json_double(struct json *json, const char *key, double value)
{
    if (!isfinite(value)) {
        json_null(json, key);
        return;
    }
    start_element(json, key);
    fprintf(json->out, "%.15g", value);
}

void json_bool(struct json *json, const char *key, bool value)
{
    start_element(json, key);
    fputs(value ? "true" : "false", json->out);
}

void json_null(struct json *json, const char *key)
{
    start_element(json, key);
    fputs("null", json->out);
}

/* Puts the digits of `value` before `end`; returns where they begin. */
static char *put_integer(char *end, int64_t value)
{
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

    do
        *--end = (char)('0' + rest % 10);
    while ((rest /= 10) != 0);
    if (value < 0)
        *--end = '-';
    return end;
}

void json_column(struct json *json, const char *key, const int64_t *values, size_t count)
{
    char text[COLUMN_BUFFER], digits[INTEGER_DIGITS];
    size_t used = 0;

    start_element(json, key);
    fputc('[', json->out);
    for (size_t i = 0; i < count; i++) {
        const char *from = put_integer(digits + sizeof(digits), values[i]);
        size_t length = (size_t)(digits + sizeof(digits) - from);
        if (used + length + 1 > sizeof(text)) {
            fwrite(text, 1, used, json->out);
            used = 0;
        }
        if (i > 0)
            text[used++] = ',';
        memcpy(text + used, from, length);
        used += length;
    }
    fwrite(text, 1, used, json->out);
    fputc(']', json->out);
}

void json_raw(struct json *json, const char *key, const char *text, size_t size)
{
    start_element(json, key);
    fwrite(text, 1, size, json->out);
}

void json_finish(struct json *json)
{
    fputc('\n', json->out);
}
