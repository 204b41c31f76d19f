/*
 * The functions that fail with EINTR although the handler asked for a restart: poll,
 * select, epoll, sleeps, semaphores, System V queues, waits for signals, sockets with
 * time-outs, events of libaio. Each hook is the real call, and the call again where only our signal
 * ended it; relative time-outs, and those of sockets, are shortened by what passed. They
 * stay cancellation points and may be called in handlers.
 */
#ifndef PROFINJECT_RETRY_HOOKS_H
#define PROFINJECT_RETRY_HOOKS_H

/* Finds the real functions, so that a call in a handler has nothing to look up.
 * Called once, in the constructor; before it hooks find their own. */
void retry_hooks_init(void);

#endif
