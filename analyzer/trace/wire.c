/*
 * Reading of varints and strings. Its own file because every record is made of
 * them and none may look past the payload's end.
 */
#include "analyzer/trace/wire.h"

#include "preload/contract/trace_format.h"

#define VARINT_BYTES 10

static uint64_t fail(struct wire_cursor *cursor)
{
    cursor->failed = true;
    cursor->at = cursor->end;
    return 0;
}

uint64_t wire_long_varint(struct wire_cursor *cursor)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < VARINT_BYTES; i++) {
        if (cursor->at == cursor->end)
            return fail(cursor);
        uint8_t byte = *cursor->at++;
        if (i == VARINT_BYTES - 1 && byte > 1)
            return fail(cursor);
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80)
            return value;
    }
    return fail(cursor);
}

int64_t wire_svarint(struct wire_cursor *cursor)
{
    return trace_unzigzag(wire_varint(cursor));
}

struct wire_string wire_string(struct wire_cursor *cursor)
{
    uint64_t size = wire_varint(cursor);
    struct wire_string string = {cursor->at, 0};

    if (size > wire_left(cursor)) {
        fail(cursor);
        return string;
    }
    string.size = (size_t)size;
    cursor->at += size;
    return string;
}

void wire_skip_varints(struct wire_cursor *cursor, uint64_t count)
{
    for (; count > 0 && !cursor->failed; count--)
        wire_varint(cursor);
}
