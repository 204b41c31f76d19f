/*
 * Every call that waits as wait_ends.c needs it: made where it waits for ever, and let go on where
 * nothing else ends it. A call returns as ordinary ones do: -1 and errno. Included by one C file.
 */
#ifndef TESTS_WAIT_CALLS_H
#define TESTS_WAIT_CALLS_H

#include "wait_places.h"

/* JUMPS: a handler may jump out. NO_POINT: no cancellation point. */
enum { JUMPS = 1, NO_POINT = 2 };

struct call {
    const char *name;
    long (*make)(struct place *);
    void (*release)(struct place *); /* NULL: it can be cancelled */
    enum needs needs;
    int flags;
};

#define CALL(name, expression)               \
    static long call_##name(struct place *p) \
    {                                        \
        (void)p;                             \
        return (expression);                 \
    }
/* Of those that return an error number. */
#define NUMBERED(name, expression)           \
    static long call_##name(struct place *p) \
    {                                        \
        int error_ = (expression);           \
        (void)p;                             \
        errno = error_;                      \
        return error_ ? -1 : 0;              \
    }
#define C11(name, expression) NUMBERED(name, (expression) == thrd_success ? 0 : EPROTO)

static char byte;
static const struct timespec hour = {3600, 0};
static struct timespec later(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_sec += 3600;
    return time;
}
#define BY(clock)       \
    (struct timespec[]) \
    {                   \
        later(clock)    \
    }
#define PART         \
    (struct iovec[]) \
    {                \
        {            \
            &byte, 1 \
        }            \
    }
#define POLLED                                  \
    (struct pollfd[])                           \
    {                                           \
        {                                       \
            .fd = p->empty[0], .events = POLLIN \
        }                                       \
    }
#define EVENT               \
    (struct epoll_event[1]) \
    {                       \
        {                   \
            0               \
        }                   \
    }
#define MESSAGE                              \
    (struct msghdr[])                        \
    {                                        \
        {                                    \
            .msg_iov = PART, .msg_iovlen = 1 \
        }                                    \
    }
#define TYPED         \
    (struct {         \
        long type;    \
        char text[8]; \
    }[])              \
    {                 \
        {             \
            1, ""     \
        }             \
    }

static sigset_t *only(int signal)
{
    static sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    return &set;
}

static sigset_t *no_signals(void)
{
    static sigset_t set;
    sigemptyset(&set);
    return &set;
}

static fd_set *selected(const struct place *p)
{
    static fd_set set;
    FD_ZERO(&set);
    FD_SET(p->empty[0], &set);
    return &set;
}

/* Full queues: the wait is for room. */
static long send_message(struct place *p)
{
    while (msgsnd(p->queue, TYPED, 8, IPC_NOWAIT) == 0)
        ;
    return msgsnd(p->queue, TYPED, 8, 0);
}

static long send_posix_message(struct place *p)
{
    struct timespec past = {0, 0};
    while (mq_timedsend(p->messages, "text", 4, 0, &past) == 0)
        ;
    return mq_send(p->messages, "text", 4, 0);
}

/* These take the mutex that they give back while they wait; who is cancelled has it again. */
static void unlock(void *mutex)
{
    pthread_mutex_unlock(mutex);
}

#define CONDITION(name, wait)                   \
    static long call_##name(struct place *p)    \
    {                                           \
        int status;                             \
        pthread_mutex_lock(&p->free);           \
        pthread_cleanup_push(unlock, &p->free); \
        status = (wait);                        \
        pthread_cleanup_pop(1);                 \
        errno = status;                         \
        return status ? -1 : 0;                 \
    }

CALL(nanosleep, nanosleep(&hour, NULL))
NUMBERED(clock_nanosleep,
         clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, BY(CLOCK_MONOTONIC), NULL))
