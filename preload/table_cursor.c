/*
 * The table cursor. Its own file because rows and expressions are read alike.
 */
#include "preload/table_cursor.h"

static uint64_t read_leb(struct cursor *cursor, bool is_signed)
{
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
        byte = (uint8_t)cursor_fixed_sigsafe(cursor, 1);
        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    if (is_signed && shift < 64 && (byte & 0x40))
        value |= ~0ull << shift;
    return value;
}

uint64_t cursor_long_uleb_sigsafe(struct cursor *cursor)
{
    return read_leb(cursor, false);
}

int64_t cursor_sleb_sigsafe(struct cursor *cursor)
{
    return (int64_t)read_leb(cursor, true);
}

void cursor_skip_sigsafe(struct cursor *cursor, uint64_t size)
{
    if (size > (size_t)(cursor->end - cursor->at)) {
        cursor->overrun = true;
        size = (uint64_t)(cursor->end - cursor->at);
    }
    cursor->at += size;
}

uint64_t cursor_encoded_sigsafe(struct cursor *cursor, uint8_t encoding, uint64_t data_base)
{
    uint64_t here = (uint64_t)cursor->at, value;
    switch (encoding & ENC_FORM) {
    case ENC_ULEB:
        value = cursor_uleb_sigsafe(cursor);
        break;
    case ENC_SLEB:
        value = (uint64_t)cursor_sleb_sigsafe(cursor);
        break;
    case ENC_UDATA2:
        value = cursor_fixed_sigsafe(cursor, 2);
        break;
    case ENC_SDATA2:
        value = (uint64_t)(int16_t)cursor_fixed_sigsafe(cursor, 2);
        break;
    case ENC_UDATA4:
        value = cursor_fixed_sigsafe(cursor, 4);
        break;
    case ENC_SDATA4:
        value = (uint64_t)(int32_t)cursor_fixed_sigsafe(cursor, 4);
        break;
    case ENC_ABSPTR:
    case ENC_UDATA8:
    case ENC_SDATA8:
        value = cursor_fixed_sigsafe(cursor, 8);
        break;
    default:
        cursor->overrun = true;
        return 0;
    }
    if ((encoding & ENC_APPLICATION) == ENC_PCREL)
        value += here;
    else if ((encoding & ENC_APPLICATION) == ENC_DATAREL)
        value += data_base;
    return value;
}
