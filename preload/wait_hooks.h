/*
 * The hooks of calls that wait: each is the real call, timed (waits.h), and where the C library
 * leaves that to the caller made again when only our signal ended it (retry.h): poll, select,
 * epoll, sleeps, semaphores with time-outs, System V queues, waits for signals, sockets with
 * time-outs, events of libaio. Relative time-outs, and those of sockets, are shortened by what
 * passed. They stay cancellation points and may be called in handlers.
 */
#ifndef PROFINJECT_WAIT_HOOKS_H
#define PROFINJECT_WAIT_HOOKS_H

/* Finds the real functions, so that a call in a handler has nothing to look up.
 * Called once, in the constructor; before it hooks find their own. */
void wait_hooks_init(void);

/* Those of a file each. */
void lock_hooks_init(void);
void condition_hooks_init(void);
void join_hooks_init(void);
void sleep_hooks_init(void);
void descriptor_hooks_init(void);
void socket_hooks_init(void);
void transfer_hooks_init(void);
void file_hooks_init(void);
void queue_hooks_init(void);
void name_hooks_init(void);

#endif
