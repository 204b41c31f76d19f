/*
 * Text for XML and HTML documents. No state.
 */
#ifndef PROFINJECT_UTIL_XML_H
#define PROFINJECT_UTIL_XML_H

#include <stddef.h>
#include <stdio.h>

/* Writes the first `count` code points of `text` (SIZE_MAX: all), escaped for
 * element content and quoted attributes alike. What is not UTF-8 and what XML
 * forbids becomes U+FFFD. */
void xml_write_text(FILE *out, const char *text, size_t count);

#endif
