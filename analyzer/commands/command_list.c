/*
 * The list of subcommands. Its own file because main.c dispatches by it and completion
 * is made of it.
 */
#include "analyzer/commands/command_list.h"

#include <stddef.h>

const struct command *const command_list[] = {
    &command_record,     &command_report,     &command_folded,
    &command_flamegraph, &command_html,       &command_diff,
    &command_export,     &command_archive,    &command_correlate,
    &command_info,       &command_pause,      &command_resume,
    &command_toggle,     &command_snapshot,   &command_symbolize,
    &command_heat,       &command_completion, NULL,
};
