/*
 * Reading little-endian numbers from bytes that may end anywhere: beyond the end
 * everything is 0 and `bad` stays set. Header only: it is in every inner loop.
 */
#ifndef PROFINJECT_SYMBOLS_BYTE_CURSOR_H
#define PROFINJECT_SYMBOLS_BYTE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is left to read; `bad` once something lay beyond the end. */
struct byte_cursor {
    const uint8_t *at, *end;
    bool bad;
};

/* From `offset` of `size` bytes. */
static inline struct byte_cursor byte_cursor_at(const uint8_t *bytes, size_t size, uint64_t offset)
{
    bool inside = bytes != NULL && offset <= size;

    return (struct byte_cursor){inside ? bytes + offset : bytes, inside ? bytes + size : bytes,
                                !inside};
}

static inline void byte_cursor_skip(struct byte_cursor *cursor, uint64_t bytes)
{
    if (bytes > (uint64_t)(cursor->end - cursor->at)) {
        cursor->bad = true;
        bytes = (uint64_t)(cursor->end - cursor->at);
    }
    cursor->at += bytes;
}

/* A number of up to 8 bytes. */
static inline uint64_t byte_cursor_fixed(struct byte_cursor *cursor, unsigned bytes)
{
    const uint8_t *at = cursor->at;
    uint64_t value = 0;

    byte_cursor_skip(cursor, bytes);
    for (unsigned i = 0; i < bytes && !cursor->bad; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static inline uint64_t byte_cursor_uleb(struct byte_cursor *cursor)
{
    uint64_t value = 0;

    for (unsigned shift = 0; !cursor->bad; shift += 7) {
        uint8_t byte = (uint8_t)byte_cursor_fixed(cursor, 1);

        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            break;
    }
    return value;
}

#endif
