/*
 * Lines of --help: an option and what it means, the meaning wrapped beside it so that 80
 * columns hold it. Writes to stdout; no state.
 */
#ifndef PROFINJECT_COMMANDS_HELP_H
#define PROFINJECT_COMMANDS_HELP_H

/* "  -o, --output DIR    meaning": `letter` 0 is none, `metavar` NULL for a flag; `note`, in
 * brackets on a line of its own, may be NULL. */
void help_option(char letter, const char *name, const char *metavar, const char *meaning,
                 const char *note);

#endif