CALL(usleep, usleep(900000000))
CALL(sleep, sleep(3600) ? (errno = EINTR, -1) : 0)
CALL(thrd_sleep, thrd_sleep(&hour, NULL) ? (errno = EINTR, -1) : 0)
CALL(poll, poll(POLLED, 1, 3600000))
CALL(ppoll, ppoll(POLLED, 1, &hour, NULL))
CALL(select, select(p->empty[0] + 1, selected(p), NULL, NULL, &(struct timeval){3600, 0}))
CALL(pselect, pselect(p->empty[0] + 1, selected(p), NULL, NULL, &hour, NULL))
CALL(epoll_wait, epoll_wait(p->epoll, EVENT, 1, 3600000))
CALL(epoll_pwait, epoll_pwait(p->epoll, EVENT, 1, 3600000, NULL))
CALL(read, read(p->empty[0], &byte, 1))
CALL(readv, readv(p->empty[0], PART, 1))
CALL(write, write(p->full[1], &byte, 1))
CALL(writev, writev(p->full[1], PART, 1))
CALL(recv, recv(p->sockets[0], &byte, 1, 0))
CALL(recvfrom, recvfrom(p->sockets[0], &byte, 1, 0, NULL, NULL))
CALL(recvmsg, recvmsg(p->sockets[0], MESSAGE, 0))
CALL(recvmmsg, recvmmsg(p->sockets[0], (struct mmsghdr[]){{.msg_hdr = *MESSAGE}}, 1, 0, NULL))
CALL(send, send(p->full_sockets[1], &byte, 1, 0))
CALL(sendto, sendto(p->full_sockets[1], &byte, 1, 0, NULL, 0))
CALL(sendmsg, sendmsg(p->full_sockets[1], MESSAGE, 0))
CALL(accept, accept(p->listener, NULL, NULL))
CALL(accept4, accept4(p->listener, NULL, NULL, SOCK_CLOEXEC))
CALL(connect, connect_to(p, 0))
CALL(open, open("wait_ends.fifo", O_RDONLY))
CALL(openat, openat(AT_FDCWD, "wait_ends.fifo", O_WRONLY))
CALL(setlkw, fcntl(p->file, F_SETLKW, &(struct flock){.l_type = F_WRLCK}))
CALL(ofd_setlkw, fcntl(p->file, F_OFD_SETLKW, &(struct flock){.l_type = F_WRLCK}))
CALL(lockf, lockf(p->file, F_LOCK, 0))
CALL(flock, flock(p->file, LOCK_EX))
CALL(wait, wait(NULL))
CALL(waitpid, waitpid(p->child, NULL, 0))
CALL(waitid, waitid(P_PID, (id_t)p->child, &(siginfo_t){0}, WEXITED))
CALL(wait4, wait4(p->child, NULL, 0, NULL))
CALL(pause, pause())
CALL(sigsuspend, sigsuspend(no_signals()))
NUMBERED(sigwait, sigwait(only(SIGUSR2), (int[1]){0}))
CALL(sigwaitinfo, sigwaitinfo(only(SIGUSR2), NULL))
CALL(sigtimedwait, sigtimedwait(only(SIGUSR2), NULL, &hour))
CALL(sem_wait, sem_wait(&p->none))
CALL(sem_timedwait, sem_timedwait(&p->none, BY(CLOCK_REALTIME)))
CALL(sem_clockwait, sem_clockwait(&p->none, CLOCK_MONOTONIC, BY(CLOCK_MONOTONIC)))
CALL(semop, semop(p->set, &(struct sembuf){.sem_op = -1}, 1))
CALL(semtimedop, semtimedop(p->set, &(struct sembuf){.sem_op = -1}, 1, &hour))
CALL(msgrcv, msgrcv(p->queue, TYPED, 8, 2, 0))
CALL(msgsnd, send_message(p))
CALL(mq_receive, mq_receive(p->messages, (char[8]){0}, 8, NULL))
CALL(mq_timedreceive, mq_timedreceive(p->messages, (char[8]){0}, 8, NULL, BY(CLOCK_REALTIME)))
CALL(mq_send, send_posix_message(p))
NUMBERED(mutex_lock, pthread_mutex_lock(&p->locked))
NUMBERED(mutex_timedlock, pthread_mutex_timedlock(&p->locked, BY(CLOCK_REALTIME)))
NUMBERED(mutex_clocklock, pthread_mutex_clocklock(&p->locked, CLOCK_MONOTONIC, BY(CLOCK_MONOTONIC)))
C11(mtx_lock, mtx_lock(&p->c11_locked))
C11(mtx_timedlock, mtx_timedlock(&p->c11_locked, BY(CLOCK_REALTIME)))
NUMBERED(rdlock, pthread_rwlock_rdlock(&p->written))
NUMBERED(wrlock, pthread_rwlock_wrlock(&p->written))
NUMBERED(timedrdlock, pthread_rwlock_timedrdlock(&p->written, BY(CLOCK_REALTIME)))
NUMBERED(clockwrlock, pthread_rwlock_clockwrlock(&p->written, CLOCK_MONOTONIC, BY(CLOCK_MONOTONIC)))
NUMBERED(barrier_wait, pthread_barrier_wait(&p->two) > 0)
CONDITION(cond_wait, pthread_cond_wait(&p->never, &p->free))
CONDITION(cond_timedwait, pthread_cond_timedwait(&p->never, &p->free, BY(CLOCK_REALTIME)))
CONDITION(cond_clockwait,
          pthread_cond_clockwait(&p->never, &p->free, CLOCK_MONOTONIC, BY(CLOCK_MONOTONIC)))
