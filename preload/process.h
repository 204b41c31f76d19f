/*
 * Following the process: fork and every way to exit.
 */
#ifndef PROFINJECT_PROCESS_H
#define PROFINJECT_PROCESS_H

/* Registers for fork and for exit. Called once, when the session has begun. */
void process_init(void);

#endif
