/*
 * Sockets. They fail with EINTR only where they have a time-out (socket_wait.h).
 */
#include "preload/hooked.h"
#include "preload/wait_hooks.h"

#include <sys/socket.h>
#include <sys/uio.h>

#define REAL_FUNCTIONS(X)                                                                       \
    X(ssize_t, recv, (int, void *, size_t, int))                                                \
    X(ssize_t, __recv_chk, (int, void *, size_t, size_t, int))                                  \
    X(ssize_t, recvfrom, (int, void *, size_t, int, __SOCKADDR_ARG, socklen_t *))               \
    X(ssize_t, __recvfrom_chk, (int, void *, size_t, size_t, int, __SOCKADDR_ARG, socklen_t *)) \
    X(ssize_t, recvmsg, (int, struct msghdr *, int))                                            \
    X(int, recvmmsg, (int, struct mmsghdr *, unsigned, int, struct timespec *))                 \
    X(int, sendmmsg, (int, struct mmsghdr *, unsigned, int))                                    \
    X(ssize_t, send, (int, const void *, size_t, int))                                          \
    X(ssize_t, sendto, (int, const void *, size_t, int, __CONST_SOCKADDR_ARG, socklen_t))       \
    X(ssize_t, sendmsg, (int, const struct msghdr *, int))                                      \
    X(int, accept, (int, __SOCKADDR_ARG, socklen_t *))                                          \
    X(int, accept4, (int, __SOCKADDR_ARG, socklen_t *, int))                                    \
    X(int, connect, (int, __CONST_SOCKADDR_ARG, socklen_t))                                     \
    X(int, setsockopt, (int, int, int, const void *, socklen_t))
HOOK_TABLE(socket_hooks_init)

#define RECEIVE(bytes, call)                                \
    SOCKET_IN(TRACE_WAIT_RECEIVE, false, (void)0, 0, bytes, \
              io_counts_add(fd, IO_READ, bytes, IO_COUNTS_BEHIND), call)
#define SEND(bytes, call)                               \
    SOCKET_IN(TRACE_WAIT_SEND, true, (void)0, 0, bytes, \
              io_counts_add(fd, IO_WRITE, bytes, IO_COUNTS_BEHIND), call)
#define ACCEPT(call) \
    SOCKET_IN(TRACE_WAIT_ACCEPT, false, (void)0, 0, 0, io_counts_changed(result), call)

PROFINJECT_API ssize_t recv(int fd, void *data, size_t size, int flags)
{
    FIND(recv);
    RECEIVE(hooked_bytes(result), real.recv(fd, data, size, flags));
}

PROFINJECT_API ssize_t __recv_chk(int fd, void *data, size_t size, size_t room, int flags)
{
    FIND(__recv_chk);
    RECEIVE(hooked_bytes(result), real.__recv_chk(fd, data, size, room, flags));
}

PROFINJECT_API ssize_t recvfrom(int fd, void *data, size_t size, int flags, __SOCKADDR_ARG from,
                                socklen_t *length)
{
    FIND(recvfrom);
    RECEIVE(hooked_bytes(result), real.recvfrom(fd, data, size, flags, from, length));
}

PROFINJECT_API ssize_t __recvfrom_chk(int fd, void *data, size_t size, size_t room, int flags,
                                      __SOCKADDR_ARG from, socklen_t *length)
{
    FIND(__recvfrom_chk);
    RECEIVE(hooked_bytes(result), real.__recvfrom_chk(fd, data, size, room, flags, from, length));
}

PROFINJECT_API ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
    FIND(recvmsg);
    RECEIVE(hooked_bytes(result), real.recvmsg(fd, message, flags));
}

/* The time-out is looked at after a datagram only, and the call ends with that. */
PROFINJECT_API int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags,
                            struct timespec *timeout)
{
    FIND(recvmmsg);
    RECEIVE(0, real.recvmmsg(fd, messages, count, flags, timeout));
}

PROFINJECT_API ssize_t send(int fd, const void *data, size_t size, int flags)
{
    FIND(send);
    SEND(hooked_bytes(result), real.send(fd, data, size, flags));
}

PROFINJECT_API ssize_t sendto(int fd, const void *data, size_t size, int flags,
                              __CONST_SOCKADDR_ARG to, socklen_t length)
{
    FIND(sendto);
    SEND(hooked_bytes(result), real.sendto(fd, data, size, flags, to, length));
}

PROFINJECT_API ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    FIND(sendmsg);
    SEND(hooked_bytes(result), real.sendmsg(fd, message, flags));
}

PROFINJECT_API int sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    FIND(sendmmsg);
    SEND(0, real.sendmmsg(fd, messages, count, flags));
}

PROFINJECT_API int accept(int fd, __SOCKADDR_ARG address, socklen_t *length)
{
    FIND(accept);
    ACCEPT(real.accept(fd, address, length));
}

PROFINJECT_API int accept4(int fd, __SOCKADDR_ARG address, socklen_t *length, int flags)
{
    FIND(accept4);
    ACCEPT(real.accept4(fd, address, length, flags));
}

/* The kernel goes on connecting: the second call waits for it, or finds it done. */
static int connect_on(int fd, __CONST_SOCKADDR_ARG address, socklen_t length)
{
    int saved_errno = errno;
    bool repeated = false;
    uint64_t begin_ns = socket_wait_begin();
    for (;;) {
        retry_noted = 0;
        int status = real.connect(fd, address, length);
        if (status != 0 && repeated && errno == EISCONN) {
            errno = saved_errno;
            return 0;
        }
        if (!hooked_again(status == -1, saved_errno))
            return status;
        repeated = true;
        if (!socket_wait_rest(fd, true, begin_ns)) {
            errno = errno == EAGAIN ? EINPROGRESS : errno;
            return -1;
        }
    }
}

PROFINJECT_API int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t length)
{
    FIND(connect);
    WAIT_IN(TRACE_WAIT_CONNECT, waits_descriptor(fd), 0, 0, connect_on(fd, address, length));
}

PROFINJECT_API int setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
    FIND(setsockopt);
    if (level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO))
        socket_wait_used = true;
    return real.setsockopt(fd, level, option, value, size);
}
