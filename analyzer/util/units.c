/*
 * Figures with units. Its own file so that all reports round alike.
 */
#include "analyzer/util/units.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

struct unit {
    double size;
    const char *name;
};

/* Three significant digits, "1023" where a unit of 1024 has four; all of what is beyond the largest unit,
 * up to what nothing is. */
static struct unit_text three_digits(double value, const char *unit)
{
    struct unit_text result;
    double size = fabs(value);
    int decimals = size < 9.995 ? 2 : size < 99.95 ? 1 : 0;

    if (size < 1e7)
        snprintf(result.text, sizeof(result.text), "%.*f %s", decimals, value, unit);
    else
        snprintf(result.text, sizeof(result.text), "%.2e %s", value, unit);
    return result;
}

/* The largest unit that `value`, once rounded, is not below. units[0] is the
 * smallest and shown as an integer. */
static struct unit_text scaled(double value, const struct unit *units, size_t count)
{
    size_t chosen = count - 1;
    struct unit_text result;

    while (chosen > 0 && fabs(value) < units[chosen].size * 0.9995)
        chosen--;
    if (chosen > 0)
        return three_digits(value / units[chosen].size, units[chosen].name);
    snprintf(result.text, sizeof(result.text), "%.0f%s%s", value,
             units[0].name[0] != '\0' ? " " : "", units[0].name);
    return result;
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What is left of one byte or nanosecond is dropped; 0 has no sign. */
static double whole(double value)
{
    return trunc(value) + 0.0;
}

struct unit_text units_bytes(double bytes)
{
    static const struct unit units[] = {
        {1, "B"}, {0x1p10, "KiB"}, {0x1p20, "MiB"}, {0x1p30, "GiB"}, {0x1p40, "TiB"}};

    return scaled(whole(bytes), units, COUNT(units));
}

struct unit_text units_duration(double nanoseconds)
{
    /* Minutes begin late: "61.2 s" is easier to work with than "1.02 min". */
    static const struct unit units[] = {{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}};
    nanoseconds = whole(nanoseconds);
    double minutes = nanoseconds / 60e9;

    if (fabs(minutes) >= 120)
        return three_digits(minutes / 60, "h");
    if (fabs(minutes) >= 10)
        return three_digits(minutes, "min");
    return scaled(nanoseconds, units, COUNT(units));
}

struct unit_text units_count(double count)
{
    static const struct unit units[] = {{1, ""}, {1e3, "k"}, {1e6, "M"}, {1e9, "G"}, {1e12, "T"}};

    return scaled(count, units, COUNT(units));
}

struct unit_text units_exact(int64_t count)
{
    struct unit_text result = {""};
    char digits[32];
    char *to = result.text;

    snprintf(digits, sizeof(digits), "%" PRId64, count);
    const char *from = digits;
    if (*from == '-')
        *to++ = *from++;
    for (size_t left = strlen(from); left > 0; left--) {
        *to++ = *from++;
        if (left % 3 == 1 && left > 1)
            *to++ = ' ';
    }
    *to = '\0';
    return result;
}

struct unit_text units_percent(double part, double whole)
{
    struct unit_text result = {"-"};
    double percent = whole != 0 ? 100 * part / whole : 0;
    double size = fabs(percent);

    if (whole == 0)
        return result;
    if (part == 0)
        snprintf(result.text, sizeof(result.text), "0 %%");
    else if (size < 0.005)
        snprintf(result.text, sizeof(result.text), "<0.01 %%");
    else
        snprintf(result.text, sizeof(result.text), "%.*f %%",
                 size < 0.995  ? 2
                 : size < 9.95 ? 1
                               : 0,
                 percent);
    return result;
}
