/*
 * Go's programs, whose runtime goes around the C library: it has signal handlers of its own and
 * makes its system calls itself.
 */
#ifndef PROFINJECT_GO_PROGRAM_H
#define PROFINJECT_GO_PROGRAM_H

#include <stdbool.h>

/* True when the program that runs is one. */
bool go_program_is_this(void);

#endif
