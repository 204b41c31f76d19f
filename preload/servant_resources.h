/*
 * The servant's part of resources: its collector, from when the process has lived for a moment.
 *
 * The thread's, but for what says otherwise; by who has the turn.
 */
#ifndef PROFINJECT_SERVANT_RESOURCES_H
#define PROFINJECT_SERVANT_RESOURCES_H

#include <stdbool.h>
#include <stdint.h>

/* The thread has begun, or has come back, with a table of descriptors that has the recording. */
void servant_resources_begin(void);

/* Waits for the bell, as bell_wait(), and looks meanwhile when it is time. */
void servant_resources_wait(uint32_t rings, uint64_t timeout_ns);

/* A last look, by any thread that has the turn. */
void servant_resources_finish(void);

/* The thread goes, for a while or for good. */
void servant_resources_suspend(void);
void servant_resources_end(void);

#endif
