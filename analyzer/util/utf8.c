/*
 * UTF-8 decoding and cleaning. Its own file because every output format needs it
 * and all must agree on what a bad byte becomes.
 */
#include "analyzer/util/utf8.h"

#include "analyzer/util/memory.h"

#include <string.h>

/* Number of bytes a sequence has by its first byte, 0 for a byte that starts none. */
static unsigned sequence_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first < 0xE0)
        return 2;
    if (first >= 0xE0 && first < 0xF0)
        return 3;
    return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

/* The rest of what RFC 3629 forbids: overlong forms, surrogates, too large. */
static bool allowed(uint32_t code, unsigned length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

    return code >= least[length] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

uint32_t utf8_next(const char **text)
{
    const unsigned char *byte = (const unsigned char *)*text;
    unsigned length = sequence_length(byte[0]);

    (*text)++;
    if (length <= 1)
        return length == 1 ? byte[0] : UTF8_REPLACEMENT;
    uint32_t code = byte[0] & (0xFFu >> (length + 1));
    for (unsigned i = 1; i < length; i++) {
        if ((byte[i] & 0xC0) != 0x80)
            return UTF8_REPLACEMENT;
        code = code << 6 | (byte[i] & 0x3Fu);
    }
    if (!allowed(code, length))
        return UTF8_REPLACEMENT;
    *text += length - 1;
    return code;
}

size_t utf8_put(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)((0xF00u >> length & 0xFF) | code);
    return length;
}

bool utf8_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0xFFFE || code == 0xFFFF ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
           code == 0x061C || code == 0x200E || code == 0x200F;
}

char *utf8_clean(const char *text)
{
    /* One bad byte becomes three. */
    char *clean = memory_alloc(strlen(text) * 3 + 1);
    size_t used = 0;

    while (*text != '\0') {
        uint32_t code = utf8_next(&text);
        used += utf8_put(clean + used, utf8_is_control(code) ? UTF8_REPLACEMENT : code);
    }
    return clean;
}

size_t utf8_length(const char *text)
{
    size_t length = 0;

    for (; *text != '\0'; length++)
        utf8_next(&text);
    return length;
}

size_t utf8_prefix(const char *text, size_t count)
{
    const char *end = text;

    for (; *end != '\0' && count > 0; count--)
        utf8_next(&end);
    return (size_t)(end - text);
}
