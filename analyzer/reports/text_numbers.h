/*
 * Texts numbered in the order of their first use, fit for every format: valid UTF-8 without control
 * characters. What files write once and refer to by number.
 *
 * Owns its memory. Not thread-safe.
 */
#ifndef PROFINJECT_REPORTS_TEXT_NUMBERS_H
#define PROFINJECT_REPORTS_TEXT_NUMBERS_H

#include "analyzer/util/key_table.h"
#include "analyzer/util/strings.h"

#include <stddef.h>
#include <stdint.h>

struct text_numbers {
    const char **items; /* cleaned, each once */
    size_t count, capacity;
    struct strings *strings;
    struct key_table *table, *raw; /* by the cleaned text; by the text as it came, whose */
    uint32_t *of_raw;              /* numbers are here */
    size_t raw_count, raw_capacity;
};

void text_numbers_init(struct text_numbers *texts);
void text_numbers_release(struct text_numbers *texts);

/* The number of `text`, which is an interned string of the profile's or lives as long: equal
 * pointers are looked up but once. */
uint32_t text_numbers_of(struct text_numbers *texts, const char *text);

/* Likewise of a text that may go. */
uint32_t text_numbers_copy(struct text_numbers *texts, const char *text);

#endif
