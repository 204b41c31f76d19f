/*
 * `profinject export --format pinj -o CLEAN`: traces without damage, and with what killed
 * processes left in their rings. One trace file becomes one, CLEAN; a recording, or several
 * files, a recording in the directory CLEAN, with what the first one's manifest says.
 */
#ifndef PROFINJECT_COMMANDS_CLEAN_EXPORT_H
#define PROFINJECT_COMMANDS_CLEAN_EXPORT_H

#include <stdbool.h>

#define CLEAN_EXPORT_FORMAT "pinj"

/* True when that format is named. */
bool clean_export_is_asked(int argc, char **argv);

/* The exit status. */
int clean_export_run(int argc, char **argv);

#endif
