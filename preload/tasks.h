/*
 * The threads of the process as the kernel lists them: tids of /proc/self/task, those not
 * made by the C library too. No memory from the heap, no lock. Any thread; each call lists
 * anew, and threads come and go while it does.
 */
#ifndef PROFINJECT_TASKS_H
#define PROFINJECT_TASKS_H

/* `look` for every tid. Nothing where /proc is not there. Changes errno. */
void tasks_list(void (*look)(void *context, int tid), void *context);

#endif
