/*
 * Readable names: C++ (Itanium) and Rust (legacy and v0) by libiberty. Own file
 * because names come from files nobody vouches for, and libiberty's output can
 * grow exponentially with its input: here it is bounded.
 */
#ifndef PROFINJECT_SYMBOLS_DEMANGLE_H
#define PROFINJECT_SYMBOLS_DEMANGLE_H

#include <stdbool.h>

/* True when `name` looks mangled by one of the known schemes. */
bool demangle_is_mangled(const char *name);

/*
 * The demangled form with parameters, without Rust's hash, to be freed by the
 * caller. NULL when `name` is not mangled, not valid, or unreasonably large:
 * the caller then shows the name as it is.
 */
char *demangle(const char *name);

#endif
