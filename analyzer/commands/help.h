/*
 * Lines of --help: an option and what it means, the meaning wrapped beside it so that 80
 * columns hold it. Writes to stdout; no state.
 */
#ifndef PROFINJECT_COMMANDS_HELP_H
#define PROFINJECT_COMMANDS_HELP_H

/* A row of a table of options; a table ends with a row without a name. */
struct option_text {
    char letter;                                 /* '\0': no short form */
    const char *name, *metavar, *meaning, *note; /* as below */
    const char *values; /* for completion: all there are, "a|b|c"; NULL: others, or any */
};

void help_options(const struct option_text *rows);

/* "  -o, --output DIR    meaning": `letter` 0 is none, `metavar` NULL for a flag; `note`, in
 * brackets on a line of its own, may be NULL. */
void help_option(char letter, const char *name, const char *metavar, const char *meaning,
                 const char *note);

#endif
