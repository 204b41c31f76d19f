/*
 * The last words of `profinject record`: three lines at most, on stderr.
 */
#ifndef PROFINJECT_COMMANDS_VERDICT_H
#define PROFINJECT_COMMANDS_VERDICT_H

#include <stdbool.h>

/*
 * Says what the recording at `path` holds, where it is and what to type next;
 * `shown` is its path as the user would type it. Without a trace in it: one line
 * that says why, unless the user was told before the command started. `next`: what to
 * type is part of it. Returns whether there was something to tell of.
 */
bool verdict_print(const char *path, const char *shown, bool told, bool next);

#endif
