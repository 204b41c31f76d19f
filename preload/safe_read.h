/*
 * Reading memory that may not be there, without a fault and without a file
 * descriptor: the kernel is asked whether it can read a page. For unwinding
 * outside known stack bounds. No allocation; thread-safe.
 */
#ifndef PROFINJECT_SAFE_READ_H
#define PROFINJECT_SAFE_READ_H

#include <stdbool.h>
#include <stdint.h>

#define SAFE_READ_PAGE 4096u

/* Tests once, in the constructor, that the kernel answers as expected (some
 * emulators differ); until then and when it does not, every page counts as
 * unreadable. */
void safe_read_init(void);

/* True when all of the page that holds `address` can be read. One system call. */
bool safe_read_page_sigsafe(uint64_t address);

#endif
