/*
 * All subcommands there are, in the order of `profinject --help`. Read only.
 */
#ifndef PROFINJECT_COMMANDS_COMMAND_LIST_H
#define PROFINJECT_COMMANDS_COMMAND_LIST_H

#include "analyzer/commands/command.h"

/* NULL ends it. */
extern const struct command *const command_list[];

#endif
