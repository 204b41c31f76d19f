/*
 * The threads in the books by their tids. Its own file because the table of threads is by slot.
 * Under the threads' lock; owns nothing.
 */
#ifndef PROFINJECT_TID_TABLE_H
#define PROFINJECT_TID_TABLE_H

#include "preload/threads.h"

/* NULL when there is none of that tid. */
struct thread *tid_table_find(int tid);

/* Links are in the threads: `tid` stays while one is in. */
void tid_table_add(struct thread *thread);
/* Nothing when it is not in. */
void tid_table_remove(struct thread *thread);

void tid_table_clear(void);

/* Calls `visit` with each. */
void tid_table_each(void (*visit)(struct thread *thread));

/* How many are in. */
uint32_t tid_table_count(void);

#endif
