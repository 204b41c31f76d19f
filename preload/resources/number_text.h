/*
 * Numbers and words in texts of the kernel's, by hand: no locale, nothing beyond the text's null.
 * Pure functions, for any thread.
 */
#ifndef PROFINJECT_RESOURCES_NUMBER_TEXT_H
#define PROFINJECT_RESOURCES_NUMBER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Skips blanks, then reads digits: true when there are some. *at is behind them. What is too
 * large is UINT64_MAX. */
bool number_text_next(const char **at, uint64_t *value);

/* Likewise with a sign and up to `digits` decimals, in units of 10^-digits: "1.5" with 3 is 1500.
 * Further decimals are cut off. What is too large is INT64_MAX or INT64_MIN. */
bool number_text_decimal(const char **at, unsigned digits, int64_t *value);

/* The text is one such number, but for blanks around it. */
bool number_text_whole(const char *text, int64_t *value);

/* `at` begins with `word`; then behind it, else NULL. */
const char *number_text_after(const char *at, const char *word);

/* The next line, NULL: there is none. */
const char *number_text_line(const char *at);

/* Up to the next blank, behind blanks: its length, 0 at the end of the line. *at is its start. */
size_t number_text_word(const char **at);

#endif
