/*
 * Writes JSON to a stream as it goes: commas, indentation and escaping are kept
 * right here, the order of calls is the caller's duty. Strings may hold any
 * bytes; what is not UTF-8 becomes U+FFFD. Numbers are written in full: readers
 * that hold numbers as doubles lose digits above 2^53.
 *
 * `key` is NULL inside arrays and at the top. Failures show in ferror(out).
 */
#ifndef PROFINJECT_UTIL_JSON_H
#define PROFINJECT_UTIL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_MAX_DEPTH 63

struct json {
    FILE *out;
    unsigned depth;
    unsigned line_depth; /* deeper than this everything stays on one line */
    uint64_t filled;     /* bit d: the container at depth d has an element */
};

/* Containers down to `line_depth` put each element on a line of its own. */
void json_init(struct json *json, FILE *out, unsigned line_depth);

void json_object_begin(struct json *json, const char *key);
void json_object_end(struct json *json);
void json_array_begin(struct json *json, const char *key);
void json_array_end(struct json *json);

void json_string(struct json *json, const char *key, const char *text); /* NULL: null */
/* Likewise for what is shown to people: without control characters. */
void json_text(struct json *json, const char *key, const char *text);
void json_int(struct json *json, const char *key, int64_t value);
void json_uint(struct json *json, const char *key, uint64_t value);
void json_millionths(struct json *json, const char *key, uint64_t value); /* value / 10^6 */
/* Shortest form that is right to 15 digits; what is not finite becomes null. */
void json_double(struct json *json, const char *key, double value);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

/* An element that was written before, on one line. */
void json_raw(struct json *json, const char *key, const char *text, size_t size);

/* An array of integers without blanks, for millions of them: ten times as fast as one by one. */
void json_column(struct json *json, const char *key, const int64_t *values, size_t count);

/* Ends the document with a newline. */
void json_finish(struct json *json);

/* Only the string itself, with its quotes. */
void json_write_string(FILE *out, const char *text);

#endif
