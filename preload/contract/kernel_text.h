/*
 * Small texts of the kernel's, as /proc has them. Any thread; a moment's descriptor, no
 * allocation. Not for signal handlers.
 */
#ifndef PROFINJECT_KERNEL_TEXT_H
#define PROFINJECT_KERNEL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* As much of the file at `path` as one read gives and `size` bytes hold, a null behind it. False,
 * and text[0] is one, when there is nothing. errno may change. */
bool kernel_text_read(const char *path, char *text, size_t size);

#endif
