/* Texts of resources. Its own file because reports and judgements quote the same numbers. */
#include "analyzer/model/resource_text.h"

#include "analyzer/util/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LARGEST 9e18 /* fits 64 bits */

bool resource_unit_is_word(const char *unit)
{
    static const char *const words[] = {"threads", "processors", "number", "on"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(unit, words[i]) == 0)
            return true;
    return false;
}

static struct unit_text bytes_text(double value, const char *per)
{
    struct unit_text text;

    snprintf(text.text, sizeof(text.text), "%.20s%s",
             units_bytes(llround(fmin(fmax(value, -LARGEST), LARGEST))).text, per);
    return text;
}

static struct unit_text percent_text(double value)
{
    struct unit_text text;

    if (value != 0 && fabs(value) < 0.05)
        snprintf(text.text, sizeof(text.text), "<0.1 %%");
    else
        snprintf(text.text, sizeof(text.text), fabs(value) < 999.95 ? "%.*f %%" : "%.*g %%",
                 value == 0             ? 0
                 : fabs(value) < 999.95 ? 1
                                        : 4,
                 value);
    return text;
}

struct unit_text resource_text(const char *unit, double value)
{
    struct unit_text text;

    if (strcmp(unit, "bytes") == 0)
        return bytes_text(value, "");
    if (strcmp(unit, "bytes/s") == 0)
        return bytes_text(value, "/s");
    if (strcmp(unit, "%") == 0)
        return percent_text(value);
    if (strcmp(unit, "1/s") == 0 && fabs(value) >= 10)
        snprintf(text.text, sizeof(text.text), "%.24s/s", units_count(value).text);
    else if (strcmp(unit, "1/s") == 0)
        snprintf(text.text, sizeof(text.text), "%.2g/s", value);
    else if (resource_unit_is_word(unit))
        snprintf(text.text, sizeof(text.text), "%.4g", value);
    else
        snprintf(text.text, sizeof(text.text), "%.4g %.12s", value, unit);
    return text;
}

char *resource_name(const struct resource_series *series)
{
    bool word = resource_unit_is_word(series->unit);
    bool has_subject = series->subject != NULL && *series->subject != '\0';

    return memory_printf("%s%s%s%s%s%s", series->name, has_subject ? " " : "",
                         has_subject ? series->subject : "", word ? " (" : "",
                         word ? series->unit : "", word ? ")" : "");
}
