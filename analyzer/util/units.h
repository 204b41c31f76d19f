/*
 * Figures as people read them, each with its unit: "12.4 MiB", "24.1 s", "38 %".
 * The text is returned by value, so that units_bytes(n).text can stand in an
 * argument list. No state; '.' is the decimal point whatever the locale, as the
 * analyzer never calls setlocale(). Bytes and nanoseconds may be of any size: damaged traces have some
 * that no whole number holds.
 */
#ifndef PROFINJECT_UTIL_UNITS_H
#define PROFINJECT_UTIL_UNITS_H

#include <stdint.h>

struct unit_text {
    char text[32];
};

struct unit_text units_bytes(double bytes);          /* B, KiB, MiB, GiB, TiB */
struct unit_text units_duration(double nanoseconds); /* ns, us, ms, s, min, h */
struct unit_text units_count(double count);          /* 3 digits: "1.23 M", "847" */
struct unit_text units_exact(int64_t count);         /* all digits: "24 000 000" */

/* Share of a whole: "38 %", "1.2 %", "<0.01 %"; "-" when `whole` is 0. */
struct unit_text units_percent(double part, double whole);

#endif
