/*
 * The threads of the process as the kernel lists them: tids of /proc/self/task, those not
 * made by the C library too. No memory from the heap, no lock. Any thread; each call lists
 * anew, and threads come and go while it does.
 */
#ifndef PROFINJECT_TASKS_H
#define PROFINJECT_TASKS_H

#include <stdbool.h>

/* `look` for every tid. Nothing where /proc is not there. Changes errno. */
void tasks_list(void (*look)(void *context, int tid), void *context);

/* True when thread `tid` has ended and is listed all the same, as the first one is until all
 * have; then how is in *status, as wait() tells it. Changes errno. */
bool tasks_has_ended(int tid, int *status);

#endif