CONDITION(cnd_wait, cnd_wait(&p->c11_never, (mtx_t *)&p->free))
CONDITION(cnd_timedwait, cnd_timedwait(&p->c11_never, (mtx_t *)&p->free, BY(CLOCK_REALTIME)))
NUMBERED(join, pthread_join(p->thread, NULL))
NUMBERED(timedjoin, pthread_timedjoin_np(p->thread, NULL, BY(CLOCK_REALTIME)))
NUMBERED(clockjoin, pthread_clockjoin_np(p->thread, NULL, CLOCK_MONOTONIC, BY(CLOCK_MONOTONIC)))
C11(thrd_join, thrd_join(p->thread, NULL))
CALL(futex, syscall(SYS_futex, &p->word, FUTEX_WAIT_PRIVATE, 0, &hour, NULL, 0))

static void let_lock(struct place *p)
{
    pthread_mutex_unlock(&p->locked);
}

static void let_c11_lock(struct place *p)
{
    mtx_unlock(&p->c11_locked);
}

static void let_write(struct place *p)
{
    pthread_rwlock_unlock(&p->written);
}

static void let_meet(struct place *p)
{
    pthread_barrier_wait(&p->two);
}

static void let_file(struct place *p)
{
    flock(p->other_file, LOCK_UN);
}

