/*
 * Processors in groups, as traces tell them: machine.packages and machine.threads of
 * preload/contract/trace_format.h, "0: 0-6:2; 1: 1-7:2".
 *
 * Pure, for any thread. The text may be anything: at most PROCESSOR_GROUPS_MOST are told of.
 */
#ifndef PROFINJECT_MODEL_PROCESSOR_GROUPS_H
#define PROFINJECT_MODEL_PROCESSOR_GROUPS_H

#include <stddef.h>

#define PROCESSOR_GROUPS_MOST 65536 /* and numbers are below it */

/* Tells each processor with its group's number, up to what is wrong in the text. NULL: none. */
void processor_groups_each(const char *text,
                           void (*tell)(void *context, size_t group, size_t processor),
                           void *context);

#endif
