/*
 * Commands as a shell would take them back: for manifests and headings. No
 * state.
 */
#ifndef PROFINJECT_UTIL_SHELL_H
#define PROFINJECT_UTIL_SHELL_H

#include <stddef.h>

/* The words joined by blanks, quoted where a shell would need it; control
 * characters as in $'\n', so that the text is one line. To be freed. */
char *shell_quote(const char *const *words, size_t count);

#endif
