/*
 * Reading numbers of a byte format that may be damaged: a cursor fails once and stays
 * failed, everything read from then on is 0 and never beyond the end. So a decoder
 * reads on and asks at the end. Little-endian. Header only.
 */
#ifndef PROFINJECT_SYMBOLS_BYTE_CURSOR_H
#define PROFINJECT_SYMBOLS_BYTE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct byte_cursor {
    const uint8_t *at, *end;
    bool failed;
};

/* NULL is allowed where `size` is 0. */
static inline struct byte_cursor byte_cursor_at(const uint8_t *bytes, size_t size)
{
    return (struct byte_cursor){bytes, size > 0 ? bytes + size : bytes, false};
}

/* From `offset` of `size` bytes; NULL has none. */
static inline struct byte_cursor byte_cursor_from(const uint8_t *bytes, size_t size,
                                                  uint64_t offset)
{
    bool inside = bytes != NULL && offset <= size;

    return inside ? (struct byte_cursor){bytes + offset, bytes + size, false}
                  : (struct byte_cursor){bytes, bytes, true};
}

static inline size_t byte_left(const struct byte_cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

static inline void byte_fail(struct byte_cursor *cursor)
{
    cursor->failed = true;
    cursor->at = cursor->end;
}

/* The next `size` bytes, NULL when there are not as many. */
static inline const uint8_t *byte_take(struct byte_cursor *cursor, uint64_t size)
{
    const uint8_t *at = cursor->at;

    if (size > byte_left(cursor)) {
        byte_fail(cursor);
        return NULL;
    }
    cursor->at += size;
    return at;
}

/* 1 to 8 bytes. */
static inline uint64_t byte_fixed(struct byte_cursor *cursor, unsigned bytes)
{
    const uint8_t *at = byte_take(cursor, bytes);
    uint64_t value = 0;

    if (at != NULL)
        memcpy(&value, at, bytes);
    return value;
}

static inline uint8_t byte_one(struct byte_cursor *cursor)
{
    if (cursor->at == cursor->end) {
        cursor->failed = true;
        return 0;
    }
    return *cursor->at++;
}

static inline uint64_t byte_uleb(struct byte_cursor *cursor)
{
    uint64_t value = 0;
    uint8_t byte;
    unsigned shift = 0;

    do {
        byte = byte_one(cursor);
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    return value;
}

static inline int64_t byte_sleb(struct byte_cursor *cursor)
{
    uint64_t value = 0;
    uint8_t byte;
    unsigned shift = 0;

    do {
        byte = byte_one(cursor);
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    if (shift < 64 && byte & 0x40)
        value |= UINT64_MAX << shift;
    return (int64_t)value;
}

/* A text with a NUL at its end, "" when there is none. */
static inline const char *byte_text(struct byte_cursor *cursor)
{
    const uint8_t *at = cursor->at;
    const uint8_t *end = byte_left(cursor) == 0 ? NULL : memchr(at, 0, byte_left(cursor));

    if (end == NULL) {
        byte_fail(cursor);
        return "";
    }
    cursor->at = end + 1;
    return (const char *)at;
}

#endif
