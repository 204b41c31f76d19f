/*
 * Which build of this program it is: what one build found out another may see otherwise.
 */
#ifndef PROFINJECT_UTIL_OWN_BUILD_H
#define PROFINJECT_UTIL_OWN_BUILD_H

/* The program's own build-id in hexadecimal, or its version where the linker made none. Lives
 * for ever. Not thread-safe at the first call. */
const char *own_build(void);

#endif
