/*
 * Memory that is there before it is used. A first touch in the handler is a page
 * fault, 2 us where the profiler was developed (a virtual machine) and two of them
 * where a look comes before the store; here they are taken together, and earlier.
 *
 * Any thread, not for signal handlers; no state. errno is as before.
 */
#ifndef PROFINJECT_PAGES_H
#define PROFINJECT_PAGES_H

#include <stddef.h>

/*
 * Gives memory to the pages that hold [address, address + size), all of which must be
 * mapped for writing. 0, or -ENOSPC where there is none to be had. Linux before 5.14
 * cannot; that is no failure: they then come one by one, when they are touched.
 */
int pages_populate(const void *address, size_t size);
int pages_populate_sigsafe(const void *address, size_t size);

/* Takes the memory of pages that lie wholly in [address, address + size), private to
 * the process, away again: they read as zeros from then on. */
void pages_drop(const void *address, size_t size);

#endif
