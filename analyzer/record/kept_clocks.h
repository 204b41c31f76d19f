/*
 * CPU time of the threads of a process whose ring the keeper drains. One thread, the keeper's.
 */
#ifndef PROFINJECT_RECORD_KEPT_CLOCKS_H
#define PROFINJECT_RECORD_KEPT_CLOCKS_H

#include "preload/contract/ring_format.h"

#include <sys/types.h>

/* Notes in the ring what threads that live have used: in case they, or the process, are killed. */
void kept_clocks_note(struct ring_file *ring, pid_t pid);

#endif