static void let_futex(struct place *p)
{
    syscall(SYS_futex, &p->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void let_set(struct place *p)
{
    semop(p->set, &(struct sembuf){.sem_op = 1}, 1);
}

static void let_read(struct place *p)
{
    if (write(p->empty[1], "x", 1) != 1)
        exit(1);
}

static void let_receive(struct place *p)
{
    if (send(p->sockets[1], "x", 1, 0) != 1)
        exit(1);
}

static void let_take(struct place *p)
{
    sem_post(&p->none);
}

static void let_end(struct place *p)
{
    sem_post(&p->end_of_thread);
}

#define ROW(name, release, needs, flags)          \
    {                                             \
#name, call_##name, release, needs, flags \
    }
static const struct call calls[] = {
    ROW(nanosleep, NULL, NOTHING, JUMPS),
    ROW(clock_nanosleep, NULL, NOTHING, JUMPS),
    ROW(usleep, NULL, NOTHING, JUMPS),
    ROW(sleep, NULL, NOTHING, JUMPS),
    ROW(thrd_sleep, NULL, NOTHING, JUMPS),
    ROW(poll, NULL, NOTHING, JUMPS),
    ROW(ppoll, NULL, NOTHING, JUMPS),
    ROW(select, NULL, NOTHING, JUMPS),
    ROW(pselect, NULL, NOTHING, JUMPS),
    ROW(epoll_wait, NULL, NOTHING, JUMPS),
    ROW(epoll_pwait, NULL, NOTHING, JUMPS),
    ROW(read, let_read, NOTHING, JUMPS),
    ROW(readv, let_read, NOTHING, JUMPS),
    ROW(write, NULL, NOTHING, JUMPS),
    ROW(writev, NULL, NOTHING, JUMPS),
    ROW(recv, let_receive, NOTHING, JUMPS),
    ROW(recvfrom, let_receive, NOTHING, JUMPS),
    ROW(recvmsg, let_receive, NOTHING, JUMPS),
    ROW(recvmmsg, let_receive, NOTHING, JUMPS),
    ROW(send, NULL, NOTHING, JUMPS),
    ROW(sendto, NULL, NOTHING, JUMPS),
    ROW(sendmsg, NULL, NOTHING, JUMPS),
    ROW(accept, NULL, LISTENER, JUMPS),
    ROW(accept4, NULL, LISTENER, JUMPS),
    ROW(connect, NULL, FULL, 0),
    ROW(open, NULL, FIFO, JUMPS),
    ROW(openat, NULL, FIFO, JUMPS),
    ROW(setlkw, NULL, LOCKED_BY_CHILD, JUMPS),
    ROW(ofd_setlkw, NULL, LOCKED_FILE, JUMPS),
    ROW(lockf, NULL, LOCKED_BY_CHILD, JUMPS),
    ROW(flock, let_file, LOCKED_FILE, JUMPS | NO_POINT),
    ROW(wait, NULL, CHILD, JUMPS),
    ROW(waitpid, NULL, CHILD, JUMPS),
    ROW(waitid, NULL, CHILD, JUMPS),
    ROW(wait4, NULL, CHILD, JUMPS),
    ROW(pause, NULL, NOTHING, JUMPS),
    ROW(sigsuspend, NULL, NOTHING, JUMPS),
    ROW(sigwait, NULL, NOTHING, JUMPS),
    ROW(sigwaitinfo, NULL, NOTHING, JUMPS),
    ROW(sigtimedwait, NULL, NOTHING, JUMPS),
    ROW(sem_wait, let_take, NOTHING, JUMPS),
    ROW(sem_timedwait, let_take, NOTHING, JUMPS),
    ROW(sem_clockwait, let_take, NOTHING, JUMPS),
    ROW(semop, let_set, QUEUES, JUMPS | NO_POINT),
    ROW(semtimedop, let_set, QUEUES, JUMPS | NO_POINT),
    ROW(msgrcv, NULL, QUEUES, JUMPS),
    ROW(msgsnd, NULL, QUEUES, JUMPS),
    ROW(mq_receive, NULL, QUEUES, JUMPS),
    ROW(mq_timedreceive, NULL, QUEUES, JUMPS),
    ROW(mq_send, NULL, QUEUES, JUMPS),
    ROW(mutex_lock, let_lock, NOTHING, NO_POINT),
    ROW(mutex_timedlock, let_lock, NOTHING, NO_POINT),
    ROW(mutex_clocklock, let_lock, NOTHING, NO_POINT),
    ROW(mtx_lock, let_c11_lock, NOTHING, NO_POINT),
    ROW(mtx_timedlock, let_c11_lock, NOTHING, NO_POINT),
    ROW(rdlock, let_write, NOTHING, NO_POINT),
    ROW(wrlock, let_write, NOTHING, NO_POINT),
    ROW(timedrdlock, let_write, NOTHING, NO_POINT),
    ROW(clockwrlock, let_write, NOTHING, NO_POINT),
    ROW(barrier_wait, let_meet, NOTHING, NO_POINT),
    ROW(cond_wait, NULL, NOTHING, 0),
    ROW(cond_timedwait, NULL, NOTHING, 0),
    ROW(cond_clockwait, NULL, NOTHING, 0),
    ROW(cnd_wait, NULL, NOTHING, 0),
    ROW(cnd_timedwait, NULL, NOTHING, 0),
    ROW(join, let_end, THREAD, 0),
    ROW(timedjoin, let_end, THREAD, 0),
    ROW(clockjoin, let_end, THREAD, 0),
    ROW(thrd_join, let_end, THREAD, 0),
    ROW(futex, let_futex, NOTHING, JUMPS | NO_POINT),
    {NULL, NULL, NULL, NOTHING, 0},
};

#endif
