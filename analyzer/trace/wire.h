/*
 * Bounds-checked reading of the integers and strings a trace payload is made of
 * (preload/contract/trace_format.h, PAYLOAD).
 *
 * A cursor fails once and stays failed: everything read from then on is 0 or
 * empty, so that a record is read in one go and `failed` looked at afterwards.
 * Owns nothing; strings point into the payload.
 */
#ifndef PROFINJECT_TRACE_WIRE_H
#define PROFINJECT_TRACE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wire_cursor {
    const uint8_t *at, *end;
    bool failed;
};

struct wire_string {
    const uint8_t *bytes;
    size_t size;
};

static inline struct wire_cursor wire_cursor_at(const uint8_t *bytes, size_t size)
{
    return (struct wire_cursor){bytes, bytes + size, false};
}

static inline size_t wire_left(const struct wire_cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

/* A varint of more than one byte, or none; see wire_varint(). */
uint64_t wire_long_varint(struct wire_cursor *cursor);

/* A varint; one that is cut off or does not fit 64 bits fails. Most are one byte. */
static inline uint64_t wire_varint(struct wire_cursor *cursor)
{
    if (cursor->at != cursor->end && *cursor->at < 0x80)
        return *cursor->at++;
    return wire_long_varint(cursor);
}

int64_t wire_svarint(struct wire_cursor *cursor);

/* length:varint and that many bytes. */
struct wire_string wire_string(struct wire_cursor *cursor);

/* Steps over `count` varints. */
void wire_skip_varints(struct wire_cursor *cursor, uint64_t count);

/* The same, and returns a cursor that reads them. */
static inline struct wire_cursor wire_take_column(struct wire_cursor *cursor, uint64_t count)
{
    struct wire_cursor column = *cursor;

    wire_skip_varints(cursor, count);
    return column;
}

#endif
