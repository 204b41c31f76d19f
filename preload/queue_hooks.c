/*
 * Queues of messages and semaphores of System V, queues of POSIX, and events of asynchronous input
 * and output. One file because they are few, and alike.
 */
#include "preload/hooked.h"
#include "preload/timeouts.h"
#include "preload/wait_hooks.h"

#include <aio.h>
#include <mqueue.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REAL_FUNCTIONS(X)                                                                   \
    X(int, msgsnd, (int, const void *, size_t, int))                                        \
    X(ssize_t, msgrcv, (int, void *, size_t, long, int))                                    \
    X(int, semop, (int, struct sembuf *, size_t))                                           \
    X(int, semtimedop, (int, struct sembuf *, size_t, const struct timespec *))             \
    X(int, mq_send, (mqd_t, const char *, size_t, unsigned))                                \
    X(int, mq_timedsend, (mqd_t, const char *, size_t, unsigned, const struct timespec *))  \
    X(ssize_t, mq_receive, (mqd_t, char *, size_t, unsigned *))                             \
    X(ssize_t, mq_timedreceive,                                                             \
      (mqd_t, char *restrict, size_t, unsigned *restrict, const struct timespec *restrict)) \
    X(int, aio_suspend, (const struct aiocb *const[], int, const struct timespec *))        \
    X(int, aio_suspend64, (const struct aiocb64 *const[], int, const struct timespec *))
HOOK_TABLE(queue_hooks_init)

/* --- System V ----------------------------------------------------------------------------- */

PROFINJECT_API int msgsnd(int queue, const void *message, size_t size, int flags)
{
    FIND(msgsnd);
    RETRY_IN(TRACE_WAIT_MESSAGE_QUEUE, (uint64_t)(unsigned)queue, result == 0 ? size : 0,
             real.msgsnd(queue, message, size, flags), (void)0);
}

PROFINJECT_API ssize_t msgrcv(int queue, void *message, size_t size, long type, int flags)
{
    FIND(msgrcv);
    RETRY_IN(TRACE_WAIT_MESSAGE_QUEUE, (uint64_t)(unsigned)queue, hooked_bytes(result),
             real.msgrcv(queue, message, size, type, flags), (void)0);
}

PROFINJECT_API int semop(int set, struct sembuf *operations, size_t count)
{
    FIND(semop);
    RETRY_IN(TRACE_WAIT_SEMAPHORE, (uint64_t)(unsigned)set, 0, real.semop(set, operations, count),
             (void)0);
}

PROFINJECT_API int semtimedop(int set, struct sembuf *operations, size_t count,
                              const struct timespec *timeout)
{
    FIND(semtimedop);
    struct timeout t = timeout_of(timeout);
    RETRY_IN(TRACE_WAIT_SEMAPHORE, (uint64_t)(unsigned)set, 0,
             real.semtimedop(set, operations, count, t.given), timeout_shorten(&t));
}

/* --- POSIX: queues are descriptors, and wait again by themselves -------------------------- */

#define QUEUE_IN(bytes, call)  \
    PASS_UNLESS_WATCHED(call); \
    WAIT_IN(TRACE_WAIT_MESSAGE_QUEUE, waits_descriptor(queue), 0, bytes, call)

PROFINJECT_API int mq_send(mqd_t queue, const char *message, size_t size, unsigned priority)
{
    FIND(mq_send);
    QUEUE_IN(result == 0 ? size : 0, real.mq_send(queue, message, size, priority));
}

PROFINJECT_API int mq_timedsend(mqd_t queue, const char *message, size_t size, unsigned priority,
                                const struct timespec *until)
{
    FIND(mq_timedsend);
    QUEUE_IN(result == 0 ? size : 0, real.mq_timedsend(queue, message, size, priority, until));
}

PROFINJECT_API ssize_t mq_receive(mqd_t queue, char *message, size_t size, unsigned *priority)
{
    FIND(mq_receive);
    QUEUE_IN(hooked_bytes(result), real.mq_receive(queue, message, size, priority));
}

PROFINJECT_API ssize_t mq_timedreceive(mqd_t queue, char *restrict message, size_t size,
                                       unsigned *restrict priority,
                                       const struct timespec *restrict until)
{
    FIND(mq_timedreceive);
    QUEUE_IN(hooked_bytes(result), real.mq_timedreceive(queue, message, size, priority, until));
}

/* --- asynchronous input and output ---------------------------------------------------------- */

PROFINJECT_API int aio_suspend(const struct aiocb *const list[], int count,
                               const struct timespec *timeout)
{
    FIND(aio_suspend);
    PASS_UNLESS_WATCHED(real.aio_suspend(list, count, timeout));
    WAIT_IN(TRACE_WAIT_IO_EVENTS, 0, 0, 0, real.aio_suspend(list, count, timeout));
}

PROFINJECT_API int aio_suspend64(const struct aiocb64 *const list[], int count,
                                 const struct timespec *timeout)
{
    FIND(aio_suspend64);
    PASS_UNLESS_WATCHED(real.aio_suspend64(list, count, timeout));
    WAIT_IN(TRACE_WAIT_IO_EVENTS, 0, 0, 0, real.aio_suspend64(list, count, timeout));
}

/* What libaio's function does, where it was loaded out of our sight. */
static int get_events(void *context, long least, long most, void *events, struct timespec *timeout)
{
    int saved_errno = errno;
    long got = syscall(SYS_io_getevents, context, least, most, events, timeout);
    int result = got < 0 ? -errno : (int)got;
    errno = saved_errno;
    return result;
}

typedef int get_events_function(void *, long, long, void *, struct timespec *);

/* Not looked for before it is called: in most programs in vain, which dlerror() would tell. */
static get_events_function *find_get_events(void)
{
    static get_events_function *found;
    int saved_errno = errno;
    if (!found)
        found = (get_events_function *)dlsym(RTLD_NEXT, "io_getevents");
    if (!found) {
        found = get_events;
        dlerror();
    }
    errno = saved_errno;
    return found;
}

PROFINJECT_API get_events_function io_getevents;
PROFINJECT_API int io_getevents(void *context, long least, long most, void *events,
                                struct timespec *timeout)
{
    get_events_function *next = find_get_events();
    struct timeout t = timeout_of(timeout);
    struct wait wait;
    int got;
    waits_begin(&wait, TRACE_WAIT_IO_EVENTS, 0, 0);
    for (;;) {
        retry_noted = 0;
        got = next(context, least, most, events, (struct timespec *)t.given);
        if (PLATFORM_LIKELY(got != -EINTR || !retry_noted)) /* no errno here */
            break;
        timeout_shorten(&t);
    }
    END_WAIT(wait, TRACE_WAIT_IO_EVENTS, 0, 0, 0);
    return got;
}
