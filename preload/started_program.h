/*
 * The program about to be started: whether a preloaded library of ours would do there. A
 * 32-bit loader prints a line of its own about it, musl's refuses to run the program.
 *
 * Reads the file; no memory of its own, may be called in a vfork child. errno is as before.
 */
#ifndef PROFINJECT_STARTED_PROGRAM_H
#define PROFINJECT_STARTED_PROGRAM_H

#include <stdbool.h>

/* False when exec is sure to fail for what is, or is not, at that path from `directory`. */
bool started_program_is_there(int directory, const char *path);

/* By its path from `directory` (AT_FDCWD), without one `directory` itself; or by its open
 * descriptor; a script by its interpreter. True when nothing is known against it, as of
 * files that cannot be read. */
bool started_program_takes_us(int directory, const char *path);
bool started_program_takes_us_by_fd(int fd);

/* By what execvp() is given: a name without a slash is looked for along PATH, and true. */
bool started_program_takes_us_by_name(const char *name);

#endif
