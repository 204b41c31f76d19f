/*
 * The HTML report as the end of `profinject record --open`.
 */
#ifndef PROFINJECT_COMMANDS_HTML_COMMAND_H
#define PROFINJECT_COMMANDS_HTML_COMMAND_H

#include <stdbool.h>

/* Makes report.html in the recording, opens it in a browser and says so in one line on stderr,
 * unless `quiet`; so are failures told, which `quiet` does not hide. */
void html_command_for_record(const char *recording, bool quiet);

#endif
