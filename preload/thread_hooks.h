/*
 * Following pthread_create: every thread made by it attaches itself before its
 * first instruction and detaches after its last destructor.
 */
#ifndef PROFINJECT_THREAD_HOOKS_H
#define PROFINJECT_THREAD_HOOKS_H

#include <pthread.h>
#include <stdbool.h>

/* Finds the real function and makes the key whose destructor ends threads;
 * `last_ended` is called by the last of them before it goes. Called once, in the
 * constructor; before it the hook passes calls through. */
void thread_hooks_init(void (*last_ended)(void));

/* Has the calling thread, which no hook saw being made, detach at its end too. */
void thread_hooks_follow_self(void);

/* True when no thread of the process is in the books, or about to be. */
bool thread_hooks_no_more(void);

/* The C library's pthread_create, for threads of our own. */
int thread_hooks_create_unhooked(pthread_t *thread, const pthread_attr_t *attributes,
                                 void *(*start)(void *), void *argument);

/* Waits until a thread so made is gone, for the kernel too: the caller is the only one. */
void thread_hooks_join_unhooked(pthread_t thread);

#endif
