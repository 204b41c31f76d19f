/*
 * Paths of source files as debug information composes them. Purely textual: the
 * files need not exist on this machine.
 */
#ifndef PROFINJECT_SYMBOLS_SOURCE_PATH_H
#define PROFINJECT_SYMBOLS_SOURCE_PATH_H

/*
 * `name` below `directory` unless it is absolute, without "//", "." and "x/..".
 * NULL and empty parts count as absent. To be freed by the caller; never NULL.
 */
char *source_path_join(const char *directory, const char *name);

#endif
