/*
 * Reading unwind tables and their expressions: a cursor that cannot leave its
 * bounds. Past the end it gives zeros and remembers. Signal-safe; no state.
 */
#ifndef PROFINJECT_TABLE_CURSOR_H
#define PROFINJECT_TABLE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct cursor {
    const uint8_t *at, *end;
    bool overrun;
};

/* Pointer encodings (LSB, "DWARF Exception Header Encoding"). */
enum {
    ENC_ABSPTR = 0x00,
    ENC_ULEB = 0x01,
    ENC_UDATA2 = 0x02,
    ENC_UDATA4 = 0x03,
    ENC_UDATA8 = 0x04,
    ENC_SLEB = 0x09,
    ENC_SDATA2 = 0x0a,
    ENC_SDATA4 = 0x0b,
    ENC_SDATA8 = 0x0c,
    ENC_FORM = 0x0f,
    ENC_PCREL = 0x10,
    ENC_DATAREL = 0x30,
    ENC_APPLICATION = 0x70,
    ENC_OMIT = 0xff,
};

/* A little-endian number of `size` bytes, at most 8. Inline, as uleb is, for being what
 * interpreters do all the time. */
static inline uint64_t cursor_fixed_sigsafe(struct cursor *cursor, size_t size)
{
    uint64_t value = 0;
    if ((size_t)(cursor->end - cursor->at) < size) {
        cursor->overrun = true;
        cursor->at = cursor->end;
        return 0;
    }
    memcpy(&value, cursor->at, size);
    cursor->at += size;
    return value;
}

/* LEB128 numbers; bits beyond 64 are lost. */
uint64_t cursor_long_uleb_sigsafe(struct cursor *cursor);
int64_t cursor_sleb_sigsafe(struct cursor *cursor);

static inline uint64_t cursor_uleb_sigsafe(struct cursor *cursor)
{
    if (cursor->at < cursor->end && *cursor->at < 0x80)
        return *cursor->at++;
    return cursor_long_uleb_sigsafe(cursor);
}

void cursor_skip_sigsafe(struct cursor *cursor, uint64_t size);

/* A pointer in one of the encodings above; `data_base` for ENC_DATAREL. An unknown
 * encoding counts as overrun. */
uint64_t cursor_encoded_sigsafe(struct cursor *cursor, uint8_t encoding, uint64_t data_base);

#endif
