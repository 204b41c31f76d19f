/*
 * The calls of wait_each.c: what has to be there before, what others do while the call waits, and what
 * is left to do behind it. Its own file because it is a table.
 */
#ifndef PROFINJECT_TESTS_WAIT_EACH_H
#define PROFINJECT_TESTS_WAIT_EACH_H

/* X(name, kind, before, meanwhile, call, behind) */
#define CALLS(X)                                                                                   \
    X(pthread_mutex_lock, "mutex", empty, hold_mutex, pthread_mutex_lock(&mutex),                  \
      pthread_mutex_unlock(&mutex))                                                                \
    X(pthread_mutex_timedlock, "mutex", empty, hold_mutex, pthread_mutex_timedlock(&mutex, UNTIL), \
      pthread_mutex_unlock(&mutex))                                                                \
    X(pthread_mutex_clocklock, "mutex", empty, hold_mutex,                                         \
      pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, UNTIL_MONOTONIC),                           \
      pthread_mutex_unlock(&mutex))                                                                \
    X(mtx_lock, "mutex", empty, hold_c11, mtx_lock(&c11_mutex), mtx_unlock(&c11_mutex))            \
    X(mtx_timedlock, "mutex", empty, hold_c11, mtx_timedlock(&c11_mutex, UNTIL),                   \
      mtx_unlock(&c11_mutex))                                                                      \
    X(pthread_rwlock_rdlock, "read lock", empty, hold_rwlock, pthread_rwlock_rdlock(&rwlock),      \
      pthread_rwlock_unlock(&rwlock))                                                              \
    X(pthread_rwlock_timedrdlock, "read lock", empty, hold_rwlock,                                 \
      pthread_rwlock_timedrdlock(&rwlock, UNTIL), pthread_rwlock_unlock(&rwlock))                  \
    X(pthread_rwlock_clockrdlock, "read lock", empty, hold_rwlock,                                 \
      pthread_rwlock_clockrdlock(&rwlock, CLOCK_MONOTONIC, UNTIL_MONOTONIC),                       \
      pthread_rwlock_unlock(&rwlock))                                                              \
    X(pthread_rwlock_wrlock, "write lock", empty, hold_rwlock, pthread_rwlock_wrlock(&rwlock),     \
      pthread_rwlock_unlock(&rwlock))                                                              \
    X(pthread_rwlock_timedwrlock, "write lock", empty, hold_rwlock,                                \
      pthread_rwlock_timedwrlock(&rwlock, UNTIL), pthread_rwlock_unlock(&rwlock))                  \
    X(pthread_rwlock_clockwrlock, "write lock", empty, hold_rwlock,                                \
      pthread_rwlock_clockwrlock(&rwlock, CLOCK_MONOTONIC, UNTIL_MONOTONIC),                       \
      pthread_rwlock_unlock(&rwlock))                                                              \
    X(pthread_cond_wait, "condition", lock_mutexes, signal_condition,                              \
      UNTIL_HAPPENED(pthread_cond_wait(&condition, &mutex)), unlock_mutexes())                     \
    X(pthread_cond_timedwait, "condition", lock_mutexes, signal_condition,                         \
      UNTIL_HAPPENED(pthread_cond_timedwait(&condition, &mutex, UNTIL)), unlock_mutexes())         \
    X(pthread_cond_clockwait, "condition", lock_mutexes, signal_condition,                         \
      UNTIL_HAPPENED(                                                                              \
          pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, UNTIL_MONOTONIC)),           \
      unlock_mutexes())                                                                            \
    X(cnd_wait, "condition", lock_mutexes, signal_c11,                                             \
      UNTIL_HAPPENED(cnd_wait(&c11_condition, &c11_mutex)), unlock_mutexes())                      \
    X(cnd_timedwait, "condition", lock_mutexes, signal_c11,                                        \
      UNTIL_HAPPENED(cnd_timedwait(&c11_condition, &c11_mutex, UNTIL)), unlock_mutexes())          \
    X(sem_wait, "semaphore", empty, post, sem_wait(&semaphore), empty())                           \
    X(sem_timedwait, "semaphore", empty, post, sem_timedwait(&semaphore, UNTIL), empty())          \
    X(sem_clockwait, "semaphore", empty, post,                                                     \
      sem_clockwait(&semaphore, CLOCK_MONOTONIC, UNTIL_MONOTONIC), empty())                        \
    X(semop, "semaphore", empty, raise_semaphore,                                                  \
      semop(semaphores, &(struct sembuf){0, -1, 0}, 1), empty())                                   \
    X(semtimedop, "semaphore", empty, raise_semaphore,                                             \
      semtimedop(semaphores, &(struct sembuf){0, -1, 0}, 1, FOR_LONG), empty())                    \
    X(pthread_barrier_wait, "barrier", empty, arrive, pthread_barrier_wait(&barrier), empty())     \
    X(pthread_once, "once", empty, run_once, pthread_once(&once, nothing), empty())                \
    X(call_once, "once", empty, run_c11_once, call_once(&second_once, nothing), empty())           \
    X(pthread_join, "join", make_thread, nothing, pthread_join(sleeper, NULL), empty())            \
    X(pthread_timedjoin_np, "join", make_thread, nothing,                                          \
      pthread_timedjoin_np(sleeper, NULL, UNTIL), empty())                                         \
    X(pthread_clockjoin_np, "join", make_thread, nothing,                                          \
      pthread_clockjoin_np(sleeper, NULL, CLOCK_MONOTONIC, UNTIL_MONOTONIC), empty())              \
    X(thrd_join, "join", make_c11_thread, nothing, thrd_join(c11_sleeper, NULL), empty())          \
    X(wait, "child", make_child, nothing, wait(NULL), empty())                                     \
    X(waitpid, "child", make_child, nothing, waitpid(child, NULL, 0), empty())                     \
    X(wait3, "child", make_child, nothing, wait3(NULL, 0, NULL), empty())                          \
    X(wait4, "child", make_child, nothing, wait4(child, NULL, 0, NULL), empty())                   \
    X(waitid, "child", make_child, nothing, waitid(P_ALL, 0, &info, WEXITED), empty())             \
    X(usleep, "sleep", empty, nothing, usleep(LENGTH_MS * 1000), empty())                          \
    X(nanosleep, "sleep", empty, nothing, nanosleep(FOR_LENGTH, NULL), empty())                    \
    X(clock_nanosleep, "sleep", empty, nothing,                                                    \
      clock_nanosleep(CLOCK_MONOTONIC, 0, FOR_LENGTH, NULL), empty())                              \
    X(thrd_sleep, "sleep", empty, nothing, thrd_sleep(FOR_LENGTH, NULL), empty())                  \
    X(pause, "signal", empty, send_signal, pause(), empty())                                       \
    X(sigsuspend, "signal", empty, send_signal, sigsuspend(&(sigset_t){0}), empty())               \
    X(sigwait, "signal", block_usr1, send_signal, sigwait(&usr1, &(int){0}), empty())              \
    X(sigwaitinfo, "signal", empty, send_signal, sigwaitinfo(&usr1, NULL), empty())                \
    X(sigtimedwait, "signal", empty, send_signal, sigtimedwait(&usr1, NULL, FOR_LONG),             \
      unblock_usr1())                                                                              \
    X(poll, "poll", empty, nothing, poll(&polled, 1, LENGTH_MS), empty())                          \
    X(ppoll, "poll", empty, nothing, ppoll(&polled, 1, FOR_LENGTH, NULL), empty())                 \
    X(select, "poll", empty, nothing,                                                              \
      select(0, NULL, NULL, NULL, &(struct timeval){0, LENGTH_MS * 1000}), empty())                \
    X(pselect, "poll", empty, nothing, pselect(0, NULL, NULL, NULL, FOR_LENGTH, NULL), empty())    \
    X(epoll_wait, "poll", empty, nothing, epoll_wait(epoll, &event, 1, LENGTH_MS), empty())        \
    X(epoll_pwait, "poll", empty, nothing, epoll_pwait(epoll, &event, 1, LENGTH_MS, NULL),         \
      empty())                                                                                     \
    X(epoll_pwait2, "poll", empty, nothing, epoll_pwait2(epoll, &event, 1, FOR_LENGTH, NULL),      \
      empty())                                                                                     \
    X(read, "read", empty, write_byte, read(ends[0], much, 1), empty())                            \
    X(readv, "read", empty, write_byte, readv(ends[0], &part, 1), empty())                         \
    X(write, "write", empty, drain_pipe, write(ends[1], much, MUCH), happened = 1)                 \
    X(writev, "write", empty, drain_pipe, writev(ends[1], &all, 1), happened = 1)                  \
    X(sendfile, "write", empty, drain_pipe, sendfile_all(), happened = 1)                          \
    X(splice, "write", empty, drain_pipe, splice_all(), happened = 1)                              \
    X(recv, "receive", empty, send_byte, recv(pair[0], much, 1, 0), empty())                       \
    X(recvfrom, "receive", empty, send_byte, recvfrom(pair[0], much, 1, 0, NULL, NULL), empty())   \
    X(recvmsg, "receive", empty, send_byte, recvmsg(pair[0], &message, 0), empty())                \
    X(recvmmsg, "receive", empty, send_byte, recvmmsg(pair[0], IOV(message), 1, 0, NULL), empty()) \
    X(send, "send", empty, drain_socket, send(pair[0], much, MUCH, 0), happened = 1)               \
    X(sendto, "send", empty, drain_socket, sendto(pair[0], much, MUCH, 0, NULL, 0), happened = 1)  \
    X(sendmsg, "send", empty, drain_socket, sendmsg(pair[0], &large, 0), happened = 1)             \
    X(sendmmsg, "send", empty, drain_socket, sendmmsg(pair[0], IOV(large), 1, 0), happened = 1)    \
    X(accept, "accept", empty, dial, accept(listener, NULL, NULL), empty())                        \
    X(accept4, "accept", empty, dial, accept4(listener, NULL, NULL, 0), empty())                   \
    X(connect, "connect", fill_backlog, accept_one, dial_now(), empty())                           \
    X(open, "open", empty, open_fifo, close(open("fifo", O_RDONLY)), empty())                      \
    X(open64, "open", empty, open_fifo, close(open64("fifo", O_RDONLY)), empty())                  \
    X(openat, "open", empty, open_fifo, close(openat(AT_FDCWD, "fifo", O_RDONLY)), empty())        \
    X(openat64, "open", empty, open_fifo, close(openat64(AT_FDCWD, "fifo", O_RDONLY)), empty())    \
    X(creat, "open", empty, open_fifo_to_read, close(creat("fifo", 0600)), empty())                \
    X(flock, "file lock", make_holder, nothing, flock(file, LOCK_EX), release_file())              \
    X(lockf, "file lock", make_holder, nothing, lockf(file, F_LOCK, 0), release_file())            \
    X(fcntl, "file lock", make_holder, nothing, fcntl(file, F_SETLKW, &whole), release_file())     \
    X(fcntl64, "file lock", make_holder, nothing, fcntl64(other_file, F_OFD_SETLKW, &whole),       \
      release_file())                                                                              \
    X(msgrcv, "message queue", empty, send_message, msgrcv(queue, much, 1, 0, 0), empty())         \
    X(msgsnd, "message queue", fill_queue, receive_message, msgsnd(queue, &(long[9]){1}, 64, 0),   \
      empty())                                                                                     \
    X(mq_receive, "message queue", empty, send_posix, mq_receive(posix_queue, much, 64, NULL),     \
      empty())                                                                                     \
    X(mq_timedreceive, "message queue", empty, send_posix,                                         \
      mq_timedreceive(posix_queue, much, 64, NULL, UNTIL), empty())                                \
    X(mq_send, "message queue", fill_posix, receive_posix, mq_send(posix_queue, "x", 1, 0),        \
      empty())                                                                                     \
    X(mq_timedsend, "message queue", fill_posix, receive_posix,                                    \
      mq_timedsend(posix_queue, "x", 1, 0, UNTIL), empty())                                        \
    X(aio_suspend, "I/O events", read_ahead, write_byte,                                           \
      aio_suspend(&(const struct aiocb *){&request}, 1, FOR_LONG), aio_return(&request))           \
    X(futex, "futex", empty, wake_futex, syscall(SYS_futex, &futex_word, FUTEX_WAIT, 0, NULL),     \
      empty())

#endif
