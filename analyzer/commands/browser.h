/*
 * Showing a page: where it lies when nobody said, and the browser for it. Single-threaded.
 */
#ifndef PROFINJECT_COMMANDS_BROWSER_H
#define PROFINJECT_COMMANDS_BROWSER_H

#include <stdbool.h>

/* Where the page about a trace goes: report.html in its recording; where it is in none, or none
 * of the user's that can be written to, or something else has that name, a new file in TMPDIR,
 * which is `made`. free(); NULL with errno: there is no place. */
char *browser_page_path(const char *trace, bool *made);

/*
 * Has the page shown by the first of $BROWSER's commands that is there (several stand between ':';
 * "%s" in one is the page), or by xdg-open where there is a display. The browser is on its own then:
 * in a session of its own, its output nowhere. NULL, or why nothing was started.
 */
const char *browser_start(const char *page);

/* Starts it, and says on stderr in one line as of the command `name` where the page is, and why it
 * is not shown where that is so. `quiet`: the line is left out. */
void browser_show(const char *name, const char *page, bool quiet);

#endif
