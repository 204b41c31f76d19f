/*
 * A table of interned strings: equal text gives the same pointer, so that
 * strings compare by address. The table owns them; they live until
 * strings_free(). Not thread-safe.
 */
#ifndef PROFINJECT_UTIL_STRINGS_H
#define PROFINJECT_UTIL_STRINGS_H

#include <stddef.h>

struct strings;

struct strings *strings_new(void);
void strings_free(struct strings *table); /* NULL is allowed */

/* Never NULL for text != NULL; NULL gives NULL. */
const char *strings_intern(struct strings *table, const char *text);

/* The same for bytes without a NUL at their end; a NUL among them ends the text. */
const char *strings_intern_bytes(struct strings *table, const void *bytes, size_t size);

#endif
