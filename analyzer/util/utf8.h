/*
 * Text from foreign programs made fit to show: names may hold any bytes, while
 * terminals, XML and JSON want valid UTF-8, the first two without control
 * characters. No state.
 */
#ifndef PROFINJECT_UTIL_UTF8_H
#define PROFINJECT_UTIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT 0xFFFDu
#define UTF8_MAX 4 /* bytes of one code point */

/* Reads the code point at *text, which must not be at its NUL, and steps past
 * it. A byte that is not valid UTF-8 gives UTF8_REPLACEMENT and one step. */
uint32_t utf8_next(const char **text);

/* Writes `code` to `out` (UTF8_MAX bytes, no NUL); returns the bytes used. */
size_t utf8_put(char *out, uint32_t code);

/* True for what terminals obey and XML forbids: C0, DEL, C1, U+FFFE, U+FFFF, and
 * the line and direction controls U+2028..202E, U+2066..2069,
 * U+061C, U+200E, U+200F. */
bool utf8_is_control(uint32_t code);

/* A copy in valid UTF-8 with control characters replaced by U+FFFD; free(). */
char *utf8_clean(const char *text);

/* Number of code points: columns on a terminal for all but wide scripts. */
size_t utf8_length(const char *text);

/* Bytes that the first `count` code points take, all of them when fewer. */
size_t utf8_prefix(const char *text, size_t count);

#endif
