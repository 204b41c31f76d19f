/* Reading numbers. Its own file because strtoull() knows locales, and reads on into the next line. */
#include "preload/resources/number_text.h"

#include <string.h>

static const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static uint64_t with_digit(uint64_t value, unsigned digit)
{
    return value > (UINT64_MAX - digit) / 10 ? UINT64_MAX : value * 10 + digit;
}

bool number_text_next(const char **at, uint64_t *value)
{
    const char *digits = skip_blanks(*at);
    *at = digits;
    *value = 0;
    for (; is_digit(**at); (*at)++)
        *value = with_digit(*value, (unsigned)(**at - '0'));
    return *at > digits;
}

bool number_text_decimal(const char **at, unsigned digits, int64_t *value)
{
    uint64_t size;
    *at = skip_blanks(*at);
    bool negative = **at == '-';
    *at += negative;
    if (!is_digit(**at) || !number_text_next(at, &size))
        return false;
    bool point = **at == '.';
    *at += point;
    for (; digits; digits--) {
        bool more = point && is_digit(**at);
        size = with_digit(size, more ? (unsigned)(**at - '0') : 0);
        *at += more;
        point = more;
    }
    while (point && is_digit(**at))
        (*at)++;
    if (size > INT64_MAX)
        *value = negative ? INT64_MIN : INT64_MAX;
    else
        *value = negative ? -(int64_t)size : (int64_t)size;
    return true;
}

bool number_text_whole(const char *text, int64_t *value)
{
    if (!number_text_decimal(&text, 0, value))
        return false;
    return text[strspn(text, " \t\n")] == '\0';
}

const char *number_text_after(const char *at, const char *word)
{
    size_t length = strlen(word);
    return strncmp(at, word, length) == 0 ? at + length : NULL;
}

const char *number_text_line(const char *at)
{
    const char *end = strchr(at, '\n');
    return end && end[1] ? end + 1 : NULL;
}

size_t number_text_word(const char **at)
{
    *at = skip_blanks(*at);
    return strcspn(*at, " \t\n");
}
