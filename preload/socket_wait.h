/*
 * Time-outs of sockets (SO_RCVTIMEO, SO_SNDTIMEO) over calls that are made again because
 * our signal ended them: what had passed counts. Called by the hooks of calls that wait.
 */
#ifndef PROFINJECT_SOCKET_WAIT_H
#define PROFINJECT_SOCKET_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* True once a time-out was set in this process. Until then nothing is timed, and calls that
 * only a time-out makes fail with EINTR are passed on untouched. */
extern bool socket_wait_used __attribute__((visibility("hidden")));

/* When a call begins: to a tick, for a fifth of what the exact time costs; 0: nobody asks. */
uint64_t socket_wait_clock(void);
static inline uint64_t socket_wait_begin(void)
{
    return __builtin_expect(socket_wait_used, 0) ? socket_wait_clock() : 0;
}

/*
 * Waits for `fd` until the time-out of a call that began at `begin_ns` is over, late by a
 * tick at most, early never. True: the call can be made again, errno as it was. False: it
 * failed, with errno as the call sets it: EAGAIN, or EINTR by a signal of the target's.
 */
bool socket_wait_rest(int fd, bool sends, uint64_t begin_ns);

#endif
