/*
 * XML escaping. Its own file because an unescaped name breaks a whole document,
 * so there is one place that does it.
 */
#include "analyzer/util/xml.h"

#include "analyzer/util/utf8.h"

static const char *entity(uint32_t code)
{
    switch (code) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void xml_write_text(FILE *out, const char *text, size_t count)
{
    char bytes[UTF8_MAX] = {0};

    for (; *text != '\0' && count > 0; count--) {
        uint32_t code = utf8_next(&text);
        const char *escaped = entity(code);
        if (escaped != NULL) {
            fputs(escaped, out);
            continue;
        }
        size_t size = utf8_put(bytes, utf8_is_control(code) ? UTF8_REPLACEMENT : code);
        fwrite(bytes, 1, size, out);
    }
}
